from django.urls import path

from .oembed import OEmbedView
from .views import EmbedView, script_view

urlpatterns = [
    path("embed/frame.js", script_view, name="live-embed-script"),
    path("embed/<str:channel_id>/", EmbedView.as_view(), name="live-embed"),
    path("oembed/", OEmbedView.as_view(), name="live-oembed"),
]

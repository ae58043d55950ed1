"""The webhooks, below the URLs of wagtail_live."""

from django.urls import path

from .views import webhook

urlpatterns = [path("hooks/<str:name>/", webhook, name="live-webhook")]

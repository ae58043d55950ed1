"""URLs for readers: ``path("wagtail_live/", include("wagtail_live.urls"))``."""

from django.urls import include, path

from .monitoring.status import status_view
from .page.feeds import AtomFeedView, JSONFeedView
from .publishers import get_urls
from .receivers.urls import urlpatterns as receiver_urls

urlpatterns = [
    *get_urls(),
    path("api/", include("wagtail_live.api.urls")),
    *receiver_urls,
    path("feed/<str:channel_id>/atom/", AtomFeedView.as_view(), name="live-atom-feed"),
    path("feed/<str:channel_id>/json/", JSONFeedView.as_view(), name="live-json-feed"),
    path("status/", status_view, name="live-status"),
]

"""URLs for readers: ``path("wagtail_live/", include("wagtail_live.urls"))``."""

from django.apps import apps
from django.urls import include, path
from wagtail.utils.urlpatterns import decorate_urlpatterns

from .delivery.activity import activity_view
from .delivery.feeds import AtomFeedView, JSONFeedView
from .delivery.key_events import key_events_view
from .delivery.responses import keep_cache_rules
from .delivery.summaries import summaries_view
from .monitoring.status import status_view
from .publishers import get_urls
from .receivers.urls import urlpatterns as receiver_urls


def get_app_urls() -> list[str]:
    """Return the URL modules of the installed apps that have a ``live_urls``."""
    configs = apps.get_app_configs()
    return [config.live_urls for config in configs if hasattr(config, "live_urls")]


urlpatterns = [
    *get_urls(),
    *(path("", include(urls)) for urls in get_app_urls()),
    *receiver_urls,
    path("feed/<str:channel_id>/atom/", AtomFeedView.as_view(), name="live-atom-feed"),
    path("feed/<str:channel_id>/json/", JSONFeedView.as_view(), name="live-json-feed"),
    path("activity/<str:channel_id>/", activity_view, name="live-activity"),
    path("key-events/<str:channel_id>/", key_events_view, name="live-key-events"),
    path("summaries/", summaries_view, name="live-summaries"),
    path("status/", status_view, name="live-status"),
]
decorate_urlpatterns(urlpatterns, keep_cache_rules)

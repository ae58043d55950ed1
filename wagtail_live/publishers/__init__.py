"""Publishers: one class for each way of delivering updates to readers."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, URLPattern, path, reverse

from .. import conf
from .event_stream import EventStreamPublisher
from .polling import IntervalPollingPublisher, LongPollingPublisher
from .websocket import WebSocketPublisher


def get_client_urls(
    channel_id: str, *, prefers_streams: bool = False, is_wsgi: bool = False
) -> dict[str, str]:
    """Return the URLs where the element ``<live-blog>`` follows a channel, in the order
    in which it tries them; empty if the site does not include our URLs.

    A page that was rendered under WSGI, where a reader who waits occupies a thread, polls
    at intervals, unless the site has chosen a publisher.
    """
    names = [LongPollingPublisher.url_name, IntervalPollingPublisher.url_name]
    publisher = conf.get_publisher()
    if issubclass(publisher, IntervalPollingPublisher):
        names = [publisher.url_name]
    elif is_wsgi and not conf.has_chosen_publisher():
        names = [IntervalPollingPublisher.url_name]
    elif issubclass(publisher, EventStreamPublisher) or prefers_streams:
        names = [EventStreamPublisher.url_name, *names]
    try:
        return {name: reverse(name, args=[channel_id]) for name in names}
    except NoReverseMatch:
        return {}


def get_urls() -> list[URLPattern]:
    """Return the URLs of the site's publisher, and of those that clients fall back to."""
    try:
        publisher = conf.get_publisher()
    except ImproperlyConfigured:  # reported by a system check; the site still starts
        publisher = LongPollingPublisher
    urls = publisher.get_urls()
    if not issubclass(publisher, LongPollingPublisher | IntervalPollingPublisher):
        urls += LongPollingPublisher.get_urls()
    for other in (EventStreamPublisher, WebSocketPublisher):
        if not issubclass(publisher, other):
            urls += other.get_urls()
    if not issubclass(publisher, IntervalPollingPublisher):
        view = IntervalPollingPublisher.as_view()
        name = IntervalPollingPublisher.url_name
        urls.append(path("poll/<str:channel_id>/", view, name=name))
    return urls

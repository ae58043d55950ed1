"""Publishers: one class for each way of delivering updates to readers."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, path

from .. import conf


def get_urls() -> list[URLPattern]:
    """The URLs of the site's publisher, and of those that its client falls back to."""
    from .event_stream import EventStreamPublisher
    from .polling import IntervalPollingPublisher, LongPollingPublisher
    from .websocket import WebSocketPublisher

    try:
        publisher = conf.get_publisher()
    except ImproperlyConfigured:  # a system check says so; the site still starts
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

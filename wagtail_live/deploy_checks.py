"""What ``manage.py check --deploy`` tells of a site that is to serve many readers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from . import conf
from .bus import get_bus
from .publishers.event_stream import EventStreamPublisher
from .publishers.websocket import WebSocketPublisher

LONGEST_LOOK = (
    1.0  # seconds that an update may be late everywhere but where it is written
)
SHORTEST_PROXY = 30.0  # seconds: Heroku's, CloudFront's and others' limit


@checks.register("wagtail_live", deploy=True)
def check_bus_reaches_others(app_configs: Any, **kwargs: Any) -> list:
    try:
        bus = get_bus()
    except ImproperlyConfigured:
        return []  # E006 says so
    if bus.listens or bus.look_interval <= LONGEST_LOOK:
        return []
    return [
        checks.Warning(
            f"{type(bus).__name__} works in one process only: readers in other processes "
            f"get updates up to {bus.look_interval:g} s late.",
            hint="Leave WAGTAIL_LIVE_BUS out, or set it to PostgresBus or RedisBus.",
            id="wagtail_live.W004",
        )
    ]


@checks.register("wagtail_live", deploy=True)
def check_timeout_passes_proxies(app_configs: Any, **kwargs: Any) -> list:
    try:
        timeout = conf.get_polling_timeout()
    except ImproperlyConfigured:
        return []  # E001 says so
    if timeout < SHORTEST_PROXY:
        return []
    return [
        checks.Warning(
            f"WAGTAIL_LIVE_POLLING_TIMEOUT is {timeout:g} s; common proxies give up on an "
            f"answer after {SHORTEST_PROXY:g} s.",
            hint="Leave it out for the default of 25 s, unless you know your proxies.",
            id="wagtail_live.W005",
        )
    ]


@checks.register("wagtail_live", deploy=True)
def check_streams_have_asgi(app_configs: Any, **kwargs: Any) -> list:
    try:
        publisher = conf.get_publisher()
    except ImproperlyConfigured:
        return []  # E003 says so
    needs_asgi = issubclass(publisher, EventStreamPublisher | WebSocketPublisher)
    if not needs_asgi or getattr(settings, "ASGI_APPLICATION", None):
        return []
    return [
        checks.Warning(
            f"{publisher.__name__} needs ASGI, and the site names only a "
            "WSGI_APPLICATION: under WSGI its readers poll.",
            hint="Serve the site with an ASGI server and set ASGI_APPLICATION, or leave "
            "WAGTAIL_LIVE_PUBLISHER out.",
            id="wagtail_live.W006",
        )
    ]

"""The status of a site's live blogs, for operators and monitoring."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from wagtail import hooks

from .. import __version__, conf, cursors
from ..bus import get_bus
from ..bus.base import BaseBus
from ..delivery.hub import get_hub
from ..engines.base import BaseEngine
from ..models import Channel, ChannelState, FailedDelivery, LivePost
from .counters import counters

PERMISSION = "wagtail_live.view_channel"
OVERDUE_AFTER = timedelta(minutes=2)
PROBE_ID = "wagtail-live-status"  # not the id of a channel
PROBE_TIMEOUT = 3.0  # seconds


def get_status() -> dict[str, Any]:
    """Return the status of the site and of this process: four small queries."""
    readers = get_hub().readers_by_channel()
    posts, bus = describe_posts(), describe_bus(get_bus())
    return {
        "ok": bus["state"] != "away" and not posts["overdue"],
        "version": __version__,
        "channels": describe_channels(),
        "posts": posts,
        "hub": {
            "readers": sum(readers.values()),
            "channels": len(readers),
            "updates": counters.updates,
            "refused_readers": counters.refused_readers,
            "last_error": counters.describe_error("hub"),
        },
        "bus": bus,
        "engine": describe_engine(conf.get_engine()),
    }


def describe_channels() -> dict[str, Any]:
    channels = Channel.objects.order_by()
    by_state = dict(channels.values_list("state").annotate(Count("pk")))
    latest = channels.aggregate(latest=Max("last_updated_at"))["latest"]
    return {
        **{state.value: by_state.get(state.value, 0) for state in ChannelState},
        "last_update": latest and latest.isoformat(),
    }


def describe_posts() -> dict[str, int]:
    """Count posts; scheduled posts are ``overdue`` two minutes after their time."""
    return {
        "scheduled": LivePost.objects.scheduled().count(),
        "overdue": LivePost.objects.due(cursors.now() - OVERDUE_AFTER).count(),
        "failed_deliveries": FailedDelivery.objects.count(),
    }


def describe_bus(bus: BaseBus) -> dict[str, Any]:
    """Return the state of the bus, which connects only while readers wait here."""
    state = "looking"
    if bus.listens:
        waits = get_hub().count_readers() > 0
        state = "connected" if bus.is_connected else "away" if waits else "idle"
    elif type(bus) is BaseBus:
        state = "away"  # the setting is wrong: see ``get_bus``
    return {
        "class": type(bus).__name__,
        "state": state,
        "look_interval": bus.look_interval,
        "connects": counters.bus_connects,
        "last_error": counters.describe_error("bus"),
    }


def describe_engine(engine: BaseEngine | None) -> dict[str, Any] | None:
    """Return the push engine, if one is set, and why this process could not publish."""
    if engine is None:
        return None
    return {
        "class": type(engine).__name__,
        "servers": len(engine.servers),
        "last_error": counters.describe_error("engine"),
    }


def probe_bus() -> dict[str, Any]:
    """Connect to the bus, send a test message and wait for it.

    Takes six seconds at most. ``lag`` is in seconds.
    """
    bus_class, location, options = conf.get_bus_configuration()
    bus = bus_class(location, options)
    if not bus.listens:
        return {"state": "looking", "lag": bus.look_interval}
    connected, heard = threading.Event(), threading.Event()

    def notify(channel_id: str | None = None, cursor: datetime | None = None) -> None:
        if channel_id in (None, PROBE_ID):
            (heard if channel_id else connected).set()

    bus.start(notify)
    try:
        if not connected.wait(PROBE_TIMEOUT):
            return {"state": "away", "lag": bus.look_interval}
        start = time.monotonic()
        with transaction.atomic():
            bus.announce(PROBE_ID, cursors.now(), using=DEFAULT_DB_ALIAS)
        if not heard.wait(PROBE_TIMEOUT):
            return {"state": "deaf", "lag": bus.look_interval}
        return {"state": "connected", "lag": round(time.monotonic() - start, 4)}
    finally:
        bus.stop()


@hooks.register("register_permissions")
def register_permission() -> QuerySet[Permission]:
    """Offer the permission to see the status in the group form."""
    app_label, codename = PERMISSION.split(".")
    return Permission.objects.filter(
        content_type__app_label=app_label, codename=codename
    )


@never_cache
def status_view(request: HttpRequest) -> JsonResponse:
    """Return ``get_status`` as JSON, with status 503 if something is wrong.

    Users need the permission to view channels.
    """
    user = getattr(request, "user", None)
    if user is None or not user.has_perm(PERMISSION):
        return JsonResponse(
            {"error": f"You need the permission {PERMISSION}."}, status=403
        )
    status = get_status()
    return JsonResponse(status, status=200 if status["ok"] else 503)

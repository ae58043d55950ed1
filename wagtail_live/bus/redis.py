"""A bus over the publish/subscribe of Redis or Valkey."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.core import checks

from .base import BaseBus

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT = 1.0  # seconds
HEALTH_CHECK_INTERVAL = 5.0
STOP_CHECK_INTERVAL = 0.5
DEFAULT_LOCATION = "redis://127.0.0.1:6379/0"


class RedisBus(BaseBus):
    """Publishes after the commit. ``LOCATION`` is the server's URL (default
    ``redis://127.0.0.1:6379/0``), ``OPTIONS["channel"]`` the name of the channel
    (default ``"wagtail_live"``)."""

    @property
    def channel(self) -> str:
        return self.options.get("channel", "wagtail_live")

    @cached_property
    def _client(self) -> Redis:
        import redis

        return redis.Redis.from_url(
            self.location or DEFAULT_LOCATION,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            health_check_interval=HEALTH_CHECK_INTERVAL,
        )

    def publish(self, message: str) -> None:
        self._client.publish(self.channel, message)

    def listen(self, stopping: threading.Event) -> Iterator[str | None]:
        with self._client.pubsub(ignore_subscribe_messages=False) as subscription:
            subscription.subscribe(self.channel)
            while not stopping.is_set():
                message = subscription.get_message(timeout=STOP_CHECK_INTERVAL)
                if message is None:
                    yield ""
                elif message["type"] == "subscribe":
                    yield None
                elif message["type"] == "message":
                    yield message["data"]

    def check(self) -> list[checks.CheckMessage]:
        error = self._find_error()
        return [checks.Error(*error, id="wagtail_live.E008")] if error else []

    def _find_error(self) -> tuple[str, str] | None:
        """Return the error in the settings and a hint."""
        if find_spec("redis") is None:
            return "RedisBus needs the package redis.", 'Install "wagtail-live[redis]".'
        try:
            self._client  # noqa: B018 (parses LOCATION without connecting)
        except ValueError as error:
            return (
                f"RedisBus can't read its LOCATION: {error}",
                f"Set LOCATION to a URL such as {DEFAULT_LOCATION}.",
            )
        return None

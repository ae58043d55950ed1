"""The HTTP protocol class for uvicorn that answers long polls itself."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

try:
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError as error:
    raise ImportError(
        "LongPollProtocol needs uvicorn and httptools. Install uvicorn[standard]."
    ) from error

from . import transports
from .rounds import watchdog

if TYPE_CHECKING:
    from .polls import Poll

STOP_TIME = 3.0  # seconds, so that readers don't reconnect all at once

logger = logging.getLogger("wagtail_live.delivery")


class LongPollProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which answers long polls of public channels without a task.

    Every other request is left to uvicorn, and so is a poll while there is anything
    unusual about it or about the connection.
    """

    # The application, if there is nothing around it that has to see all requests. Set by
    # wagtail_live.asgi, as uvicorn loads this class before the apps.
    middleware_class: type | None = None

    def __init__(self, *args: Any, **options: Any):
        self.poll: Poll | None = None
        self.is_stopping = False
        self._is_in_message = False
        self._idle_since: float | None = None  # after a poll
        self._unsent, self._unsent_since = 0, 0.0
        super().__init__(*args, **options)
        self._begin = find_begin(self.app, self.middleware_class)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        watchdog.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        watchdog.discard(self)
        if self.poll:
            self.poll.leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_idle = self._idle_since is not None  # uvicorn has seen nothing since
        self._idle_since = None
        if self.poll:  # a client that doesn't wait for the answer
            self.leave_to_uvicorn(self.poll.leave() + data)
        elif (
            self._begin
            and (was_idle or self._is_between_requests())
            and self._may_respond()
            and self._begin(self, data)
        ):
            if self.cycle is not None:  # a request before
                self._unset_keepalive_if_required()
                # Memory that uvicorn keeps until the next request.
                self.cycle = self.scope = self.headers = None  # type: ignore[assignment]
        else:
            super().data_received(data)

    def _is_between_requests(self) -> bool:
        """Return whether the next byte begins a request, and nothing else is going on."""
        return (
            not self._is_in_message
            and (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.transport.is_closing()
        )

    def _may_respond(self) -> bool:
        """Return whether the reader reads, and uvicorn would not refuse the request."""
        limit = self.limit_concurrency
        has_room = limit is None or max(len(self.connections), len(self.tasks)) < limit
        return has_room and not self.transport.get_write_buffer_size()

    def on_message_begin(self) -> None:
        self._is_in_message = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._is_in_message = False
        super().on_message_complete()

    def respond(self, poll: Poll, status: int, data: bytes, *, close: bool) -> None:
        if self.transport.is_closing():
            return
        if self.access_log:
            self._log(poll, status)
        self.transport.write(data)
        self.server_state.total_requests += 1
        if close:
            self.transport.close()
        else:
            self._idle_since = self.loop.time()

    def leave_to_uvicorn(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_stopping:
            super().shutdown()

    def shutdown(self) -> None:
        if self.poll is None:
            return super().shutdown()
        self.is_stopping = True
        self.loop.call_later(random.uniform(0, STOP_TIME), self.poll.take, None)  # noqa: S311

    def handle_websocket_upgrade(self) -> None:
        watchdog.discard(self)  # uvicorn's protocol for WebSockets takes over
        super().handle_websocket_upgrade()

    def look(self, now: float) -> None:
        """End what has taken too long: a poll, the pause after it, and the connection of
        a reader who doesn't read."""
        if self.poll:
            if now >= self.poll.deadline:
                self.poll.take(None)
            return
        if self._idle_since and now - self._idle_since >= self.timeout_keep_alive:
            self.timeout_keep_alive_handler()
        if self.cycle is None or self.cycle.response_complete:
            unsent = self.transport.get_write_buffer_size()
            if unsent != self._unsent:
                self._unsent, self._unsent_since = unsent, now
            elif unsent and now - self._unsent_since > transports.SEND_TIMEOUT:
                self.transport.abort()

    def _log(self, poll: Poll, status: int) -> None:
        """Write the line that uvicorn would write."""
        client = poll.headers.client or self.client
        _, target, _ = poll.first.data.decode().split(" ")
        self.access_logger.info(
            '%s - "%s %s HTTP/%s" %d',
            "{}:{}".format(*client) if client else "",
            "GET",
            quote(self.root_path) + target,
            "1.1",
            status,
        )


@lru_cache
def find_begin(app: Any, middleware_class: type | None) -> Callable | None:
    """Return the function that takes polls, unless something around the middleware has to
    see all requests."""
    proxy = app if isinstance(app, ProxyHeadersMiddleware) else None
    inner: Any = app.app if proxy else app
    if type(inner) is not middleware_class:
        logger.warning(
            "LongPollProtocol leaves all requests to uvicorn: the application is not a "
            "LiveUpdatesMiddleware. Wrap other ASGI middleware in it."
        )
        return None
    # Imported here, because uvicorn loads this class before the apps are loaded.
    from .polls import begin

    return partial(begin, proxy=proxy)

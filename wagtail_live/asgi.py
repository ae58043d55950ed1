"""ASGI middleware: ``application = LiveUpdatesMiddleware(get_asgi_application())``.

``LongPollProtocol`` is for large sites with long polls: ``uvicorn site.asgi:application
--http wagtail_live.asgi:LongPollProtocol``.
"""

from collections.abc import Callable
from typing import Any


class LiveUpdatesMiddleware:
    """Wraps an ASGI application and answers long polls, event streams and WebSockets
    before Django's request stack."""

    def __init__(self, app: Callable):
        # Imported here, because the apps are not loaded before there is an application.
        from .delivery.asgi import collect_garbage_less_often, serve

        self.app = app
        self._serve = serve
        collect_garbage_less_often()

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        await self._serve(self.app, scope, receive, send)


def __getattr__(name: str) -> Any:
    if name == "LongPollProtocol":
        # Imported here, because it needs uvicorn, and only with that server.
        from .delivery.protocol import LongPollProtocol

        LongPollProtocol.middleware_class = LiveUpdatesMiddleware
        return LongPollProtocol
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

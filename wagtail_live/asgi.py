"""ASGI middleware: ``application = LiveUpdatesMiddleware(get_asgi_application())``."""

from collections.abc import Callable


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

"""``application = LiveUpdatesMiddleware(get_asgi_application())``."""

from collections.abc import Callable


class LiveUpdatesMiddleware:
    """Wraps an ASGI application and answers long polls, event streams and WebSockets
    before Django's request stack."""

    def __init__(self, app: Callable):
        # Needs the apps, which Django has loaded once there is an application; the module
        # itself can be imported before.
        from .delivery import asgi as serving

        self.app = app
        self._serve = serving.serve
        serving.collect_garbage_less_often()

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        await self._serve(self.app, scope, receive, send)

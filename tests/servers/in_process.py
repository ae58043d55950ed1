"""Event loops and a server in threads of the test process, which tests can inspect."""

import asyncio
import threading

import uvicorn
from django.core.asgi import get_asgi_application

from tests.servers.process import wait_until

TIMEOUT = 60  # seconds
VERSION = tuple(map(int, uvicorn.__version__.split(".")[:2]))
TAKES_PROTOCOL_CLASSES = VERSION >= (0, 36)  # by the option --http


class LoopThread:
    """An event loop in its own thread."""

    def __init__(self, loop=None):
        self.loop = loop or asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self.run(cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(TIMEOUT)
        self.loop.close()

    def start(self, coroutine):
        """Run in the loop and return a future of the result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def run(self, coroutine):
        return self.start(coroutine).result(TIMEOUT)


async def cancel_all():
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class SiteInProcess:
    """The site under uvicorn, with the settings at its start.

    ``wrap`` wraps Django's application; ``options`` go to uvicorn. Without ``counts``
    nothing else is around that application, and ``requests`` stays empty.
    """

    def __init__(self, wrap=lambda application: application, *, counts=True, **options):
        self.requests = []
        self._application = wrap(get_asgi_application())
        config = uvicorn.Config(
            self._count if counts else self._application,
            host="127.0.0.1",
            port=0,
            interface="asgi3",
            lifespan="off",
            log_level="critical",
            timeout_graceful_shutdown=1,
            **options,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self):
        self._thread.start()
        wait_until(lambda: self._server.started)
        (listener,) = self._server.servers
        self.listener = listener.sockets[0]
        self.port = self.listener.getsockname()[1]
        return self

    def __exit__(self, *exception):
        self._server.should_exit = True
        self._thread.join(TIMEOUT)

    async def _count(self, scope, receive, send):
        self.requests.append(scope.get("method", scope["type"]))
        await self._application(scope, receive, send)

    def stop(self):
        """Let uvicorn stop as on a signal, but not wait for it."""
        self._server.should_exit = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self):
        """The connections and the tasks of uvicorn."""
        return self._server.server_state

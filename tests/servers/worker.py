"""gunicorn's worker with the protocol class for long polls, as documented."""

from uvicorn_worker import UvicornWorker


class LongPollWorker(UvicornWorker):
    CONFIG_KWARGS = {
        **UvicornWorker.CONFIG_KWARGS,
        "http": "wagtail_live.asgi:LongPollProtocol",
    }

"""The ways in which readers follow a page: all transports, and Django's own views."""

from dataclasses import dataclass

from tests.load import wire
from tests.load.readers import (
    EventStream,
    LongPoll,
    Reader,
    TurnedAway,
    WebSocket,
    check_status,
    get_request,
)

NOT_MODIFIED = 304


class FullLongPoll(LongPoll):
    """A reader of the full wire format, with ``currentPosts``."""

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self.path = f"{path}?last_update_ts="


class IntervalPoll(LongPoll):
    """Polls on a new connection after each interval, with the ``ETag``."""

    interval = 0.5  # seconds

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self._etag = ""

    def request(self) -> bytes:
        condition = f"If-None-Match: {self._etag}\r\n" if self._etag else ""
        return get_request(self.path + self.cursor, self.headers + condition)

    def feed(self, data: bytes, at: int) -> bytes:
        self._rest += data
        response = wire.parse_response(self._rest)
        if response is None:
            return b""
        if response.status != NOT_MODIFIED:
            check_status(response)
            self.take(self.decode(response.body), at)
            self._etag = response.headers[b"etag"].decode()
        raise TurnedAway(response.status, retry_after=self.interval)


@dataclass(frozen=True)
class Transport:
    """A way to follow; each of the ``headers`` ends with a line break."""

    reader_class: type[Reader]
    path: str
    headers: str = ""

    def reader(self, channel_id: str, cursor: str, headers: str = "") -> Reader:
        path = f"/wagtail_live/{self.path}/{channel_id}/"
        return self.reader_class(path, cursor, headers=self.headers + headers)


BY_DJANGO = "X-Without-Middleware: 1\r\n"
BY_SEND = "X-Wrap-Send: 1\r\n"

TRANSPORTS = {
    "long-poll": Transport(LongPoll, "get-updates"),
    "long-poll-full": Transport(FullLongPoll, "get-updates"),
    "long-poll-by-django": Transport(LongPoll, "get-updates", BY_DJANGO),
    "event-stream": Transport(EventStream, "stream"),
    "event-stream-by-send": Transport(EventStream, "stream", BY_SEND),
    "event-stream-by-django": Transport(EventStream, "stream", BY_DJANGO),
    "websocket": Transport(WebSocket, "socket"),
    "interval-poll": Transport(IntervalPoll, "poll"),
}

# What a crowd is made of: interval polls cost a request to Django each.
LIVE = ["long-poll", "event-stream", "websocket"]
MIXED = [*LIVE, *LIVE, *LIVE, "interval-poll"]

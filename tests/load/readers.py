"""Clients of each way of delivery, without sockets: bytes in, bytes out.

A reader starts at its ``cursor``, keeps it up to date, and so resumes on another
connection where it was.
"""

import base64
import hashlib
import os
from functools import lru_cache

from tests.load import wire
from tests.load.payloads import Payload, decode_updates

WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSED_FOR_GOOD = 4404
NEVER = {404, 410}


class TurnedAway(Exception):
    """The server closed the connection with an answer that has no updates."""

    def __init__(self, status: int, retry_after: float | None = None):
        super().__init__(status)
        self.status = status
        self.retry_after = retry_after
        self.is_final = status in NEVER


class UpdateMissing(Exception):
    """An update did not come, so the reader connects again to get it."""


class Reader:
    """One client that follows one channel.

    ``log`` holds what it received: payloads, each with its time of arrival in
    nanoseconds. ``is_waiting`` says whether the server has taken the reader in, as far
    as the protocol tells.
    """

    def __init__(
        self, path: str, cursor: str = "", *, headers="", decode=decode_updates
    ):
        self.path = path
        self.cursor = cursor
        self.headers = headers
        self.decode = decode
        self.log: list[tuple[Payload, int]] = []
        self.latest = 0
        self.is_waiting = False
        self.connects = 0
        self.turned_away: list[int] = []
        self._rest = b""

    def connected(self) -> bytes:
        """Start on a new connection; return the data to send first."""
        self.connects += 1
        self._rest = b""
        return self.request()

    def request(self) -> bytes:
        return shared_request(self.path + self.cursor, self.headers)

    def feed(self, data: bytes, at: int) -> bytes:
        """Process received data; return the data to send. Raise ``TurnedAway`` at the end."""
        raise NotImplementedError

    def take(self, payload: Payload, at: int) -> None:
        if payload.cursor:
            self.cursor = payload.cursor
        if payload.is_news:
            self.log.append((payload, at))
            for update in payload.updates:
                if update.mark and update.mark.number > self.latest:
                    self.latest = update.mark.number


class LongPoll(Reader):
    """A long poll in the lean form; asks again as soon as it is answered."""

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self.path += "?delta=1&last_update_ts="

    def connected(self) -> bytes:
        # HTTP has no sign that a poll has been accepted.
        self.is_waiting = True
        return super().connected()

    def feed(self, data: bytes, at: int) -> bytes:
        if self._rest:
            data = self._rest + data
        response = wire.parse_response(data)
        if response is None:
            self._rest = data
            return b""
        self._rest = b""
        check_status(response)
        self.take(self.decode(response.body), at)
        self.follow(response)
        return self.request()

    def follow(self, response: wire.Response) -> None:
        """Take the cursor from the headers if it is not in the body."""


class NchanLongPoll(LongPoll):
    """nchan's long poll, whose cursor is a pair of headers."""

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self.path = path

    def request(self) -> bytes:
        return shared_request(self.path, self.cursor)

    def follow(self, response: wire.Response) -> None:
        modified = response.headers[b"last-modified"].decode()
        tag = response.headers[b"etag"].decode()
        self.cursor = f"If-Modified-Since: {modified}\r\nIf-None-Match: {tag}\r\n"


class Stream(Reader):
    """A connection on which everything after the headers is updates."""

    accepted = 200

    def connected(self) -> bytes:
        self.is_waiting = False
        return super().connected()

    def feed(self, data: bytes, at: int) -> bytes:
        if self.is_waiting:
            return self.take_stream(data, at)
        data = self._rest + data
        head = wire.parse_head(data)
        if head is None:
            self._rest = data
            return b""
        check_status(head, self.accepted)
        self._rest = b""
        self.started(head)
        self.is_waiting = True
        return self.take_stream(data[head.size :], at)

    def started(self, head: wire.Head) -> None:
        """Check the headers of the answer."""

    def take_stream(self, data: bytes, at: int) -> bytes:
        raise NotImplementedError


class EventStream(Stream):
    """Server-sent events; resumes by ``Last-Event-ID``, and starts by the same.

    Push engines may lose events, so a gap is noticed as the reader's page does.
    """

    def request(self) -> bytes:
        resume = f"Last-Event-ID: {self.cursor}\r\n" if self.cursor else ""
        headers = f"Accept: text/event-stream\r\n{resume}{self.headers}"
        return shared_request(self.path, headers)

    def started(self, head: wire.Head) -> None:
        self._is_chunked = head.is_chunked
        self._text = b""

    def take_stream(self, data: bytes, at: int) -> bytes:
        events = None
        if not self._rest and not self._text:
            events = wire.parse_whole_events(data, self._is_chunked)
        if events is None:
            events = self._parse(data)
        for event in events:
            if event.kind == "gone":
                raise TurnedAway(404)
            payload = self.decode(event.data)
            if payload.previous and float(payload.previous) > float(self.cursor or 0):
                raise UpdateMissing
            self.take(payload, at)
            if event.identifier:
                self.cursor = event.identifier
        return b""

    def _parse(self, data: bytes) -> list[wire.Event]:
        if self._is_chunked:
            data, self._rest, _ = wire.take_chunks(self._rest + data)
        events, self._text = wire.take_events(self._text + data)
        return events


class WebSocket(Stream):
    """Text frames in the lean form of the wire format."""

    accepted = 101

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self.path += "?delta=1&last_update_ts="
        self.close_codes: list[int] = []

    def request(self) -> bytes:
        self._key = base64.b64encode(os.urandom(16))
        headers = (
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\n{self.headers}"
        )
        return get_request(self.path + self.cursor, headers)

    def started(self, head: wire.Head) -> None:
        digest = hashlib.sha1(self._key + WEBSOCKET_GUID).digest()
        if head.headers.get(b"sec-websocket-accept") != base64.b64encode(digest):
            raise wire.ProtocolError("the server did not accept the key that was sent")

    def take_stream(self, data: bytes, at: int) -> bytes:
        frames = None if self._rest else wire.parse_whole_frames(data)
        if frames is None:
            frames, self._rest = wire.take_frames(self._rest + data)
        return b"".join(self._take_frame(frame, at) for frame in frames)

    def _take_frame(self, frame: wire.Frame, at: int) -> bytes:
        if frame.opcode == wire.TEXT:
            self.take(self.decode(frame.payload), at)
        elif frame.opcode == wire.PING:
            return wire.masked_frame(wire.PONG, frame.payload)
        elif frame.opcode == wire.CLOSE:
            code = int.from_bytes(frame.payload[:2], "big")
            self.close_codes.append(code)
            if code == CLOSED_FOR_GOOD:
                raise TurnedAway(404)
            return wire.masked_frame(wire.CLOSE, frame.payload[:2])
        return b""


class NchanWebSocket(WebSocket):
    """nchan's messages in text frames."""

    def __init__(self, path: str, cursor: str = "", **options):
        super().__init__(path, cursor, **options)
        self.path = path


def check_status(answer: wire.Head | wire.Response, expected: int = 200) -> None:
    if answer.status != expected:
        retry_after = answer.headers.get(b"retry-after")
        raise TurnedAway(answer.status, retry_after and float(retry_after))


def get_request(target: str, headers: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


# The request of thousands of readers at the same cursor.
shared_request = lru_cache(maxsize=1024)(get_request)

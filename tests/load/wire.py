"""HTTP/1.1, event streams and WebSocket frames, as far as a reader needs them.

Servers send the same bytes to all readers, so whatever arrives in one piece is parsed
once and remembered.
"""

import os
from functools import lru_cache
from typing import NamedTuple

REMEMBERED = 1024
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class ProtocolError(Exception):
    """The server sent invalid data."""


class Head(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    size: int

    @property
    def is_chunked(self) -> bool:
        return self.headers.get(b"transfer-encoding", b"").lower() == b"chunked"


class Response(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Event(NamedTuple):
    identifier: str
    kind: str
    data: bytes


class Frame(NamedTuple):
    opcode: int
    payload: bytes


@lru_cache(REMEMBERED)
def parse_head(data: bytes) -> Head | None:
    """Return the headers of a response; ``None`` until they are complete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    status_line, *lines = data[:end].split(b"\r\n")
    version, _, rest = status_line.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ProtocolError(f"no status line: {status_line[:80]!r}")
    fields = (line.partition(b":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    return Head(int(rest[:3]), headers, end + 4)


@lru_cache(REMEMBERED)
def parse_response(data: bytes) -> Response | None:
    """Return a response with its body; ``None`` until it is complete."""
    head = parse_head(data)
    if head is None:
        return None
    rest = data[head.size :]
    if head.is_chunked:
        body, rest, is_complete = take_chunks(rest)
    else:
        length = int(head.headers.get(b"content-length", 0))
        body, rest, is_complete = rest[:length], rest[length:], len(rest) >= length
    if not is_complete:
        return None
    if rest:
        raise ProtocolError(f"bytes after the end of a response: {rest[:80]!r}")
    return Response(head.status, head.headers, body)


def take_chunks(data: bytes) -> tuple[bytes, bytes, bool]:
    """Return the content of complete chunks, the rest, and true after the last chunk."""
    content = []
    while (end := data.find(b"\r\n")) >= 0:
        size = int(data[:end].partition(b";")[0], 16)
        start = end + 2
        if len(data) < start + size + 2:
            break
        content.append(data[start : start + size])
        data = data[start + size + 2 :]
        if size == 0:
            return b"".join(content), data, True
    return b"".join(content), data, False


def take_events(text: bytes) -> tuple[list[Event], bytes]:
    """Return the complete events of a stream that have data, and the rest."""
    *blocks, rest = text.split(b"\n\n")
    events = (parse_event(block) for block in blocks)
    return [event for event in events if event.data], rest


def parse_event(block: bytes) -> Event:
    identifier, kind, data = b"", b"message", []
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id":
            identifier = value
        elif name == b"event":
            kind = value
        elif name == b"data":
            data.append(value)
    return Event(identifier.decode(), kind.decode(), b"\n".join(data))


@lru_cache(REMEMBERED)
def parse_whole_events(data: bytes, is_chunked: bool) -> list[Event] | None:
    """Return the events of data that ends with an event; otherwise ``None``."""
    is_last = False
    if is_chunked:
        data, rest, is_last = take_chunks(data)
        if rest:
            return None
    events, rest = take_events(data)
    return None if rest or is_last else events


def take_frames(data: bytes) -> tuple[list[Frame], bytes]:
    """Return the complete frames that a server sent, and the rest."""
    frames = []
    while len(data) >= 2:
        if data[0] & 0x70 or not data[0] & 0x80 or data[1] & 0x80:
            raise ProtocolError(f"a reserved, continued or masked frame: {data[:2]!r}")
        size, start = data[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            break
        frames.append(Frame(data[0] & 0xF, data[start : start + size]))
        data = data[start + size :]
    return frames, data


@lru_cache(REMEMBERED)
def parse_whole_frames(data: bytes) -> list[Frame] | None:
    """Return the frames of data that ends with a frame; otherwise ``None``."""
    frames, rest = take_frames(data)
    return None if rest else frames


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """Return a short frame, masked as clients must."""
    if len(payload) > 125:
        raise ProtocolError("a control frame has at most 125 bytes")
    mask = os.urandom(4)
    covered = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + covered

"""Readers understand data that arrives in pieces of any size."""

import base64
import hashlib
import json

import pytest

from tests.load import wire
from tests.load.marks import find_marks, marked_text
from tests.load.readers import (
    WEBSOCKET_GUID,
    EventStream,
    LongPoll,
    NchanLongPoll,
    TurnedAway,
    UpdateMissing,
    WebSocket,
)

ONE, TWO = marked_text(1), marked_text(2)


def lean(text, cursor):
    post = {"show": True, "content": f"<p>{text}</p>"}
    answer = {"updates": {"post": post}, "removals": [], "lastUpdateTimestamp": cursor}
    return json.dumps(answer).encode()


def response(body, *headers):
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*bodies):
    return b"".join(b"%x\r\n%b\r\n" % (len(body), body) for body in bodies)


def event_stream(*events):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + chunked(b"retry: 1000\n\n", *events)


def event(text, cursor):
    return b"id: %r\ndata: %b\n\n" % (cursor, lean(text, cursor))


def frame(opcode, payload):
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + payload


def feed(reader, data, size):
    """Give the reader pieces of this size; return all that it sends."""
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    return b"".join(reader.feed(piece, at=1) for piece in pieces)


def numbers(reader):
    return [
        update.mark.number for payload, _ in reader.log for update in payload.updates
    ]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_long_poll_follows_the_cursor(size):
    reader = LongPoll("/follow/", "0.5")
    assert b"GET /follow/?delta=1&last_update_ts=0.5 " in reader.connected()
    again = feed(reader, response(lean(ONE, 1.5)), size)
    assert b"last_update_ts=1.5 " in again
    time_out = b'{"timeOutReached":"Timeout duration reached."}'
    assert feed(reader, response(time_out), size) == again
    feed(reader, response(lean(TWO, 2.5)), size)
    assert numbers(reader) == [1, 2]
    assert (reader.latest, reader.cursor) == (2, "2.5")


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_chunked_answer_is_put_together(size):
    reader = LongPoll("/follow/", "0.5")
    reader.connected()
    body = lean(ONE, 1.5)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    feed(reader, head + chunked(body[:100], body[100:], b""), size)
    assert numbers(reader) == [1]


def test_nchan_tells_its_cursor_by_headers():
    reader = NchanLongPoll("/follow")
    assert b"If-" not in reader.connected()
    answer = response(lean(ONE, 1.5), b"Last-Modified: Mon, 1 Jan", b"Etag: 7")
    again = reader.feed(answer, at=1)
    assert b"If-Modified-Since: Mon, 1 Jan\r\nIf-None-Match: 7\r\n" in again


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_an_event_stream_resumes_after_its_last_event(size):
    reader = EventStream("/stream/", "0.5")
    assert b"Last-Event-ID: 0.5\r\n" in reader.connected()
    feed(reader, event_stream(event(ONE, 1.5), b":\n\n", event(TWO, 2.5)), size)
    assert numbers(reader) == [1, 2]
    assert b"Last-Event-ID: 2.5\r\n" in reader.connected()
    feed(reader, event_stream(), size)
    assert reader.is_waiting


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_websocket_takes_frames_and_answers_pings(size):
    reader = WebSocket("/socket/", "0.5")
    key = wire_key(reader.connected())
    digest = base64.b64encode(hashlib.sha1(key + WEBSOCKET_GUID).digest())
    head = b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: %b\r\n\r\n" % digest
    frames = [frame(wire.PING, b"ping"), frame(wire.TEXT, lean(ONE, 1.5))]
    sent = feed(reader, head + b"".join(frames), size)
    assert (sent[0] & 0xF, unmasked(sent)) == (wire.PONG, b"ping")
    assert numbers(reader) == [1]
    feed(reader, frame(wire.TEXT, b"{}") + frame(wire.CLOSE, b"\x03\xe9"), size)
    assert reader.close_codes == [1001]
    assert b"last_update_ts=1.5 " in reader.connected()


def wire_key(request):
    return request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]


def unmasked(frame):
    mask = frame[2:6]
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(frame[6:]))


def test_a_websocket_needs_the_answer_to_its_key():
    reader = WebSocket("/socket/")
    reader.connected()
    with pytest.raises(wire.ProtocolError, match="did not accept the key"):
        reader.feed(b"HTTP/1.1 101 Switching\r\n\r\n", at=1)


@pytest.mark.parametrize("reader_class", [LongPoll, EventStream, WebSocket])
def test_a_refused_reader_gets_the_reason_and_retry_after(reader_class):
    reader = reader_class("/follow/", "0.5")
    reader.connected()
    with pytest.raises(TurnedAway) as end:
        reader.feed(b"HTTP/1.1 503 Busy\r\nRetry-After: 10\r\n\r\n", at=1)
    assert (end.value.status, end.value.retry_after) == (503, 10)
    assert not end.value.is_final
    reader.connected()
    with pytest.raises(TurnedAway) as end:
        reader.feed(b"HTTP/1.1 404 Not Found\r\n\r\n", at=1)
    assert end.value.is_final


def test_an_unknown_response_is_an_error():
    with pytest.raises(wire.ProtocolError, match="no status line"):
        wire.parse_response(b"SSH-2.0-Open\r\n\r\n")
    with pytest.raises(wire.ProtocolError, match="after the end"):
        wire.parse_response(response(b"one") + b"two")
    with pytest.raises(wire.ProtocolError, match="masked"):
        wire.take_frames(b"\x81\x80")


def test_a_mark_is_found_in_a_text_of_the_wanted_size():
    text = marked_text(12, size=700)
    assert len(text) == 700
    assert [mark.number for mark in find_marks(f"<p>{text}</p>")] == [12]


def test_a_reader_of_events_notices_that_one_is_missing():
    reader = EventStream("/stream/", "1.5")
    reader.connected()
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", at=1)
    body = '{"updates": {}, "removals": ["7"], "lastUpdateTimestamp": %s, '
    event = f'id: %s\ndata: {body}"previousUpdateTimestamp": %s}}\n\n'
    reader.feed((event % ("2.5", "2.5", "1.5")).encode(), at=2)
    with pytest.raises(UpdateMissing):
        reader.feed((event % ("4.5", "4.5", "3.5")).encode(), at=3)
    assert reader.cursor == "2.5"
    assert len(reader.log) == 1

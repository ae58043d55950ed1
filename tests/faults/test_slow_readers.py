"""Readers who do not read are dropped, and don't affect others."""

import os
import socket
from pathlib import Path

import pytest

from tests.faults.journal import Journal
from tests.faults.readers import LIVE
from tests.load.processes import Processes
from tests.parallel import NIGHTLY
from tests.servers import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECOND = 1_000_000_000  # nanoseconds
IMPATIENT = "tests.faults.asgi_impatient:application"
MIB = 1024 * 1024


class SlowReader:
    """A reader who sends a request but doesn't read, with a small receive buffer."""

    def __init__(self, port, request):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(request)


def request(page, path, *headers):
    address = f"/wagtail_live/{path}/{page.channel_id}/"
    cursor = page.last_update_timestamp
    lines = [f"GET {address}?last_update_ts={cursor} HTTP/1.1", "Host: localhost"]
    return "\r\n".join([*lines, *headers, "", ""]).encode()


def upgrade(page):
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    return request(page, "socket", *upgrade, key)


@pytest.mark.parametrize(
    ("transport", "is_direct"),
    [
        ("event-stream", True),
        ("websocket", True),
        pytest.param("event-stream", False, marks=NIGHTLY),
    ],
)
def test_n4_f_18_a_reader_who_does_not_read_is_dropped(
    transport, is_direct, use_bus, start_server, match_page, crowd_at
):
    settings = {**use_bus("postgres"), "WAGTAIL_LIVE_DIRECT_STREAMS": is_direct}
    server = start_server(settings=settings, application=IMPATIENT)
    audience = crowd_at(server).follow(match_page, LIVE, 12)
    asks = upgrade if transport == "websocket" else lambda page: request(page, "stream")
    journal = Journal()
    publish_much(journal, audience)
    sockets = count_sockets(server)
    slow_readers = [SlowReader(server.port, asks(match_page)) for _ in range(20)]
    wait_until(lambda: count_sockets(server) == sockets + len(slow_readers))
    processes = Processes(server.process.pid)
    memory = processes.resident
    publish_much(journal, audience)
    kept = (processes.resident - memory) / len(slow_readers)
    assert kept < 1 * MIB, "of the 6 MB that each has not read"
    wait_until(lambda: count_sockets(server) == sockets, timeout=20)
    # The machine may stop for some seconds, which delays some posts.
    assert audience.check(journal).delay(0.9) < 2000


def publish_much(journal, audience):
    """Publish more than fits into the buffers, and wait for the readers who read it."""
    for _ in range(67):
        number = journal.publish(audience.page, size=90_000)
        audience.all(lambda reader, number=number: reader.latest == number)


def count_sockets(server):
    folder = Path(f"/proc/{server.process.pid}/fd")
    return sum("socket" in os.readlink(entry) for entry in folder.iterdir())

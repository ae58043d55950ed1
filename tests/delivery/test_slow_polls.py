"""Readers who send the next request, but don't read the response before it."""

import socket

import pytest

from tests.publishers.raw import SMALL, make_send_buffers_small, publish_large
from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery import transports
from wagtail_live.delivery.hub import close_hub
from wagtail_live.delivery.limits import limits


@pytest.fixture
def site(transactional_db):
    with SiteInProcess(LiveUpdatesMiddleware, http="httptools") as site:
        make_send_buffers_small(site)
        yield site
    close_hub()


@pytest.mark.parametrize("path", ["get-updates", "stream"])
def test_they_are_dropped(site, match_page, settings, monkeypatch, path):
    monkeypatch.setattr(transports, "SEND_TIMEOUT", 0.5)
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 1
    publish_large(match_page, 5)
    newest = match_page.last_update_timestamp
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        reader.connect(("127.0.0.1", site.port))
        for target, cursor in (("get-updates", 0), (path, newest)):
            address = f"/wagtail_live/{target}/{match_page.channel_id}/"
            line = f"GET {address}?last_update_ts={cursor!r} HTTP/1.1"
            reader.sendall(f"{line}\r\nHost: localhost\r\n\r\n".encode())
        wait_until(lambda: site.state.total_requests == 1)
        wait_until(lambda: not site.state.connections)
        wait_until(lambda: limits.count() == 0)

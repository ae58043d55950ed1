"""Requests that leave the site; tests/receivers/test_fetch.py has those for images."""

import socket
import time
from types import SimpleNamespace

import pytest
from django.utils import translation

from tests.receivers.fake_server import Answer, FakeServer
from wagtail_live import outbound


class Host(FakeServer):
    reply = Answer.json({"ok": True})

    def answer(self, call):
        return self.reply


@pytest.fixture
def host():
    with Host() as host:
        yield host


def test_json_and_its_status(host):
    host.reply = Answer.json([1], status=429)
    url = f"{host.url}/limits?a=1#part"
    result = outbound.request_json(url, timeout=30, max_size=100, is_trusted=True)
    assert result == (429, [1])
    (call,) = host.calls
    assert call.path.startswith("/limits")


def test_the_target_and_the_host_of_a_request(host, monkeypatch):
    """Also for a URL without a path, and for an IPv6 address without a port."""
    port = int(host.url.rpartition(":")[2])
    connect = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda _, timeout: connect(("127.0.0.1", port))
    )
    for url in (
        "http://192.0.2.1?a=1",
        "http://192.0.2.1/a//b?c=/",
        "http://name@192.0.2.1:81/#part",
        "http://[2001:db8::face]/",
    ):
        outbound.request_json(url, timeout=30, max_size=100, is_trusted=True)
    assert [(call.headers["host"], call.path) for call in host.calls] == [
        ("192.0.2.1", "/?a=1"),
        ("192.0.2.1", "/a//b?c=/"),
        ("192.0.2.1:81", "/"),
        ("[2001:db8::face]", "/"),
    ]


def test_a_response_that_is_too_large(host):
    host.reply = Answer.json(["x" * 200])
    with pytest.raises(outbound.RequestFailed, match="too large") as failed:
        outbound.request_json(host.url, timeout=30, max_size=100, is_trusted=True)
    assert failed.value.is_final


def test_a_reason_fits_into_its_column_in_the_sites_language():
    with (
        translation.override("de"),
        pytest.raises(outbound.RequestFailed, match="Keine Antwort") as failed,
        outbound.send(f"https://{'x' * 250}/", timeout=30),
    ):
        pass
    assert len(str(failed.value)) < 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/"])
def test_only_trusted_urls_lead_inside(url):
    with (
        pytest.raises(outbound.RequestFailed) as failed,
        outbound.send(url, timeout=30),
    ):
        pass
    assert failed.value.is_final


def test_a_tls_handshake_ends_at_the_deadline():
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/token"
        with (
            pytest.raises(outbound.RequestFailed, match="TimeoutError") as failed,
            outbound.send(url, timeout=0.3, is_trusted=True),
        ):
            pass
    assert time.monotonic() - begun < 30, "it would wait for ever"
    assert "token" not in str(failed.value)
    assert not failed.value.is_final


def test_connecting_ends_at_the_deadline(monkeypatch):
    found = [(0, 0, 0, "", (address, 443)) for address in ("8.8.8.8", "8.8.4.4")]
    clock = SimpleNamespace(monotonic=lambda: sum(waited))
    waited = []

    def connect(address, timeout):
        waited.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(outbound, "time", clock)
    with (
        pytest.raises(outbound.RequestFailed, match="TimeoutError"),
        outbound.send("https://silent.example/", timeout=8),
    ):
        pass
    assert waited == [outbound.CONNECT_TIMEOUT, 3]

"""Downloads are limited to allowed, public hosts and to images (I1, F-07, S12)."""

import gzip
import resource
import socket
import time

import pytest

from tests.receivers import image_files
from tests.receivers.image_files import ImageHost, make_image, respond
from wagtail_live.outbound import RequestFailed
from wagtail_live.receivers.fetch import Fetcher


@pytest.fixture
def host():
    with ImageHost() as host:
        yield host


@pytest.fixture
def fetch():
    return Fetcher(["images.example"], trust_loopback=True)


def refusal(fetch, url, headers=None):
    with pytest.raises(RequestFailed) as failed:
        fetch(url, headers)
    return failed.value


def test_headers_are_sent_with_the_request(host, fetch):
    host.files["/a.jpg"] = make_image()
    assert fetch(f"{host.url}/a.jpg", {"Authorization": "Bearer x"}) == make_image()
    assert host.headers["Authorization"] == "Bearer x"


@pytest.mark.parametrize(
    "mime_type", ["application/octet-stream", "binary/octet-stream"]
)
def test_unnamed_types_are_detected_by_content(mime_type, host, fetch):
    """I1: Telegram serves files without a type. Other types are refused."""
    host.files["/a"] = respond(body=make_image(), Content_Type=mime_type)
    assert fetch(f"{host.url}/a") == make_image()
    host.files["/b"] = respond(body=b"<!DOCTYPE html>" * 9, Content_Type=mime_type)
    assert refusal(fetch, f"{host.url}/b").is_final


@pytest.mark.parametrize(
    "url",
    [
        "http://images.example/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://images.example/a.jpg",
        "https://images.example:8443/a.jpg",
        "https://user@images.example/a.jpg",
        "https://images.example@evil.example/a.jpg",
        "https://images.example.evil.example/a.jpg",
        "https://evil.example/images.example",
        "//images.example/a.jpg",
        "https://[::1]/a.jpg",
        "https://[",
        "",
    ],
)
def test_other_urls_are_not_requested(url, monkeypatch):
    """I1: the name is not even resolved."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert refusal(Fetcher(["images.example"]), url).is_final


def test_loopback_is_trusted_only_by_a_test(host):
    host.files["/a.jpg"] = make_image()
    refusal(Fetcher(["127.0.0.1"]), f"{host.url}/a.jpg")
    assert host.paths == []


def test_a_host_with_one_private_address_is_not_connected_to(monkeypatch):
    """I1: all addresses are checked, and the connection uses a checked one."""
    found = [(0, 0, 0, "", (address, 443)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", None)
    failed = refusal(Fetcher(["images.example"]), "https://images.example/a.jpg")
    assert "public" in str(failed)


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch):
    found = [(0, 0, 0, "", ("8.8.8.8", 443))]
    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    refusal(Fetcher(["images.example"]), "https://images.example/a.jpg")
    assert connected == [("8.8.8.8", 443)]


def test_one_redirect_is_followed(host, fetch):
    host.files["/a"] = respond(302, Location="/b")
    host.files["/b"] = make_image()
    assert fetch(f"{host.url}/a", {"Authorization": "x"}) == make_image()
    assert host.headers["Authorization"] == "x"


def test_credentials_stay_with_the_host_that_they_are_for(host, fetch):
    with ImageHost() as other:
        host.files["/a"] = respond(302, Location=f"{other.url}/b")
        other.files["/b"] = make_image()
        fetch(f"{host.url}/a", {"Authorization": "canary"})
        assert "canary" not in str(other.headers)


@pytest.mark.parametrize(
    "location",
    [
        "https://169.254.169.254/",
        "https://127.0.0.1/",
        "http://localhost/",
        "file:///etc/passwd",
        "/again",
        "",
    ],
)
def test_no_other_redirect_is_followed(location, host, fetch):
    host.files["/a"] = host.files["/again"] = respond(302, Location=location)
    refusal(fetch, f"{host.url}/a")
    assert len(host.paths) <= 2


@pytest.mark.parametrize(
    "answer",
    [
        respond(body=b"<!doctype html><title>Sign in", Content_Type="text/html"),
        respond(body=b"<!doctype html><title>Sign in", Content_Type="image/png"),
        respond(
            body=b"<svg xmlns='http://www.w3.org/2000/svg'/>", Content_Type="image/png"
        ),
        respond(  # refused after its first bytes, before it breaks off
            body=b"<!doctype html><title>Sign in",
            Content_Type="image/png",
            Content_Length="100000",
        ),
        respond(body=make_image(), Content_Type="text/html"),
        respond(
            body=gzip.compress(b"\0" * 10**7),
            Content_Type="image/jpeg",
            Content_Encoding="gzip",
        ),
        respond(body=b"", Content_Type="image/jpeg"),
        respond(body=b"BM" + b"\0" * 100, Content_Type="image/bmp"),
        respond(
            body=make_image(), Content_Type="image/jpeg", Content_Length=str(26 * 2**20)
        ),
        respond(404),
        respond(403),
        image_files.endless,
    ],
)
def test_other_files_are_a_final_failure(answer, host, fetch):
    """I1, I2: login pages, SVG and HTML named .png, gzip bombs, endless bodies."""
    host.files["/a.png"] = answer
    assert refusal(fetch, f"{host.url}/a.png").is_final


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_error_is_retried(status, host, fetch):
    host.files["/a"] = respond(status)
    assert not refusal(fetch, f"{host.url}/a").is_final


def test_an_incomplete_image_is_retried(host, fetch):
    host.files["/a"] = respond(
        body=make_image(), Content_Type="image/jpeg", Content_Length="100000"
    )
    assert not refusal(fetch, f"{host.url}/a").is_final


@pytest.mark.parametrize("answer", [image_files.slow_head, image_files.slow_body])
def test_a_slow_host_is_disconnected(answer, host, fetch):
    """F-07: each read is fast, but the whole download has a timeout."""
    host.files["/a"] = answer
    fetch.total_timeout = 0.5
    begun = time.monotonic()
    assert not refusal(fetch, f"{host.url}/a").is_final
    assert time.monotonic() - begun < 30, "not until the last byte, after 50 seconds"


def test_a_body_without_end_takes_no_memory(host, fetch):
    """F-07: at most 50 MB."""
    host.files["/a"] = image_files.endless
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusal(fetch, f"{host.url}/a")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_failures_contain_no_url(host, fetch):
    """S6: a URL may contain a token."""
    for url in (f"{host.url}/canary", "https://evil.example/canary", "canary://"):
        host.files["/canary"] = respond(500)
        assert "canary" not in str(refusal(fetch, url, {"Authorization": "canary"}))

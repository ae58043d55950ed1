"""Outgoing HTTP requests, to public addresses only and with a deadline.

Editors and the senders of messages can make the site request a URL. To prevent requests
to internal servers, the host name must resolve to public addresses only, and the
connection uses one of the addresses that were checked. Redirects are not followed.
"""

from __future__ import annotations

import io
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0
CHUNK_SIZE = 2**16  # bytes
MAX_ADDRESSES = 3
MAX_SHOWN_HOST = 100  # characters: reasons are stored in 255
# The only addresses of IPv6 that are assigned for use in the internet.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# The rest of IANA's registries of special-purpose addresses, also those that are globally
# reachable, because none is for web servers. ``is_global`` knows only some of them, and
# which depends on the version of Python.
SPECIAL_PURPOSE = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved and broadcast
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]


class RequestFailed(Exception):
    """A request without a usable response. The message leaves out the URL, which may hold
    a token. A retry is useless if the failure ``is_final``."""

    def __init__(self, reason: str, *, is_final: bool = False):
        super().__init__(reason)
        self.is_final = is_final


@contextmanager
def send(
    url: str,
    *,
    timeout: float,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    is_trusted: bool = False,
) -> Iterator[HTTPResponse]:
    """Send a request, and yield the response for the rest of ``timeout`` seconds.

    ``is_trusted`` allows any address and plain HTTP: for URLs from the settings, and for
    servers of tests.
    """
    deadline = time.monotonic() + timeout
    host: str | None = ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        with closing(_connect(parts, deadline, is_trusted=is_trusted)) as sock:
            connection = HTTPConnection(parts.netloc.rpartition("@")[2])
            connection.sock = _TimedSocket(sock, deadline)
            query = f"?{parts.query}" if parts.query else ""
            target = (parts.path or "/") + query
            connection.request(method, target, body, dict(headers or {}))
            yield connection.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        reason = _("No response from %(host)s (%(error)s).")
        values = {"host": (host or "")[:MAX_SHOWN_HOST], "error": type(error).__name__}
        raise RequestFailed(reason % values) from None


def read(response: HTTPResponse, max_size: int) -> bytes:
    """Return the body. Raise ``RequestFailed`` if it has more than ``max_size`` bytes, or ends
    too early."""
    return b"".join(read_chunks(response, max_size))


def read_chunks(response: HTTPResponse, max_size: int) -> Iterator[bytes]:
    """Yield the body in parts, for a large one; raise as ``read`` does."""
    size = response.length or 0  # as the host has declared it
    read = 0
    while size <= max_size and (chunk := response.read1(CHUNK_SIZE)):
        read += len(chunk)
        size = max(size, read)
        if size <= max_size:
            yield chunk
    if size > max_size:
        raise RequestFailed(_("The response is too large."), is_final=True)
    if response.length:
        raise RequestFailed(_("The response ended too early."))


def request_json(url: str, *, max_size: int, **options: Any) -> tuple[int, Any]:
    """Send a request as ``send`` does; return the status and the parsed body."""
    with send(url, **options) as response:
        body = read(response, max_size)
    try:
        return response.status, json.loads(body)
    except (ValueError, RecursionError):
        raise RequestFailed(_("The response is not JSON.")) from None


def is_public(address: str) -> bool:
    """Return whether an IP address is public, and contains no other address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    # IPv6 addresses that contain an IPv4 address, as for NAT64, are outside, too.
    if ip.version == 6 and (ip.scope_id or ip not in GLOBAL_UNICAST):
        return False
    return ip.is_global and not any(ip in network for network in SPECIAL_PURPOSE)


def _connect(parts: SplitResult, deadline: float, *, is_trusted: bool) -> socket.socket:
    is_secure = parts.scheme == "https"
    if not is_secure and not (is_trusted and parts.scheme == "http"):
        raise RequestFailed(_("The URL doesn't begin with https://."), is_final=True)
    host = parts.hostname or ""
    port = parts.port or (443 if is_secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not is_trusted and not all(map(is_public, addresses)):
        raise RequestFailed(_("The host has no public address."), is_final=True)
    *others, last = addresses[:MAX_ADDRESSES]
    for address in others:
        with suppress(OSError):
            sock = _open(address, port, deadline)
            break
    else:
        sock = _open(last, port, deadline)
    if not is_secure:
        return sock
    return _get_ssl_context().wrap_socket(
        sock,
        server_hostname=host,
        do_handshake_on_connect=False,  # the first write does, with the deadline
    )


@cache
def _get_ssl_context() -> ssl.SSLContext:
    """Return one context for all connections: reading the certificates takes 0.1 s."""
    return ssl.create_default_context()


def _open(address: str, port: int, deadline: float) -> socket.socket:
    timeout = min(CONNECT_TIMEOUT, _remaining(deadline))
    return socket.create_connection((address, port), timeout)


def _remaining(deadline: float) -> float:
    """Return the seconds that are left. Raise ``TimeoutError`` if there are none."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining


class _TimedSocket(io.RawIOBase):
    """A socket for ``HTTPConnection`` with one deadline for everything. A timeout only
    limits each read, and a host may send byte by byte."""

    def __init__(self, sock: socket.socket, deadline: float):
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        unsent = memoryview(data)
        while unsent:
            unsent = unsent[self._before_deadline().send(unsent) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._before_deadline().recv_into(buffer)

    def close(self) -> None:
        """Do nothing: ``send`` closes the socket, after the response was read."""

    def _before_deadline(self) -> socket.socket:
        self._sock.settimeout(min(READ_TIMEOUT, _remaining(self._deadline)))
        return self._sock

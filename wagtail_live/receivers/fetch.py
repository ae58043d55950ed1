"""Downloads on behalf of a message: a picture, from a host that is expected, or nothing.

Whoever writes a message can make this site ask for an address. So the host must be on the
receiver's list, its name must resolve to public addresses alone, and one of these is the
address that is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import SplitResult, urljoin, urlsplit

from ..images import find_format

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0
TOTAL_TIMEOUT = 30.0
LARGEST = 10 * 2**20  # bytes
CHUNK = 2**16
MOST_ADDRESSES = 3
REDIRECTS = {301, 302, 303, 307, 308}
TEMPORARY = {408, 425, 429}
# What hosts call a file of which they don't say what it is, as Telegram does of all of its
# files; how such a file begins decides.
UNNAMED_TYPES = {"application/octet-stream", "binary/octet-stream"}


class FetchFailed(Exception):
    """There is no picture to be had. The message tells no address, which may hold a
    token. It is no use to try again where it ``is_final``."""

    def __init__(self, reason: str, *, is_final: bool = True):
        super().__init__(reason)
        self.is_final = is_final


class Fetcher:
    """Downloads pictures from some hosts.

    ``trust_loopback`` is for tests, whose hosts are small servers on 127.0.0.1: it allows
    plain HTTP to that address, on any port. No setting leads here.
    """

    def __init__(self, allowed_hosts: Iterable[str], *, trust_loopback: bool = False):
        self.allowed_hosts = {host.lower() for host in allowed_hosts}
        self.trust_loopback = trust_loopback
        self.total_timeout = TOTAL_TIMEOUT

    def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The picture at an address; ``FetchFailed`` where there is none."""
        deadline = time.monotonic() + self.total_timeout
        address = self._checked(url)
        try:
            with self._ask(address, headers or {}, deadline) as response:
                if response.status not in REDIRECTS:
                    return _read_picture(response, deadline)
                target = self._checked(
                    urljoin(url, response.headers.get("Location", ""))
                )
            if target.netloc != address.netloc:
                headers = {}
            with self._ask(target, headers or {}, deadline) as response:
                return _read_picture(response, deadline)
        except (OSError, HTTPException, ValueError) as error:
            raise FetchFailed(
                f"{address.hostname} could not be read ({type(error).__name__}).",
                is_final=False,
            ) from None

    def _checked(self, url: str) -> SplitResult:
        try:
            address = urlsplit(url)
            host, port = (address.hostname or "").lower(), address.port
        except ValueError:
            raise FetchFailed("The picture's address is none.") from None
        if self._is_trusted(address):
            return address
        if (
            address.scheme != "https"
            or "@" in address.netloc
            or port not in (None, 443)
        ):
            raise FetchFailed("Pictures are downloaded by https alone.")
        if host not in self.allowed_hosts:
            raise FetchFailed("The picture is on a host that is not expected.")
        return address

    def _is_trusted(self, address: SplitResult) -> bool:
        is_loopback = address.scheme == "http" and address.hostname == "127.0.0.1"
        return self.trust_loopback and is_loopback

    @contextmanager
    def _ask(
        self, address: SplitResult, headers: Mapping[str, str], deadline: float
    ) -> Iterator[HTTPResponse]:
        connection = self._connect(address)
        # Timeouts hold for one read each, and a host may send byte by byte.
        remaining = max(0.0, deadline - time.monotonic())
        guillotine = threading.Timer(remaining, _cut, [connection.sock])
        guillotine.daemon = True
        guillotine.start()
        try:
            with closing(connection):
                path = address._replace(scheme="", netloc="", fragment="").geturl()
                fixed = {"Accept": "image/*", "Accept-Encoding": "identity"}
                connection.request("GET", path or "/", headers={**headers, **fixed})
                response = connection.getresponse()
                _check_time(deadline)
                yield response
        finally:
            guillotine.cancel()

    def _connect(self, address: SplitResult) -> HTTPConnection:
        host = address.hostname or ""
        is_trusted = self._is_trusted(address)
        port = address.port or (80 if is_trusted else 443)
        sock = _open(["127.0.0.1"] if is_trusted else resolve(host, port), port)
        if not is_trusted:
            sock = ssl.create_default_context().wrap_socket(
                sock,
                server_hostname=host,
                do_handshake_on_connect=False,  # but with the request, which is timed
            )
        sock.settimeout(READ_TIMEOUT)
        connection = HTTPConnection(host, port, timeout=READ_TIMEOUT)
        connection.sock = sock
        return connection


def resolve(host: str, port: int) -> list[str]:
    """The addresses of the host; ``FetchFailed`` if any of them is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise FetchFailed("The picture's host has no public address.")
    return addresses[:MOST_ADDRESSES]


def _open(addresses: list[str], port: int) -> socket.socket:
    """A connection to the first address that answers."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), CONNECT_TIMEOUT)
    return socket.create_connection((last, port), CONNECT_TIMEOUT)


def is_public(address: str) -> bool:
    """Whether an IP address is neither private, nor a way around to one that is."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False  # with a scope, as in fe80::1%eth0
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or ip.teredo or _nat64(ip)
        if inner is not None:
            return False
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address):
    return ip if ip in ipaddress.ip_network("64:ff9b::/96") else None


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _read_picture(response: HTTPResponse, deadline: float) -> bytes:
    status = response.status
    if status != 200:
        is_final = 300 <= status < 500 and status not in TEMPORARY
        raise FetchFailed(f"The host answered {status}.", is_final=is_final)
    mime_type = response.headers.get_content_type()
    if not mime_type.startswith("image/") and mime_type not in UNNAMED_TYPES:
        raise FetchFailed(f"The host sent no picture ({mime_type[:50]}).")
    if (response.length or 0) > LARGEST:
        raise FetchFailed("The picture is too big.")
    return _read(response, deadline)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    data = bytearray()
    while chunk := response.read1(CHUNK):
        data += chunk
        if len(data) > LARGEST:
            raise FetchFailed("The picture is too big.")
        if len(data) >= 16 and find_format(data) is None:
            raise FetchFailed("The file is no picture.")
    _check_time(deadline)
    if response.length:
        raise FetchFailed("The picture broke off.", is_final=False)
    if find_format(data) is None:
        raise FetchFailed("The file is no picture.")
    return bytes(data)


def _check_time(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise FetchFailed("The host took too long.", is_final=False)

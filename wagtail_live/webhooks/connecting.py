"""A POST to an address that an editor has entered: to public hosts alone, never for long.

The name is resolved once, and the address that has been checked is the one connected to,
so that it can't become another in between. Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

from ..receivers.fetch import is_public

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 10.0
TOTAL_TIMEOUT = 15.0


class Unreachable(Exception):
    """There was no answer, for the reason given."""


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, trust_loopback: bool = False
) -> int:
    """The status of the answer; ``Unreachable`` where there is none.

    ``trust_loopback`` is for tests, whose endpoints are small servers: it allows plain
    HTTP to 127.0.0.1. No setting leads here.
    """
    address = urlsplit(url)
    is_loopback = address.scheme == "http" and address.hostname == "127.0.0.1"
    if address.scheme != "https" and not (trust_loopback and is_loopback):
        raise Unreachable("The address does not begin with https://.")
    try:
        connection = _connect(address)
    except (OSError, ValueError) as error:
        raise Unreachable(f"No connection ({type(error).__name__}).") from None
    # The timeouts hold for one read each, and an endpoint may send byte by byte.
    guillotine = threading.Timer(TOTAL_TIMEOUT, _cut, [connection.sock])
    guillotine.daemon = True
    guillotine.start()
    try:
        with closing(connection):
            path = address._replace(scheme="", netloc="", fragment="").geturl()
            connection.request("POST", path or "/", body, dict(headers))
            return connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"No answer ({type(error).__name__}).") from None
    finally:
        guillotine.cancel()


def _connect(address: SplitResult) -> HTTPConnection:
    host, is_secure = address.hostname or "", address.scheme == "https"
    port = address.port or (443 if is_secure else 80)
    target = _resolve(host, port) if is_secure else host
    connection = HTTPConnection(host, port, timeout=READ_TIMEOUT)
    connection.sock = socket.create_connection((target, port), CONNECT_TIMEOUT)
    if is_secure:
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
    connection.sock.settimeout(READ_TIMEOUT)
    return connection


def _resolve(host: str, port: int) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise Unreachable("The host has no public address.")
    return addresses[0]


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)

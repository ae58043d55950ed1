"""The connections of servers that expose them.

ASGI hides the connection, but a server may call us with a bound method as ``send``, whose
object has the transport of asyncio. uvicorn does so, unless something wraps ``send``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

SEND_TIMEOUT = 60.0  # seconds without progress after which a slow reader is dropped
MAX_RECEIVED = 128 * 1024  # bytes, after which a reader who keeps sending is dropped
MESSAGE_COST = 4096  # bytes that each message counts for, besides its own

LAST_CHUNK = b"0\r\n\r\n"
METHODS = (
    *("abort", "close", "get_extra_info", "get_protocol", "get_write_buffer_size"),
    *("is_closing", "resume_reading", "set_protocol", "set_write_buffer_limits"),
    "write",
)


class Connection(Protocol):
    """A connection in the set of those that the server ends when it stops."""

    transport: Any
    server_connections: set

    def shutdown(self) -> None:
        """End soon: the server stops."""


class TakenOver(ConnectionError):
    """The reason that the server's protocol gets for the end of its connection."""


def take_over(send: Callable, connection: Any) -> bool:
    """Let ``connection`` go on with a response that has been started in chunks, if the
    server allows it: nothing but ``connection`` reads and writes from then on.

    The server's protocol sees a lost connection, and forgets the request. The server
    itself counts ``connection`` instead, and ends it when it stops.
    """
    transport = find_plain_transport(send)
    if transport is None:
        return False
    protocol: Any = transport.get_protocol()
    connection.transport = transport
    connection.server_connections = protocol.connections
    transport.set_protocol(connection)
    transport.set_write_buffer_limits(high=0)
    protocol.connection_lost(TakenOver())
    transport.resume_reading()  # which a large body may have paused
    connection.server_connections.add(connection)
    return True


def find_plain_transport(send: Callable) -> asyncio.Transport | None:
    """Return the transport of a response in chunks if all that was sent has been written
    to it unchanged, and nobody else uses it. Tested are all attributes that are used."""
    cycle = getattr(send, "__self__", None)
    transport: Any = getattr(cycle, "transport", None)
    if not all(hasattr(transport, name) for name in METHODS):
        return None
    protocol: Any = transport.get_protocol()
    is_plain = (
        # Other protocols of uvicorn keep the state of the response in a library.
        getattr(cycle, "chunked_encoding", None) is True
        and not hasattr(cycle, "conn")
        and getattr(cycle, "response_started", None) is True
        and getattr(cycle, "response_complete", None) is False
        and getattr(cycle, "disconnected", None) is False
        # HTTP/1.0 has no chunks, but uvicorn sends them.
        and getattr(cycle, "scope", {}).get("http_version") == "1.1"
        # No other request has been received meanwhile.
        and getattr(protocol, "cycle", None) is cycle
        and protocol in getattr(protocol, "connections", ())
        and transport.get_extra_info("sslcontext") is None
        and transport.get_write_buffer_size() == 0
        and not transport.is_closing()
    )
    return transport if is_plain else None


def as_chunk(body: bytes) -> bytes:
    """Frame a part of a response in chunked encoding."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def abort(send: Callable) -> None:
    """Abort the connection of a reader who doesn't read.

    ASGI has no message for this, and a normal close in uvicorn waits forever until the
    data has been read.
    """
    if transport := get_transport(send, "abort"):
        transport.abort()


def pause_reading(send: Callable) -> None:
    """Read nothing more from a connection, if the server allows it."""
    transport = get_transport(send, "pause_reading")
    if transport and not transport.is_closing():
        transport.pause_reading()


def get_transport(send: Callable, method: str) -> Any:
    """Return the connection's transport where the server exposes one that has a method."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, method) else None

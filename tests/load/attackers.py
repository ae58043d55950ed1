"""Two hundred hostile connections to one server, in a process of their own.

``python -m tests.load.attackers PORT CHANNEL`` attacks until it is terminated.
"""

import asyncio
import base64
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.load.wire import masked_frame

OF_A_KIND = 40
PAUSE = 1.0  # seconds, on average, between two requests on a connection
HOST = "127.0.0.1"
BINARY = 2
Attack = Callable[[int, str], Awaitable[None]]


async def connect(port: int, target: str, method: str = "GET", more: str = ""):
    reader, writer = await asyncio.open_connection(HOST, port)
    head = f"{method} {target} HTTP/1.1\r\nHost: {HOST}\r\n{more}\r\n"
    writer.write(head.encode())
    return reader, writer


async def ask(port: int, target: str, method: str = "GET") -> None:
    """Make a request, and read the answer to its end."""
    reader, writer = await connect(port, target, method, "Connection: close\r\n")
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while await reader.read(65536):
                pass
    writer.close()


async def ask_with_old_cursors(port: int, channel: str) -> None:
    cursor = random.uniform(0, 1.7e9) if random.random() < 0.8 else 4e9
    form = random.choice(["", "&delta=1", "&delta=1&head=1"])
    way = random.choice(["get-updates", "get-updates", "poll"])
    await ask(port, f"/wagtail_live/{way}/{channel}/?last_update_ts={cursor!r}{form}")


async def ask_for_heads(port: int, channel: str) -> None:
    way = random.choice(["get-updates", "stream"])
    query = "?last_update_ts=1" + random.choice(["", "&delta=1"])
    await ask(port, f"/wagtail_live/{way}/{channel}/{query}", "HEAD")


async def ask_for_unknown_channels(port: int, channel: str) -> None:
    unknown = f"{random.getrandbits(64):x}"
    way = random.choice(["get-updates", "stream"])
    await ask(port, f"/wagtail_live/{way}/{unknown}/?last_update_ts=1")


async def read_nothing(port: int, channel: str) -> None:
    """Follow a stream from the beginning, read nothing, and reset the connection."""
    _, writer = await connect(port, f"/wagtail_live/stream/{channel}/?last_update_ts=1")
    writer.transport.pause_reading()
    await asyncio.sleep(random.uniform(1, 8))
    writer.transport.abort()


async def flood_a_socket(port: int, channel: str) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n"
    )
    target = f"/wagtail_live/socket/{channel}/?last_update_ts=4000000000"
    reader, writer = await connect(port, target, more=upgrade)
    frame = masked_frame(BINARY, b"x" * 100)
    try:
        while not reader.at_eof():
            writer.write(frame * 10)
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await reader.read(65536)
    finally:
        writer.transport.abort()


ATTACKS: list[Attack] = [
    ask_with_old_cursors,
    ask_for_heads,
    ask_for_unknown_channels,
    read_nothing,
    flood_a_socket,
]


async def repeat(attack: Attack, port: int, channel: str) -> None:
    while True:
        await asyncio.sleep(random.uniform(0, 2 * PAUSE))
        with suppress(OSError):
            await attack(port, channel)


async def main(port: int, channel: str) -> None:
    await asyncio.gather(
        *(repeat(attack, port, channel) for attack in ATTACKS * OF_A_KIND)
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))

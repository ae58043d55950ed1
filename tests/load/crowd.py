"""Readers in several processes, where one may not open enough connections."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections.abc import Sequence
from contextlib import suppress

from tests.load.checker import Report
from tests.load.followers import Followers
from tests.load.readers import Reader

CLOSE_TIMEOUT = 30  # seconds


class RemoteFollowers:
    """Readers in a process of their own, which has a ``Followers``."""

    def __init__(self, port: int, readers: Sequence[Reader], source: str):
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=answer_calls,
            args=(other, port, readers, source),
            daemon=True,
        )
        self._process.start()
        other.close()

    async def call(self, name: str, *arguments):
        self._pipe.send((name, arguments))
        result = await asyncio.to_thread(self._pipe.recv)
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        with suppress(OSError):  # it may have ended
            self._pipe.send(None)
        self._process.join(CLOSE_TIMEOUT)
        self._process.kill()


def answer_calls(pipe, port: int, readers: Sequence[Reader], source: str) -> None:
    gc.freeze()
    gc.disable()
    asyncio.run(answer_calls_of(pipe, Followers(port, [readers], source)))


async def answer_calls_of(pipe, followers: Followers) -> None:
    """Call the methods that the other end names."""
    async with followers:
        while call := await asyncio.to_thread(receive, pipe):
            name, arguments = call
            try:
                result = await getattr(followers, name)(*arguments)
            except Exception as error:
                result = error
            pipe.send(result)


def receive(pipe):
    try:
        return pipe.recv()
    except EOFError:
        return None


class Crowd:
    """The same as ``Followers`` for one feed, with readers from several addresses."""

    def __init__(self, port: int, readers: list[Reader], most: int):
        self._parts = [
            RemoteFollowers(
                port, readers[start : start + most], f"127.0.0.{2 + start // most}"
            )
            for start in range(0, len(readers), most)
        ]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        for part in self._parts:
            part.close()

    async def connect(self) -> None:
        await self._call("connect")

    async def receive(self, number: int, place: int) -> None:
        await self._call("receive", number, place)

    async def cpu_time(self) -> float:
        return sum(await self._call("cpu_time"))

    async def check(self, numbers: list[list[int]]) -> tuple[Report, float]:
        total, lags = Report(), [0.0]
        for report, lag in await self._call("check", numbers):
            total.add(report)
            lags.append(lag)
        return total, max(lags)

    async def _call(self, name: str, *arguments):
        return await asyncio.gather(
            *(part.call(name, *arguments) for part in self._parts)
        )

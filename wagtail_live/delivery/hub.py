"""Where readers wait: one hub for each process.

Readers wait in any event loop; a waiting reader is one future and one timer. The hub's
own thread does the work with the database: it looks where the watched channels stand,
loads and renders what changed once, and hands the same bytes to all readers at one
cursor. A reader whose cursor is older than what the hub remembers is answered from the
database by another thread, so that he keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from django.db import DatabaseError, connection

from ..background import fork_guard
from ..bus import get_bus
from ..bus.base import BaseBus
from ..housekeeping import housekeeper
from ..models import Channel
from ..monitoring.counters import measures
from ..page import updates
from ..signals import live_page_update
from . import access
from .history import Answer, Form, History, frame, render_changes
from .watch import ASK_DATABASE, FORGOTTEN, GONE, Seat, Watch, resolve

logger = logging.getLogger("wagtail_live.delivery.hub")

SWEEP_INTERVAL = 5.0  # seconds: finds what a bus dropped, and who may still follow
SHORTEST_BACK_OFF = 0.25  # seconds between two tries while the database is away
LONGEST_BACK_OFF = 4.0
LOOK_TIME = 2.0  # seconds that a reader grants the hub's first look at a channel


class ChannelGone(Exception):
    """The channel can't be followed: unknown, or not (any longer) open to everybody."""


class Hub:
    """The readers of one process. Thread-safe; its thread runs while somebody waits."""

    def __init__(self):
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}
        self._moved: set[str] = set()
        self._stir = threading.Event()
        self._thread: threading.Thread | None = None
        self._loads: dict[tuple, Future] = {}
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="wagtail-live-loader")
        self.is_draining = False

    async def wait_for_update(
        self,
        channel_id: str,
        since: datetime,
        timeout: float,
        form: Form = Form.DELTA,
        *,
        public: bool = True,
    ) -> Answer | None:
        """The answer to a reader at a cursor, as soon as there is one.

        ``None`` after ``timeout`` seconds; ``ChannelGone`` where the channel does not
        exist or, with ``public``, where it is not open to everybody.
        """
        deadline = _now() + timeout
        while True:
            watch = self._watches.get(channel_id)
            if not (watch and _knows(watch, since) and (watch.is_public or not public)):
                watch = await self._watch(channel_id, deadline)
                if watch is None:
                    return None
            if public and not watch.is_public:
                raise ChannelGone(channel_id)
            seat = Seat(since, form, public)
            result = await self._wait(channel_id, watch, seat, deadline)
            if result is FORGOTTEN:
                continue
            if result is ASK_DATABASE:
                result = await self._load(channel_id, since, form, watch, deadline)
                if result and not result.body:
                    since = result.cursor
                    continue
            if result is GONE:
                raise ChannelGone(channel_id)
            return result

    def is_public(self, channel_id: str) -> bool | None:
        """Whether everybody may follow the channel; ``None`` where the database has to
        be asked: a page that was closed just now may have been opened since."""
        watch = self._watches.get(channel_id)
        return True if watch and watch.is_public else None

    async def find_public(self, channel_id: str) -> bool:
        """The same as the database has it now."""
        try:
            watch = await self._watch(channel_id, _now())
        except ChannelGone:
            return False
        return watch is not None and watch.is_public

    def notify(self, channel_id: str | None = None, cursor: datetime | None = None):
        """A channel has moved, or (``None``) any may have: look at it now."""
        with self._lock:
            watch = self._watches.get(channel_id)
            if channel_id is None:
                self._moved.update(self._watches)
            elif watch is None or _knows(watch, cursor):
                return
            else:
                self._moved.add(channel_id)
        self._stir.set()

    def count_readers(self) -> int:
        return sum(self.readers_by_channel().values())

    def readers_by_channel(self) -> dict[str, int]:
        """How many readers wait in this process, for each channel that is watched."""
        with self._lock:
            return {key: watch.count_readers() for key, watch in self._watches.items()}

    def drain(self, within: float = 0.0) -> None:
        """Send all readers away, spread over some seconds, and let none wait again."""
        with self._lock:
            self.is_draining = True
            for watch in self._watches.values():
                watch.drain(within)

    def close(self) -> None:
        """Send the readers away and end the threads."""
        self.drain()
        with self._lock:
            self._watches.clear()
            thread = self._thread
        self._stir.set()
        if thread:
            thread.join()
        self._loader.shutdown(cancel_futures=True)

    async def _watch(self, channel_id: str, deadline: float) -> Watch | None:
        """The channel as the database has it now; ``None`` at the deadline."""
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            watch = self._watches.setdefault(channel_id, Watch())
            watch.newcomers.append(future)
            self._moved.add(channel_id)
            self._start_thread()
        self._stir.set()
        result = await _until(future, deadline + LOOK_TIME)
        if result is GONE:
            raise ChannelGone(channel_id)
        return result

    async def _wait(self, channel_id: str, watch: Watch, seat: Seat, deadline: float):
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            answer = watch.answer(seat.since, seat.form)
            if answer is not None or self.is_draining:
                return answer
            if self._watches.get(channel_id) is not watch:
                return FORGOTTEN
            watch.take_seat(future, seat)
        timer = future.get_loop().call_at(deadline, resolve, future, None)
        try:
            return await future
        finally:
            timer.cancel()
            if not future.done() or future.cancelled() or future.result() is None:
                with self._lock:
                    watch.leave(future)

    async def _load(self, channel_id, since, form, watch: Watch, deadline: float):
        """Answer from the database, once for all who ask the same at one time."""
        key = channel_id, since, form
        while True:
            with self._lock:
                if key not in self._loads:
                    self._loads[key] = self._loader.submit(self._answer, key)
                future = self._loads[key]
            try:
                answer = await asyncio.shield(asyncio.wrap_future(future))
                break
            except DatabaseError:
                if _now() > deadline:
                    return None
                await asyncio.sleep(SHORTEST_BACK_OFF)
        if answer is not GONE and answer.body:
            with self._lock:
                watch.history.keep(since, form, answer)
        return answer

    def _answer(self, key):
        with fork_guard:
            try:
                return answer_from_database(*key)
            finally:
                with self._lock:
                    del self._loads[key]
                connection.close()

    def _start_thread(self) -> None:
        """Called with the lock held, as is everything that touches the watches."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="wagtail-live-hub", daemon=True
            )
            self._thread.start()

    def _run(self) -> None:
        bus = get_bus()
        bus.start(self.notify)
        try:
            self._look_until_idle(bus)
        finally:
            with fork_guard:
                connection.close()

    def _look_until_idle(self, bus: BaseBus) -> None:
        next_look = next_sweep = back_off = 0.0
        while True:
            self._stir.wait(max(0.0, next_look - time.monotonic()))
            self._stir.clear()
            now = time.monotonic()
            with self._lock:
                channel_ids = self._take(everything=now >= next_look)
                if not self._watches:
                    # With the lock: the next thread starts the same bus again.
                    bus.stop()
                    self._thread = None
                    return
            try:
                with fork_guard:
                    self._look(channel_ids, check_access=now >= next_sweep)
                    housekeeper.look()
            except Exception as error:
                measures.note_trouble("hub", error)
                # Readers stay, and get what they miss meanwhile when it works again.
                back_off = min(LONGEST_BACK_OFF, back_off * 2 or SHORTEST_BACK_OFF)
                logger.warning("Can't look for updates, again in %s s.", back_off)
                logger.debug("Can't look for updates.", exc_info=True)
                with fork_guard:
                    connection.close()
                next_look = next_sweep = time.monotonic() + back_off
                time.sleep(back_off)
                continue
            back_off = 0.0
            if now >= next_sweep:
                next_sweep = now + SWEEP_INTERVAL
            if now >= next_look:
                next_look = now + bus.look_interval

    def _take(self, *, everything: bool) -> list[str]:
        """The channels to look at, without those that nobody follows any longer."""
        for channel_id, watch in list(self._watches.items()):
            if watch.is_idle:
                del self._watches[channel_id]
        moved, self._moved = self._moved, set()
        return [key for key in self._watches if everything or key in moved]

    def _look(self, channel_ids: list[str], *, check_access: bool) -> None:
        """Where the channels stand: one query, and one more for who may follow."""
        if not channel_ids:
            return
        channels = access.look(channel_ids)
        unchecked = [
            channel
            for channel_id, channel in channels.items()
            if check_access or self._watches[channel_id].is_doubted
        ]
        public = access.public_channels(unchecked) if unchecked else set()
        for channel_id in channel_ids:
            watch = self._watches[channel_id]
            channel = channels.get(channel_id)
            with self._lock:
                if channel is None:
                    del self._watches[channel_id]
                    watch.dismiss(public_only=False)
                    continue
                if channel in unchecked:
                    watch.is_public = channel_id in public
                if not watch.is_public or not channel.page.live:
                    watch.is_public = False
                    watch.dismiss(public_only=True)
            self._update(watch, channel)

    def _update(self, watch: Watch, channel: Channel) -> None:
        """Load and render what is new in a channel, and hand it out."""
        try:
            changes = self._load_changes(watch, channel)
        except DatabaseError:
            raise
        except Exception as error:
            measures.note_trouble("hub", error)
            # A template of the site's that fails must not stop other channels.
            logger.exception("Can't render the updates of channel %s.", channel)
            return
        with self._lock:
            if watch.history is None or changes is None:
                watch.history = History(channel.last_updated_at)
            else:
                watch.history.extend(changes, channel.last_updated_at)
            watch.deliver()
            watch.greet(watch)
        measures.note_updates(change.cursor for change in changes or ())

    def _load_changes(self, watch: Watch, channel: Channel):
        """What is new in a channel, rendered; ``None`` if its history starts here."""
        if watch.history is None:
            return None
        since, until = watch.history.cursor, channel.last_updated_at
        if not updates.remembers(channel, since):
            return None
        if until == since:
            return []
        return render_changes(channel, updates.changes_since(channel, since))


def answer_from_database(channel_id: str, since: datetime, form: Form):
    """The answer to a cursor that no hub remembers, or ``GONE``."""
    channel = access.get_channel(channel_id)
    if channel is None:
        return GONE
    payload = updates.payload(
        channel, since, delta=form.is_lean, overview=form.has_head
    )
    if updates.is_empty(payload):
        return Answer(b"", channel.last_updated_at)
    body = updates.serialise(payload)
    return Answer(frame(body, form, channel.last_updated_at), channel.last_updated_at)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _until(future: asyncio.Future, deadline: float):
    timer = future.get_loop().call_at(deadline, resolve, future, None)
    try:
        return await future
    finally:
        timer.cancel()


def _knows(watch: Watch, cursor: datetime | None) -> bool:
    return bool(cursor and watch.history and cursor <= watch.history.cursor)


def get_hub() -> Hub:
    """The hub of this process; a forked process gets one of its own."""
    global _hub
    if _hub is None:
        with _hub_lock:
            _hub = _hub or Hub()
    return _hub


def notify_hub(channel: Channel, cursor: datetime, **kwargs) -> None:
    """Readers of the writing process need not wait for the bus."""
    if _hub:
        _hub.notify(channel.channel_id, cursor)


def close_hub() -> None:
    """Close this process's hub, if it has one; the next reader opens another."""
    global _hub
    with _hub_lock:
        hub, _hub = _hub, None
    if hub:
        hub.close()


def _forget_hub() -> None:
    """In a forked child: the threads and the readers are the parent's."""
    global _hub, _hub_lock
    _hub, _hub_lock = None, threading.Lock()


_hub: Hub | None = None
_hub_lock = threading.Lock()
os.register_at_fork(after_in_child=_forget_hub)
live_page_update.connect(notify_hub, sender=Channel)

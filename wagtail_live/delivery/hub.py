"""The hub of a process, where its readers wait.

Readers wait in any event loop; a waiting reader is at most one future and one timer. The
hub's own thread checks the watched channels, loads and renders each change once, and gives
the same bytes to all readers at one cursor. Readers whose cursor is older than the hub's
recent changes are answered from the database by another thread, so that others don't wait.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection

from ..background import after_fork, fork_guard
from ..bus import get_bus
from ..bus.base import ALL_CHANNELS, BaseBus
from ..models import Channel
from ..monitoring.counters import counters
from ..signals import access_changed, channel_changed, readers_waiting
from . import access
from .access import ChannelGone, Unavailable
from .companions import companions
from .histories import get_key, histories
from .history import load_changes
from .loader import Loader
from .watch import (
    ASK_DATABASE,
    FORGOTTEN,
    GONE,
    Position,
    Reader,
    WaitingTask,
    Watch,
    resolve,
)
from .wire import Answer, WireFormat

logger = logging.getLogger("wagtail_live.delivery.hub")

SWEEP_INTERVAL = 5.0  # seconds: finds changes of access of which nothing else tells
MIN_BACK_OFF = 0.25  # seconds between two attempts while the database is unavailable
MAX_BACK_OFF = 4.0
FIRST_LOOK_TIMEOUT = 2.0  # seconds that a reader waits longer for a new channel


class Hub:
    """The readers of one process. Thread-safe; its thread runs while readers wait."""

    def __init__(self):
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}
        self._changed: set[str] = set()
        self._access_version = 0
        self._is_full_look_due = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._loader = Loader()
        self.is_draining = False

    async def wait_for_update(
        self,
        channel_id: str,
        since: datetime,
        timeout: float,
        wire_format: WireFormat = WireFormat.DELTA,
        *,
        public: bool = True,
    ) -> Answer | None:
        """Return the answer to a reader at a cursor as soon as there is one.

        ``None`` after ``timeout`` seconds; raise ``ChannelGone`` if the channel does not
        exist or, with ``public``, if not everybody may follow it.
        """
        deadline = _now() + timeout
        while True:
            watch = await self._find_watch(channel_id, since, deadline, public=public)
            if watch is None:
                return None
            position = Position(since, wire_format, public)
            result = await self._wait(channel_id, position, deadline)
            if result is FORGOTTEN:
                if self.is_draining:
                    return None
                continue
            if result is ASK_DATABASE:
                result = await self.load(channel_id, position, deadline)
                if result and not result.body:
                    since = result.cursor
                    continue
            if result is GONE:
                raise ChannelGone(channel_id)
            return result

    async def is_public(self, channel_id: str) -> bool:
        """Return whether everybody may follow the channel."""
        try:
            return await self.check_public(channel_id)
        except (ChannelGone, Unavailable):
            return False

    async def check_public(self, channel_id: str) -> bool:
        """Return whether everybody may follow the channel.

        The hub notices when a page becomes private, but checks one that was private again.
        Raise ``ChannelGone`` if there is no such channel, and ``Unavailable`` if nobody
        knows, because the database is unavailable.
        """
        watch = self._watches.get(channel_id)
        if watch is None or not watch.is_public:
            watch = await self._watch(channel_id, _now())
            if watch is None:
                raise Unavailable
        return watch.is_public

    async def check(self, channel_id: str, position: Position, deadline: float) -> bool:
        """Look at a channel for readers that ``add`` did not know; return whether that
        was done until the deadline. Raise ``ChannelGone`` if they may not follow it."""
        watch = await self._find_watch(
            channel_id, position.since, deadline, public=position.public
        )
        return watch is not None

    async def load(
        self, channel_id: str, position: Position, deadline: float
    ) -> Answer | None:
        """Return the answer from the database; ``None`` if it is unavailable until the
        deadline. Raise ``ChannelGone``, or ``Unavailable`` in a crowd."""
        since, wire_format, public = position
        result = await self._loader.load(channel_id, since, wire_format, deadline)
        if result is GONE:
            raise ChannelGone(channel_id)
        if result is None:
            return None
        # It may be newer than the hub's last check of access.
        watch = await self._find_watch(
            channel_id, result.cursor, deadline, public=public
        )
        return result if watch else None

    def add(self, channel_id: str, reader: Reader, position: Position) -> Any:
        """Let a reader wait (``None``), or return what ``Reader.take`` would get now.

        ``FORGOTTEN`` if the hub would have to look first, or sends its readers away.
        """
        with self._lock:
            watch = self._watches.get(channel_id)
            if watch is None or watch.recent is None or self.is_draining:
                return FORGOTTEN
            if position.public and not watch.is_public:
                return FORGOTTEN
            result = watch.answer(position.since, position.wire_format)
            if result is None:
                watch.add(reader, position)
            return result

    def knows(self, channel_id: str, cursor: datetime) -> bool:
        """Return whether everybody may follow the channel, and readers at the cursor need
        not wait for a look at the database."""
        watch = self._watches.get(channel_id)
        if watch is None or not watch.is_public or watch.recent is None:
            return False
        return cursor <= watch.recent.cursor

    def remove(self, reader: Reader) -> None:
        """Remove a reader who leaves; do nothing if they wait no more."""
        with self._lock:
            if reader.group:
                reader.group.watch.remove(reader)

    def notify(self, channel_id: str | None = None, cursor: datetime | None = None):
        """Check a channel that has changed, or (``None``) all of them, at once."""
        if channel_id == ALL_CHANNELS:
            return self.forget_access()
        if companions.members and companions.notify(channel_id, cursor):
            return
        with self._lock:
            watch = self._watches.get(channel_id)
            if channel_id is None:
                self._is_full_look_due = True
                self._changed.update(self._watches)
            elif watch is None or watch.knows(cursor):
                return
            else:
                self._changed.add(channel_id)
        self._wake.set()

    def forget_access(self) -> None:
        """Check access to all channels before anyone is let in or gets another update."""
        with self._lock:
            self._access_version += 1
            for watch in self._watches.values():
                watch.forget_access()
            self._changed.update(self._watches)
        self._wake.set()

    def tell(self, events: dict[str, bytes]) -> None:
        """Write events that are no updates to the streams of channels."""
        with self._lock:
            for channel_id, event in events.items():
                if watch := self._watches.get(channel_id):
                    watch.tell(event)

    def count_readers(self) -> int:
        return sum(self.readers_by_channel().values())

    def readers_by_channel(self) -> dict[str, int]:
        """Return the number of readers in this process for each watched channel."""
        with self._lock:
            return {key: watch.count_readers() for key, watch in self._watches.items()}

    def start(self) -> None:
        """Look at the database and listen to the bus, for companions that wait."""
        with self._lock:
            if not self.is_draining:
                self._start_thread()

    def drain(self, within: float = 0.0) -> None:
        """Send all readers away, spread over some seconds, and accept no others."""
        with self._lock:
            self.is_draining = True
            for watch in self._watches.values():
                watch.drain(within)
        companions.drain(within)

    def close(self) -> None:
        """Send the readers away and end the threads."""
        self.drain()
        with self._lock:
            self._watches.clear()
            thread = self._thread
        self._wake.set()
        if thread:
            thread.join()
        self._loader.close()

    async def _find_watch(
        self, channel_id: str, cursor: datetime, deadline: float, *, public: bool
    ) -> Watch | None:
        """Return the channel's watch once it knows a cursor and who has access; ``None``
        at the deadline."""
        watch = self._watches.get(channel_id)
        if not (watch and watch.knows(cursor) and (watch.is_public or not public)):
            watch = await self._watch(channel_id, deadline)
        if watch and public and not watch.is_public:
            raise ChannelGone(channel_id)
        return watch

    async def _watch(self, channel_id: str, deadline: float) -> Watch | None:
        """Return the channel's watch once it is up to date; ``None`` at the deadline."""
        while watch := await self._wait_for_look(channel_id, deadline):
            if watch.is_checked:  # and access has not changed again meanwhile
                break
        return watch

    async def _wait_for_look(self, channel_id: str, deadline: float) -> Watch | None:
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            watch = self._watches.setdefault(channel_id, Watch())
            watch.newcomers.add(future)
            self._changed.add(channel_id)
            self._start_thread()
        self._wake.set()
        try:
            result = await _wait_until(deadline + FIRST_LOOK_TIMEOUT, future)
        finally:
            with self._lock:
                watch.newcomers.discard(future)
        if result is GONE:
            raise ChannelGone(channel_id)
        return result

    def _start_thread(self) -> None:
        if self._thread is None:
            thread = threading.Thread(
                target=self._run, name="wagtail-live-hub", daemon=True
            )
            thread.start()
            self._thread = thread  # only if the thread could start

    async def _wait(self, channel_id: str, position: Position, deadline: float) -> Any:
        task = WaitingTask(asyncio.get_running_loop())
        result = self.add(channel_id, task, position)
        if result is not None:
            return result
        try:
            return await _wait_until(deadline, task.future)
        finally:
            self.remove(task)

    def _run(self) -> None:
        try:
            bus = get_bus()
            bus.start(self.notify)
            self._look_until_idle(bus)
        except Exception as error:
            counters.note_error("hub", error)
            logger.exception("The hub has stopped. The next reader starts it again.")
            with self._lock:
                self._thread = None
        finally:
            with fork_guard:
                connection.close()

    def _look_until_idle(self, bus: BaseBus) -> None:
        next_look = next_sweep = back_off = 0.0
        while True:
            self._wake.wait(max(0.0, next_look - time.monotonic()))
            self._wake.clear()
            now = time.monotonic()
            is_full = now >= next_look or self._is_full_look_due
            self._is_full_look_due = False
            is_sweep = is_full and now >= next_sweep
            with self._lock:
                watches = self._take(everything=is_full)
                if not self._watches and (self.is_draining or not companions.members):
                    # Under the lock, because the next thread starts the same bus again.
                    bus.stop()
                    self._thread = None
                    return
            try:
                with fork_guard:
                    self._look(watches, check_access=is_sweep)
                if is_full:
                    next_look = now + bus.look_interval
            except Exception as error:
                counters.note_error("hub", error)
                # Readers keep waiting, and get missed updates once it works again.
                back_off = min(MAX_BACK_OFF, back_off * 2 or MIN_BACK_OFF)
                logger.warning(
                    "Can't check for updates; next attempt in %s s.", back_off
                )
                logger.debug("Can't check for updates.", exc_info=True)
                with fork_guard:
                    connection.close()
                next_look = next_sweep = time.monotonic() + back_off
                time.sleep(back_off)
                continue
            back_off = 0.0
            if is_sweep:
                next_sweep = now + SWEEP_INTERVAL
            with fork_guard:
                _work_for_others(is_full=is_full)

    def _take(self, *, everything: bool) -> dict[str, Watch]:
        """Return the channels to check, and drop those that nobody follows."""
        for channel_id, watch in list(self._watches.items()):
            if watch.is_idle:
                del self._watches[channel_id]
        changed, self._changed = self._changed, set()
        if everything:
            return self._watches.copy()
        return {key: watch for key, watch in self._watches.items() if key in changed}

    def _look(self, watches: dict[str, Watch], *, check_access: bool) -> None:
        """Read the channels' cursors in one query, and access to them in another after it
        (or in the same, if nothing has changed): an update must not be delivered on an
        answer that is older. Meanwhile another thread may close the hub."""
        if not watches:
            return
        version = self._access_version
        paths = _get_open_paths(watches) if check_access else {}
        channels = access.look(list(watches), paths.values())
        known = [channel for key, channel in channels.items() if key in paths]
        still_open = access.find_open(known) if known else set()
        unchecked = {
            key: channel
            for key, channel in channels.items()
            if (check_access and key not in still_open)
            or watches[key].needs_access_check(channel)
        }
        public = access.public_channels(unchecked.values()) if unchecked else set()
        for channel_id, watch in watches.items():
            channel = channels.get(channel_id)
            with self._lock:
                if channel is None:
                    self._watches.pop(channel_id, None)
                    watch.dismiss(public_only=False)
                    continue
                if version != self._access_version:
                    self._look_again(channel_id)
                    continue
                watch.key = get_key(channel)
                if channel_id in unchecked:
                    watch.is_public = channel_id in public
                    watch.state = access.get_state(channel)
                if not watch.is_public:
                    watch.dismiss(public_only=True)
            self._update(watch, channel, version)

    def _look_again(self, channel_id: str) -> None:
        self._changed.add(channel_id)
        self._wake.set()

    def _update(self, watch: Watch, channel: Channel, version: int) -> None:
        """Load and render the changes of a channel, and deliver them."""
        try:
            changes = load_changes(watch.recent, channel)
        except DatabaseError:
            raise
        except Exception as error:
            counters.note_error("hub", error)
            # An error in one of the site's templates must not stop other channels.
            logger.exception("Can't render the updates of channel %s.", channel)
            return
        with self._lock:
            watch.remember(changes, channel.last_updated_at)
            if version == self._access_version:
                watch.deliver()
            else:
                self._look_again(channel.channel_id)
        counters.note_updates(change.cursor for change in changes or ())


def _get_open_paths(watches: dict[str, Watch]) -> dict[str, str]:
    """Return the paths of the pages that everybody may follow, by the channel's id."""
    paths = {key: watch.open_path for key, watch in watches.items()}
    return {key: path for key, path in paths.items() if path}


def _work_for_others(*, is_full: bool) -> None:
    """Call the companions, and tell that readers wait. Errors don't delay readers."""
    if is_full:
        companions.look()
    for _, error in readers_waiting.send_robust(sender=Hub):
        if isinstance(error, Exception):
            connection.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _wait_until(deadline: float, future: asyncio.Future):
    timer = future.get_loop().call_at(deadline, resolve, future, None)
    try:
        return await future
    finally:
        timer.cancel()


_hub = Hub()


def get_hub() -> Hub:
    """Return the hub of this process."""
    return _hub


def close_hub() -> None:
    """Close this process's hub, and replace it with a new one."""
    hub = get_hub()
    _renew_hub()
    hub.close()
    histories.reset()


def notify_hub(channel: Channel, cursor: datetime, **kwargs) -> None:
    """Tell the hub of the writing process, whose readers need not wait for the bus."""
    _hub.notify(channel.channel_id, cursor)


def forget_access(**kwargs) -> None:
    """Tell the hub that a page may have become private, or may be gone."""
    _hub.forget_access()


def _renew_hub() -> None:
    """Create a new hub; threads and readers belong to the old one, or to the parent."""
    global _hub
    _hub = Hub()


after_fork(_renew_hub)
channel_changed.connect(notify_hub, sender=Channel)
access_changed.connect(forget_access)

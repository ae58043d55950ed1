"""The desks that are open in this process, and how the hub tells them that something has
changed. They are told nothing else: each asks for what its user may see."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from enum import Flag, auto
from typing import Any

from django.dispatch import receiver

from ..background import after_fork
from ..desks.announcements import PREFIX, Announcement, decode
from ..models import Channel
from ..signals import desk_changed
from . import hub
from .companions import companions
from .limits import NoSlot
from .watch import call_soon

MAX_DESKS = 1000  # in a process
MAX_DESKS_PER_USER = 20
LOOK_FIELDS = (
    *("page_id", "last_updated_at", "desk_changed_at"),
    *("page__locked", "page__locked_by", "page__live", "page__path"),
)


class News(Flag):
    NOTHING = 0
    CHANGED = auto()  # the desk has to ask
    CHECK = auto()  # its user's rights may have changed
    END = auto()


class Desk:
    """An open desk, which waits for news in an event loop."""

    def __init__(self, page_id: int, channel_id: str, user_id: Any):
        self.page_id, self.channel_id, self.user_id = page_id, channel_id, user_id
        self.loop = asyncio.get_running_loop()
        self._news = News.NOTHING
        self._has_news = asyncio.Event()

    async def wait(self, timeout: float) -> News:
        """Return the news since the last call, as soon as there are any."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._has_news.wait()
        news, self._news = self._news, News.NOTHING
        self._has_news.clear()
        return news

    def tell(self, news: News) -> None:
        """Tell news; callable from any thread."""
        call_soon(self.loop, self.take, news)

    def take(self, news: News) -> None:
        self._news |= news
        self._has_news.set()


class Place:
    """A page with open desks, and what they know of it."""

    def __init__(self, channel_id: str):
        self.channel_id = channel_id
        self.desks: set[Desk] = set()
        self.cursor: datetime | None = None
        self.moment: datetime | None = None  # of the last announcement
        self.told: datetime | None = None  # by a signal or the bus, before it is noted
        self.state: tuple | None = None  # of the page, once somebody has looked

    def note(self, cursor: datetime, moment: datetime | None, *state: Any) -> News:
        """Note the state of a channel in the database; return what desks don't know."""
        news = News.NOTHING
        if self.state is not None:
            if self.cursor is None or cursor > self.cursor:
                news |= News.CHANGED
            if moment not in (self.moment, self.told):
                news |= News.CHANGED | News.CHECK
            if state != self.state:
                news |= News.CHECK
        self.cursor = max(cursor, self.cursor or cursor)
        self.moment, self.state = moment, state
        return news


class Desks:
    """The open desks of this process, by page. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all desks, in a forked child."""
        self._lock = threading.Lock()
        self._places: dict[int, Place] = {}
        self._users: Counter[Any] = Counter()
        companions.discard(self)

    def count(self) -> int:
        with self._lock:
            return self._users.total()

    def check_room(self, user_id: Any) -> None:
        """Raise ``NoSlot`` if too many desks are open, in this process or of this user."""
        is_full = self._users.total() >= MAX_DESKS
        if is_full or self._users[user_id] >= MAX_DESKS_PER_USER:
            raise NoSlot

    def add(self, desk: Desk) -> None:
        with self._lock:
            self.check_room(desk.user_id)
            self._users[desk.user_id] += 1
            place = self._places.setdefault(desk.page_id, Place(desk.channel_id))
            place.desks.add(desk)
            companions.add(self)
        hub.get_hub().start()

    def remove(self, desk: Desk) -> None:
        with self._lock:
            place = self._places.get(desk.page_id)
            if place is None or desk not in place.desks:
                return
            place.desks.remove(desk)
            self._users[desk.user_id] -= 1
            self._users += Counter()  # drops zero counts
            if not place.desks:
                del self._places[desk.page_id]
            if not self._places:
                companions.discard(self)

    def notify(self, channel_id: str | None, cursor: datetime | None) -> bool:
        """Pass on a message of the bus; return whether it was for desks alone."""
        if channel_id is None or cursor is None:
            return False
        if not channel_id.startswith(PREFIX):
            self.tell_of_posts(channel_id, cursor)
            return False
        if announcement := decode(channel_id):
            self.tell_of_announcement(announcement, cursor)
        return True

    def tell_of_posts(self, channel_id: str, cursor: datetime) -> None:
        with self._lock:
            for place in self._places.values():
                if place.channel_id != channel_id:
                    continue
                if place.cursor is None or cursor > place.cursor:
                    place.cursor = cursor
                    tell(place.desks, News.CHANGED)

    def tell_of_announcement(
        self, announcement: Announcement, moment: datetime
    ) -> None:
        with self._lock:
            for page_id, place in self._places.items():
                concerned = [
                    desk
                    for desk in place.desks
                    if announcement.concerns(page_id, desk.user_id)
                ]
                is_noted = concerned or announcement.page_id == page_id
                if not is_noted or place.told == moment:
                    continue  # nobody is concerned, or it was told before
                place.told = moment
                if announcement.people:
                    tell(concerned, News.CHANGED)
                else:
                    place.state = ()  # it has changed, too
                    tell(concerned, News.CHECK)

    def look(self) -> None:
        """Look at all pages with open desks, in one query, and tell what was missed."""
        page_ids = list(self._places)
        if not page_ids:
            return
        rows = {page_id: state for page_id, *state in read_states(page_ids)}
        with self._lock:
            for page_id in page_ids:
                if place := self._places.get(page_id):
                    state = rows.get(page_id)
                    tell(place.desks, place.note(*state) if state else News.CHECK)

    def note(self, page_id: int) -> None:
        """Note the state of a page before a desk asks, so that it misses nothing after."""
        states = read_states([page_id])
        with self._lock:
            place = self._places.get(page_id)
            for _, *state in states:
                if place and place.state is None:
                    place.note(*state)

    def drain(self, within: float = 0.0) -> None:
        """End all streams, spread over some seconds."""
        with self._lock:
            for place in self._places.values():
                for desk in place.desks:
                    delay = random.uniform(0, within)  # noqa: S311
                    call = desk.loop.call_later
                    call_soon(desk.loop, call, delay, desk.take, News.END)


def tell(desks: Iterable[Desk], news: News) -> None:
    if news:
        for desk in desks:
            desk.tell(news)


def read_states(page_ids: Iterable[int]) -> list[tuple]:
    channels = Channel.objects.filter(page_id__in=page_ids)
    return list(channels.values_list(*LOOK_FIELDS))


desks = Desks()
after_fork(desks.reset)


@receiver(desk_changed)
def tell_of_announcement(
    announcement: Announcement, moment: datetime, **kwargs: Any
) -> None:
    """Tell the desks of the announcing process, which need not wait for the bus."""
    desks.tell_of_announcement(announcement, moment)

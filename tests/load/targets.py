"""The servers under load, and the ways to follow them and publish to them."""

import importlib.util
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.utils.module_loading import import_string

from tests.load.floor import Floor
from tests.load.nchan import Nchan
from tests.load.payloads import decode_marks
from tests.load.readers import (
    EventStream,
    LongPoll,
    NchanLongPoll,
    NchanWebSocket,
    Reader,
    WebSocket,
)
from tests.servers import MissingProgram, Server, Uvicorn

MAX_READERS = 10_000
BACKLOG = ("--backlog", "4096")


class Feed(NamedTuple):
    """A channel: a way to publish to it, and readers who can follow it."""

    publish_path: str
    readers: list[Reader]


@dataclass(frozen=True)
class Target:
    """A server and the way to follow it; ``nchan`` names the target to compare it with."""

    name: str
    title: str
    reader_class: type[Reader]
    most_readers: int = MAX_READERS
    nchan: str = ""

    def server(self) -> Server:
        raise NotImplementedError

    def feed(self, readers: int) -> Feed:
        raise NotImplementedError


@dataclass(frozen=True)
class MarksTarget(Target):
    """A server that sends what is posted to it to all readers."""

    follow_path: str = "/follow"
    publish_path: str = "/publish"

    def feed(self, readers):
        followers = [
            self.reader_class(self.follow_path, decode=decode_marks)
            for _ in range(readers)
        ]
        return Feed(self.publish_path, followers)


@dataclass(frozen=True)
class NchanTarget(MarksTarget):
    connections: int = 16_384

    def server(self):
        return Nchan(self.connections)


@dataclass(frozen=True)
class FloorTarget(MarksTarget):
    way: str = "send"

    def server(self):
        return Floor(self.way)


@dataclass(frozen=True)
class DjangoEventStreamTarget(MarksTarget):
    follow_path: str = "/follow/"
    publish_path: str = "/publish/"

    def server(self):
        if importlib.util.find_spec("django_eventstream") is None:
            raise MissingProgram("django-eventstream is not installed")
        application = "tests.load.sites.django_event_stream:application"
        return Uvicorn({}, *BACKLOG, application=application)


class CountingSite(Uvicorn):
    """The test site, which counts its queries in its folder."""

    def environment(self):
        return {**super().environment(), "TEST_QUERIES": str(self.folder)}


@dataclass(frozen=True)
class LiveTarget(Target):
    """The test site; each feed is a new page of it.

    ``protocol`` is uvicorn's ``--http``.
    """

    url_name: str = ""
    application: str = "live"
    settings: dict = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    protocol: str = "auto"

    def server(self):
        if ":" in self.protocol:
            require(self.protocol)
        return CountingSite(
            {},
            *BACKLOG,
            *("--http", self.protocol, *self.arguments),
            application=f"tests.load.sites.live:{self.application}",
            settings={"ROOT_URLCONF": "tests.load.sites.urls", **self.settings},
        )

    def feed(self, readers):
        from tests.load.pages import follow_path, new_page  # needs Django set up

        page = new_page()
        path = follow_path(self.url_name, page)
        cursor = repr(page.last_update_timestamp)
        followers = [self.reader_class(path, cursor) for _ in range(readers)]
        return Feed(f"/publish/{page.pk}/", followers)


def require(name: str) -> None:
    try:
        import_string(name.replace(":", "."))
    except ImportError:
        raise MissingProgram(f"there is no {name}") from None


LONG_POLL = LiveTarget(
    "long-poll",
    "long poll",
    LongPoll,
    nchan="nchan-long-poll",
    url_name="long-polling",
)
EVENT_STREAM = LiveTarget(
    "event-stream",
    "event stream",
    EventStream,
    nchan="nchan-event-stream",
    url_name="event-stream",
)
WEB_SOCKET = LiveTarget(
    "websocket", "WebSocket", WebSocket, nchan="nchan-websocket", url_name="websocket"
)
TARGETS = {
    target.name: target
    for target in [
        NchanTarget("nchan-long-poll", "nchan, long poll", NchanLongPoll),
        LONG_POLL,
        replace(
            LONG_POLL,
            name="long-poll-protocol",
            title="long poll, protocol class",
            protocol="wagtail_live.asgi:LongPollProtocol",
        ),
        replace(
            LONG_POLL,
            name="plain-long-poll",
            title="long poll, plain Django",
            most_readers=1_000,
            application="plain",
        ),
        NchanTarget("nchan-event-stream", "nchan, event stream", EventStream),
        FloorTarget(
            "floor-event-stream-send",
            "a system call for each reader",
            EventStream,
            nchan=EVENT_STREAM.nchan,
        ),
        FloorTarget(
            "floor-event-stream-transport",
            "uvloop's write for each reader",
            EventStream,
            nchan=EVENT_STREAM.nchan,
            way="transport",
        ),
        EVENT_STREAM,
        replace(
            EVENT_STREAM,
            name="event-stream-send",
            title="event stream through send",
            settings={"WAGTAIL_LIVE_DIRECT_STREAMS": False},
        ),
        replace(
            EVENT_STREAM,
            name="event-stream-h11",
            title="event stream, h11",
            protocol="h11",
        ),
        replace(
            EVENT_STREAM,
            name="plain-event-stream",
            title="event stream, plain Django",
            most_readers=1_000,
            application="plain",
        ),
        DjangoEventStreamTarget(
            "django-eventstream",
            "django-eventstream",
            EventStream,
            nchan=EVENT_STREAM.nchan,
        ),
        NchanTarget("nchan-websocket", "nchan, WebSocket", NchanWebSocket),
        WEB_SOCKET,
    ]
}

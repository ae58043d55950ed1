"""The servers under load, and the ways to follow them and publish to them."""

import importlib.util
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.load.nchan import Nchan
from tests.load.payloads import decode_marks
from tests.load.readers import EventStream, LongPoll, NchanLongPoll, Reader, WebSocket
from tests.servers import MissingProgram, Server, Uvicorn

MAX_READERS = 10_000
BACKLOG = ("--backlog", "4096")


class Feed(NamedTuple):
    """A channel: a way to publish to it, and readers who can follow it."""

    publish_path: str
    readers: list[Reader]


@dataclass(frozen=True)
class Target:
    name: str
    title: str
    reader_class: type[Reader]
    most_readers: int = MAX_READERS

    def server(self) -> Server:
        raise NotImplementedError

    def feed(self, readers: int) -> Feed:
        raise NotImplementedError


@dataclass(frozen=True)
class NchanTarget(Target):
    def server(self):
        return Nchan()

    def feed(self, readers):
        followers = (
            self.reader_class("/follow", decode=decode_marks) for _ in range(readers)
        )
        return Feed("/publish", list(followers))


@dataclass(frozen=True)
class DjangoEventStreamTarget(Target):
    def server(self):
        if importlib.util.find_spec("django_eventstream") is None:
            raise MissingProgram("django-eventstream is not installed")
        application = "tests.load.sites.django_event_stream:application"
        return Uvicorn({}, *BACKLOG, application=application)

    def feed(self, readers):
        followers = (
            self.reader_class("/follow/", decode=decode_marks) for _ in range(readers)
        )
        return Feed("/publish/", list(followers))


class CountingSite(Uvicorn):
    """The test site, which counts its queries in its folder."""

    def environment(self):
        return {**super().environment(), "TEST_QUERIES": str(self.folder)}


@dataclass(frozen=True)
class LiveTarget(Target):
    """The test site; each feed is a new page of it."""

    url_name: str = ""
    application: str = "live"
    settings: dict = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    def server(self):
        return CountingSite(
            {},
            *BACKLOG,
            *self.arguments,
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


LONG_POLL = LiveTarget("long-poll", "long poll", LongPoll, url_name="long-polling")
TARGETS = {
    target.name: target
    for target in [
        NchanTarget("nchan-long-poll", "nchan, long poll", NchanLongPoll),
        LONG_POLL,
        LiveTarget(
            "plain-long-poll",
            "long poll, plain Django",
            LongPoll,
            1_000,
            url_name="long-polling",
            application="plain",
        ),
        NchanTarget("nchan-event-stream", "nchan, event stream", EventStream),
        LiveTarget(
            "event-stream", "event stream", EventStream, url_name="event-stream"
        ),
        LiveTarget(
            "plain-event-stream",
            "event stream, plain Django",
            EventStream,
            1_000,
            url_name="event-stream",
            application="plain",
        ),
        DjangoEventStreamTarget(
            "django-eventstream", "django-eventstream", EventStream
        ),
        LiveTarget("websocket", "WebSocket", WebSocket, url_name="websocket"),
    ]
}

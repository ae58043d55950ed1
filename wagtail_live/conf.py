"""The settings of wagtail_live: one entry each, and a function that reads it.

A wrong value raises ``ImproperlyConfigured``. The system checks and the table in
``docs/settings.md`` are made from the same entries.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db import models
    from wagtail.blocks import StreamBlock

    from .engines.base import BaseEngine
    from .publishers.base import BasePublisher
    from .receivers.base import BaseReceiver

logger = logging.getLogger("wagtail_live.conf")

Read = TypeVar("Read", bound=Callable)
Value = TypeVar("Value")

SETTINGS: dict[str, Setting] = {}
_caches: list[Any] = []


def read_once(read: Read, *, maxsize: int = 128) -> Read:
    """Cache the result of a function that reads settings until a setting is overridden.

    Django needs microseconds to look up an unset setting, and we do so for each reader.
    """
    cached: Any = lru_cache(maxsize)(read)
    _caches.append(cached)
    return cached


def _clear_caches(**kwargs: Any) -> None:
    for cached in _caches:
        cached.cache_clear()


setting_changed.connect(_clear_caches)


@dataclass(eq=False)
class Setting(Generic[Value]):
    """A setting. Subclasses implement ``clean``."""

    name: str
    default: Any
    check_id: str
    description: str
    hint: str = ""
    app: str = "wagtail_live"
    read: Callable[[], Value] = field(init=False)

    def __post_init__(self) -> None:
        self.read = read_once(
            lambda: self.clean(getattr(settings, self.name, self.default))
        )
        SETTINGS[self.name] = self

    def clean(self, value: Any) -> Value:
        """Return the value for use, or call ``fail``."""
        raise NotImplementedError

    def fail(self, problem: str, entry: str = "") -> NoReturn:
        raise ImproperlyConfigured(f"{self.name}{entry} {problem}")

    def import_class(self, path: Any, base: str, entry: str = "") -> type:
        """Import the class at a dotted path, which must be a subclass of another."""
        try:
            cls = import_string(path)
        except (ImportError, TypeError, AttributeError, ValueError) as error:
            self.fail(
                f"must be the dotted path of a class, not {path!r}: {error}", entry
            )
        if not (isinstance(cls, type) and issubclass(cls, import_string(base))):
            self.fail(f"must name a subclass of {base}, not {path}.", entry)
        return cls


@dataclass(eq=False)
class Number(Setting[Value]):
    minimum: float = 0
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        set_it = f"Set {self.name} to a number of {self.unit}, such as {self.default}."
        self.hint = self.hint or set_it

    def clean(self, value: Any) -> Value:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_valid = is_number and math.isfinite(value) and value >= self.minimum
        if not is_valid and (value is not None or self.default is not None):
            self.fail(f"must be a number of at least {self.minimum}, not {value!r}.")
        return value


class Boolean(Setting[bool]):
    def clean(self, value: Any) -> bool:
        if not isinstance(value, bool):
            self.fail(f"must be True or False, not {value!r}.")
        return value


@dataclass(eq=False)
class Class(Setting[Value]):
    base: str = ""

    def clean(self, value: Any) -> Value:
        cls: Any = self.import_class(value, self.base)
        return cls


class Function(Setting[Value]):
    def clean(self, value: Any) -> Value:
        if value is None:
            function: Any = None
            return function
        try:
            function = import_string(value)
        except (ImportError, TypeError, AttributeError, ValueError) as error:
            self.fail(f"must be the dotted path of a function, not {value!r}: {error}")
        if not callable(function):
            self.fail(f"must name a function, not {value}.")
        return function


class Model(Setting["type[models.Model] | None"]):
    """Returns the model, ``None`` if the site names none."""

    def clean(self, value: Any) -> type[models.Model] | None:
        if value is None:
            return None
        try:
            model: type[models.Model] = apps.get_model(value)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.fail(f'must look like "news.AuthorPage", not {value!r}: {error}')
        if model._meta.label == settings.AUTH_USER_MODEL:
            self.fail("must not be the model of users, who can be authors anyway.")
        return model


class Origins(Setting[frozenset[str]]):
    PATTERN = re.compile(r"https?://[^/\s]+")

    def clean(self, value: Any) -> frozenset[str]:
        is_list = isinstance(value, list | tuple | set | frozenset)
        if not is_list or not all(
            isinstance(origin, str) and self.PATTERN.fullmatch(origin)
            for origin in value
        ):
            example = "'https://app.example'"
            self.fail(f"must be a list of origins such as {example}, not {value!r}.")
        return frozenset(value)


class Bus(Setting[tuple[type, str, dict]]):
    """Returns the class, the location and the options. Error messages leave out the
    location and the options, which may hold a password."""

    def clean(self, value: Any) -> tuple[type, str, dict]:
        if isinstance(value, dict):
            value = value.get("default", value)
        if not isinstance(value, dict) or "BACKEND" not in value:
            example = '{"default": {"BACKEND": "dotted.path"}}'
            self.fail(f"must look like {example}.")
        options = value.get("OPTIONS", {})
        if not isinstance(options, dict):
            self.fail(f"must be a dict, not a {type(options).__name__}.", '["OPTIONS"]')
        bus_class = self.import_class(value["BACKEND"], "wagtail_live.bus.base.BaseBus")
        return bus_class, value.get("LOCATION", ""), options


class Receivers(Setting["dict[str, BaseReceiver]"]):
    """Returns the receivers by name. Errors leave out the options, which hold secrets."""

    NAME = re.compile(r"[-a-zA-Z0-9_]{1,50}")

    def clean(self, value: Any) -> dict[str, BaseReceiver]:
        if not isinstance(value, dict):
            self.fail(f"must be a dict of receivers, not a {type(value).__name__}.")
        return {name: self._make_receiver(name, value[name]) for name in value}

    def _make_receiver(self, name: Any, entry: Any) -> BaseReceiver:
        where = f"[{name!r}]"
        if not isinstance(name, str) or not self.NAME.fullmatch(name):
            self.fail(
                "must have a name of letters, digits, hyphens and underscores, "
                "at most 50.",
                where,
            )
        if not isinstance(entry, dict) or not isinstance(
            entry.get("OPTIONS", {}), dict
        ):
            example = '{"BACKEND": "dotted.path", "OPTIONS": {…}}'
            self.fail(f"must look like {example}.", where)
        base = "wagtail_live.receivers.base.BaseReceiver"
        receiver_class = self.import_class(entry.get("BACKEND"), base, where)
        return receiver_class(name, entry.get("OPTIONS", {}))


@dataclass(eq=False)
class Engine(Setting["BaseEngine | None"]):
    """Returns the engine. Errors leave out the value, which holds secrets."""

    engine: str = ""

    def clean(self, value: Any) -> BaseEngine | None:
        if value is None:
            return None
        try:
            engine_class = import_string(self.engine)
        except ImportError as error:
            self.fail(f"needs a package that is not installed: {error}.")
        try:
            engine: BaseEngine = engine_class.configure(value)
        except ImproperlyConfigured as error:
            self.fail(str(error))
        return engine


get_publisher: Callable[[], type[BasePublisher]] = Class(
    "WAGTAIL_LIVE_PUBLISHER",
    "wagtail_live.publishers.polling.LongPollingPublisher",
    "wagtail_live.E003",
    "Dotted path of the publisher: the class that delivers updates to readers.",
    "Leave WAGTAIL_LIVE_PUBLISHER out for the default, or name a class of "
    "wagtail_live.publishers or a subclass of your own.",
    base="wagtail_live.publishers.base.BasePublisher",
).read


def has_chosen_publisher() -> bool:
    """Return whether the site's settings name a publisher."""
    return hasattr(settings, "WAGTAIL_LIVE_PUBLISHER")


get_polling_timeout = Number[float](
    "WAGTAIL_LIVE_POLLING_TIMEOUT",
    25,
    "wagtail_live.E001",
    "Seconds that a long poll waits for an update before it is answered without one; "
    "0 to answer at once. Keep it below the limits of the proxies in front of the site.",
    unit="seconds",
).read
get_polling_interval = Number[float](
    "WAGTAIL_LIVE_POLLING_INTERVAL",
    3000,
    "wagtail_live.E002",
    "Milliseconds between two polls of an interval polling reader, at least 100.",
    minimum=100,
    unit="milliseconds",
).read
get_bus_configuration = Bus(
    "WAGTAIL_LIVE_BUS",
    {"default": {"BACKEND": "wagtail_live.bus.database.DatabaseBus"}},
    "wagtail_live.E006",
    "The bus that tells the other processes about updates, in the shape of `CACHES`, with "
    "`LOCATION` and `OPTIONS`. The default needs no service.",
    "Leave WAGTAIL_LIVE_BUS out for the default, or set it to "
    '{"default": {"BACKEND": "wagtail_live.bus.redis.RedisBus", "LOCATION": …}}.',
).read
get_grip_engine = Engine(
    "WAGTAIL_LIVE_GRIP",
    None,
    "wagtail_live.E025",
    "Pushpin or Fastly Fanout in front of the site, which hold the connections of readers: "
    "a GRIP URI, a dict, or a list of them.",
    'Install "wagtail-live[grip]", and set WAGTAIL_LIVE_GRIP to '
    '{"control_uri": "http://localhost:5561", "key": …} with the sig_key of pushpin.conf.',
    engine="wagtail_live.engines.grip.GripEngine",
).read
get_nchan_engine = Engine(
    "WAGTAIL_LIVE_NCHAN",
    None,
    "wagtail_live.E026",
    "nginx with nchan in front of the site, which holds event streams: a dict with "
    "`publish_url` and `key`.",
    "Set WAGTAIL_LIVE_NCHAN to "
    '{"publish_url": "http://127.0.0.1:8090/publish", "key": …} with the key that nginx '
    "sends in X-Wagtail-Live-Nchan.",
    engine="wagtail_live.engines.nchan.NchanEngine",
).read
get_post_block: Callable[[], type[StreamBlock]] = Class(
    "WAGTAIL_LIVE_POST_BLOCK",
    "wagtail_live.blocks.LivePostBlock",
    "wagtail_live.E004",
    "Dotted path of the `StreamBlock` class that lists the blocks of a post. A change "
    "needs no migration.",
    "Leave WAGTAIL_LIVE_POST_BLOCK out for the default, or name a subclass of "
    "wagtail_live.blocks.LivePostBlock.",
    base="wagtail.blocks.StreamBlock",
).read
get_author_model = Model(
    "WAGTAIL_LIVE_AUTHOR_MODEL",
    None,
    "wagtail_live.E065",
    "A model whose objects can be authors of posts, beside users, such as "
    '`"news.AuthorPage"`. A change needs no migration.',
    "Leave WAGTAIL_LIVE_AUTHOR_MODEL out, or name a model of an installed app, as in "
    '"news.AuthorPage".',
).read
get_author_profiles: Callable[[], Callable[[list], dict] | None] = Function(
    "WAGTAIL_LIVE_AUTHOR_PROFILES",
    None,
    "wagtail_live.E040",
    "Dotted path of a function that takes a list of users, or one of objects of "
    "`WAGTAIL_LIVE_AUTHOR_MODEL`, and returns a dict of their primary keys to "
    '`{"role": …, "url": …, "picture": …}`: what readers see of the authors of posts, '
    "beside their names.",
    "Leave WAGTAIL_LIVE_AUTHOR_PROFILES out, or set it to the dotted path of a function.",
).read
get_max_readers = Number[int](
    "WAGTAIL_LIVE_MAX_READERS",
    20_000,
    "wagtail_live.E009",
    "Maximum number of readers that wait in one process. Others get 503 with "
    "`Retry-After`, and poll.",
    minimum=1,
    unit="readers",
).read
get_max_readers_per_channel = Number[int](
    "WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL",
    20_000,
    "wagtail_live.E010",
    "The same for each channel.",
    minimum=1,
    unit="readers",
).read
get_max_readers_per_address = Number[int](
    "WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS",
    20_000,
    "wagtail_live.E011",
    "The same for each client address. Behind a proxy, set "
    "`WAGTAIL_LIVE_TRUSTED_PROXIES` before you lower it.",
    minimum=1,
    unit="readers",
).read
has_direct_streams = Boolean(
    "WAGTAIL_LIVE_DIRECT_STREAMS",
    True,
    "wagtail_live.E017",
    "`False` sends event streams by the server alone, and never writes them straight to "
    "the connections that uvicorn exposes.",
    "Leave WAGTAIL_LIVE_DIRECT_STREAMS out for the default, which is True.",
).read
get_max_waiting_threads = Number[int](
    "WAGTAIL_LIVE_MAX_WAITING_THREADS",
    1,
    "wagtail_live.E019",
    "Maximum number of long polls that wait in one process of a WSGI server, where each "
    "occupies a thread. Others are answered at once, and ask again after "
    "`WAGTAIL_LIVE_POLLING_INTERVAL`. One thread always stays free; without threads no "
    "long poll waits.",
    unit="threads",
).read
get_trusted_proxies = Number[int](
    "WAGTAIL_LIVE_TRUSTED_PROXIES",
    0,
    "wagtail_live.E012",
    "Number of proxies in front of the site that append to `X-Forwarded-For`. 0 ignores "
    "that header.",
    "Set WAGTAIL_LIVE_TRUSTED_PROXIES to the number of proxies in front of the site.",
).read
get_end_after: Callable[[], float | None] = Number(
    "WAGTAIL_LIVE_END_AFTER",
    None,
    "wagtail_live.E020",
    "Hours without an update after which a live page ends by itself; `None` for never. A "
    "page with a scheduled post does not end.",
    "Leave WAGTAIL_LIVE_END_AFTER out for never, or set it to a number of hours.",
    minimum=0.01,
).read
get_keep_tombstones = Number[float](
    "WAGTAIL_LIVE_KEEP_TOMBSTONES",
    30,
    "wagtail_live.E021",
    "Days for which deletions of posts are remembered. Readers who were away for longer "
    "are sent the list of all posts.",
    minimum=0.01,
    unit="days",
).read
get_allowed_origins = Origins(
    "WAGTAIL_LIVE_ALLOWED_ORIGINS",
    [],
    "wagtail_live.E013",
    'Origins of other sites, such as `"https://app.example"`, whose pages may follow live '
    "pages of this site. They are echoed exactly, without credentials.",
    "List scheme and host of each origin, without a path.",
).read
get_api_rate = Number[float](
    "WAGTAIL_LIVE_API_RATE",
    10,
    "wagtail_live.E022",
    "Requests a second that a token of the API may make in the long run.",
    app="wagtail_live.api",
    minimum=0.01,
    unit="requests a second",
).read
get_api_burst = Number[float](
    "WAGTAIL_LIVE_API_BURST",
    100,
    "wagtail_live.E023",
    "Requests that a token of the API may make at once after a pause. Others get "
    "429 with `Retry-After`.",
    app="wagtail_live.api",
    minimum=1,
    unit="requests",
).read
get_max_video_size = Number[int](
    "WAGTAIL_LIVE_MAX_VIDEO_SIZE",
    200 * 2**20,
    "wagtail_live.E032",
    "Bytes that a video or audio may have which is sent from the live desk or by a "
    "receiver. Servers in front of the site have limits of their own.",
    app="wagtail_live.video",
    minimum=1,
    unit="bytes",
).read
get_receivers = Receivers(
    "WAGTAIL_LIVE_RECEIVERS",
    {},
    "wagtail_live.E030",
    "Receivers of messages by name, each with `BACKEND` and `OPTIONS`. The name is part "
    "of the URL of the receiver's webhook.",
    'Name each receiver and its class: {"newsroom": {"BACKEND": '
    '"wagtail_live.receivers.slack.SlackReceiver", "OPTIONS": {…}}}.',
).read
get_between_posts: Callable[[], int | None] = Number(
    "WAGTAIL_LIVE_BETWEEN_POSTS",
    None,
    "wagtail_live.E041",
    "Number of posts between two parts `live_blog/between_posts.html`, such as ads; `None` "
    "for no such parts.",
    "Leave WAGTAIL_LIVE_BETWEEN_POSTS out for none, or set it to a number of posts.",
    minimum=1,
    unit="posts",
).read
shows_writing = Boolean(
    "WAGTAIL_LIVE_SHOW_WRITING",
    False,
    "wagtail_live.E042",
    "`True` shows readers “A reporter is writing…” above the posts while a new post is typed "
    "at the live desk.",
    "Set WAGTAIL_LIVE_SHOW_WRITING to True or False.",
).read
counts_readers = Boolean(
    "WAGTAIL_LIVE_COUNT_READERS",
    False,
    "wagtail_live.E043",
    "`True` counts the readers of each page, in all processes, for the live desk. Not with a "
    "push engine.",
    "Set WAGTAIL_LIVE_COUNT_READERS to True or False.",
).read
get_min_readers = Number[int](
    "WAGTAIL_LIVE_MIN_READERS",
    None,
    "wagtail_live.E044",
    "Number of readers from which a page shows readers how many they are, which needs "
    "`WAGTAIL_LIVE_COUNT_READERS`; `None` for never.",
    "Leave WAGTAIL_LIVE_MIN_READERS out for never, or set it to a number of readers, such "
    "as 10.",
    minimum=1,
    unit="readers",
).read
is_enabled = Boolean(
    "WAGTAIL_LIVE_ENABLED",
    True,
    "wagtail_live.E014",
    "`False` tells all readers to stop asking for updates (204) until their page is shown "
    "again.",
    "Leave WAGTAIL_LIVE_ENABLED out for the default, which is True.",
).read
get_retry_after = Number[float](
    "WAGTAIL_LIVE_RETRY_AFTER",
    0,
    "wagtail_live.E015",
    "Seconds that readers pause after each response, sent in the header `Retry-After`, to "
    "reduce the load on a server.",
    "Set WAGTAIL_LIVE_RETRY_AFTER to a number of seconds, 0 for none.",
).read
get_embed_consent = Boolean(
    "WAGTAIL_LIVE_ASK_BEFORE_EMBEDS",
    False,
    "wagtail_live.E016",
    "`True` loads the embeds of other sites only after the reader has agreed.",
    "Set WAGTAIL_LIVE_ASK_BEFORE_EMBEDS to True or False.",
).read


def has_reader_counts() -> bool:
    """Return whether readers are counted: not those whose connections an engine holds."""
    return counts_readers() and get_engine() is None


def shows_activity() -> bool:
    """Return whether pages show readers that a reporter writes, or their own number."""
    return shows_writing() or bool(get_min_readers() and has_reader_counts())


@read_once
def get_engine() -> BaseEngine | None:
    """Return the push engine in front of the site, if one is set.

    A wrong setting is an error of the system checks. Where a server runs none, it is
    logged, and readers are answered without an engine.
    """
    try:
        return get_grip_engine() or get_nchan_engine()
    except ImproperlyConfigured as error:
        logger.error("%s There is no push engine.", error)
        return None

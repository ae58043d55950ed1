"""The settings of wagtail_live, read when used. A wrong value raises
``ImproperlyConfigured``; ``checks`` reports the same as a system check error."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from wagtail.blocks import StreamBlock

    from .publishers.base import BasePublisher

ORIGIN = re.compile(r"https?://[^/\s]+")
RECEIVER_NAME = re.compile(r"[-a-zA-Z0-9_]{1,50}")
DEFAULTS = {
    "WAGTAIL_LIVE_ALLOWED_ORIGINS": (),
    "WAGTAIL_LIVE_API_BURST": 100,
    "WAGTAIL_LIVE_API_RATE": 10,
    "WAGTAIL_LIVE_ASK_BEFORE_EMBEDS": False,
    "WAGTAIL_LIVE_BUS": {"BACKEND": "wagtail_live.bus.database.DatabaseBus"},
    "WAGTAIL_LIVE_END_AFTER": None,
    "WAGTAIL_LIVE_KEEP_TOMBSTONES": 30,
    "WAGTAIL_LIVE_ENABLED": True,
    "WAGTAIL_LIVE_MAX_READERS": 20_000,
    "WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS": 20_000,
    "WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL": 20_000,
    "WAGTAIL_LIVE_POLLING_TIMEOUT": 25,
    "WAGTAIL_LIVE_POLLING_INTERVAL": 3000,
    "WAGTAIL_LIVE_POST_BLOCK": "wagtail_live.blocks.LivePostBlock",
    "WAGTAIL_LIVE_PUBLISHER": "wagtail_live.publishers.polling.LongPollingPublisher",
    "WAGTAIL_LIVE_RECEIVERS": {},
    "WAGTAIL_LIVE_RETRY_AFTER": 0,
    "WAGTAIL_LIVE_TRUSTED_PROXIES": 0,
}

Read = TypeVar("Read", bound=Callable)
_caches: list[Any] = []


def read_once(read: Read) -> Read:
    """Remember what a function reads from the settings, until one is overridden: a
    look at a setting that the site left out takes microseconds, for every reader."""
    cached: Any = lru_cache(read)
    _caches.append(cached)
    return cached


def _read_again(**kwargs: Any) -> None:
    for cached in _caches:
        cached.cache_clear()


setting_changed.connect(_read_again)


@read_once
def get_polling_timeout() -> float:
    """``WAGTAIL_LIVE_POLLING_TIMEOUT``: seconds that a long poll waits for an update
    before it answers without one. Default 25, below the limit of every common proxy;
    0 answers at once."""
    return _get_number("WAGTAIL_LIVE_POLLING_TIMEOUT", least=0)


@read_once
def get_polling_interval() -> float:
    """``WAGTAIL_LIVE_POLLING_INTERVAL``: milliseconds between two polls of a reader who
    polls at intervals. Default 3000, at least 100."""
    return _get_number("WAGTAIL_LIVE_POLLING_INTERVAL", least=100)


@read_once
def get_publisher() -> type[BasePublisher]:
    """``WAGTAIL_LIVE_PUBLISHER``: dotted path of the class that delivers updates to
    readers. Default ``wagtail_live.publishers.polling.LongPollingPublisher``."""
    from .publishers.base import BasePublisher

    return _get_class("WAGTAIL_LIVE_PUBLISHER", BasePublisher)


@read_once
def get_post_block() -> type[StreamBlock]:
    """``WAGTAIL_LIVE_POST_BLOCK``: dotted path of the ``StreamBlock`` class that lists the
    blocks of a post. Default ``wagtail_live.blocks.LivePostBlock``."""
    from wagtail.blocks import StreamBlock

    return _get_class("WAGTAIL_LIVE_POST_BLOCK", StreamBlock)


@read_once
def get_bus_configuration() -> tuple[type, str, dict]:
    """``WAGTAIL_LIVE_BUS``: how processes tell each other of updates, in the shape of
    ``CACHES``: ``{"default": {"BACKEND": dotted path, "LOCATION": …, "OPTIONS": {…}}}``.
    Default ``wagtail_live.bus.database.DatabaseBus``, which needs no service. Returns the
    class, the location and the options."""
    from .bus.base import BaseBus

    value = _get("WAGTAIL_LIVE_BUS")
    if isinstance(value, dict):
        value = value.get("default", value)
    if not isinstance(value, dict) or "BACKEND" not in value:
        raise ImproperlyConfigured(
            'WAGTAIL_LIVE_BUS must look like {"default": {"BACKEND": "dotted.path"}}, '
            f"not {value!r}."
        )
    bus_class = _import_class("WAGTAIL_LIVE_BUS", value["BACKEND"], BaseBus)
    return bus_class, value.get("LOCATION", ""), value.get("OPTIONS", {})


@read_once
def get_receivers() -> dict[str, tuple[type, dict]]:
    """``WAGTAIL_LIVE_RECEIVERS``: where messages come from, in the shape of ``CACHES``:
    ``{name: {"BACKEND": dotted path, "OPTIONS": {…}}}``, each name a segment of its
    webhook's URL. Default none. Returns each one's class and options."""
    value = _get("WAGTAIL_LIVE_RECEIVERS")
    if not isinstance(value, dict):
        raise ImproperlyConfigured(
            "WAGTAIL_LIVE_RECEIVERS must be a dict of names, not a "
            f"{type(value).__name__}."
        )
    return {name: _get_receiver(name, entry) for name, entry in value.items()}


@read_once
def get_max_readers() -> int:
    """``WAGTAIL_LIVE_MAX_READERS``: readers that may wait in one process; more are
    answered 503 and poll later. Default 20,000."""
    return _get_number("WAGTAIL_LIVE_MAX_READERS", least=1)


@read_once
def get_max_readers_per_channel() -> int:
    """``WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL``: the same for each channel. Default
    20,000."""
    return _get_number("WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL", least=1)


@read_once
def get_max_readers_per_address() -> int:
    """``WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS``: the same for each client address. Default
    20,000; set ``WAGTAIL_LIVE_TRUSTED_PROXIES`` before lowering it behind a proxy."""
    return _get_number("WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS", least=1)


@read_once
def get_trusted_proxies() -> int:
    """``WAGTAIL_LIVE_TRUSTED_PROXIES``: the number of proxies in front of the site that
    append to ``X-Forwarded-For``. Default 0, which ignores that header."""
    return _get_number("WAGTAIL_LIVE_TRUSTED_PROXIES", least=0)


@read_once
def get_end_after() -> float | None:
    """``WAGTAIL_LIVE_END_AFTER``: hours without a change after which a live page ends by
    itself. Default ``None``: never."""
    if _get("WAGTAIL_LIVE_END_AFTER") is None:
        return None
    return _get_number("WAGTAIL_LIVE_END_AFTER", least=0.01)


@read_once
def get_keep_tombstones() -> float:
    """``WAGTAIL_LIVE_KEEP_TOMBSTONES``: days for which it is remembered that a post was
    deleted. Default 30."""
    return _get_number("WAGTAIL_LIVE_KEEP_TOMBSTONES", least=0.01)


@read_once
def get_allowed_origins() -> frozenset[str]:
    """``WAGTAIL_LIVE_ALLOWED_ORIGINS``: origins of other sites whose pages may follow
    live pages of this one, such as ``["https://app.example"]``. Default none."""
    origins = _get("WAGTAIL_LIVE_ALLOWED_ORIGINS")
    is_list = isinstance(origins, list | tuple | set | frozenset)
    if not is_list or not all(_is_origin(origin) for origin in origins):
        raise ImproperlyConfigured(
            "WAGTAIL_LIVE_ALLOWED_ORIGINS must be a list of origins such as "
            f"'https://app.example', not {origins!r}."
        )
    return frozenset(origins)


@read_once
def get_api_rate() -> float:
    """``WAGTAIL_LIVE_API_RATE``: requests a second that a token of the API may make in
    the long run. Default 10."""
    return _get_number("WAGTAIL_LIVE_API_RATE", least=0.01)


@read_once
def get_api_burst() -> float:
    """``WAGTAIL_LIVE_API_BURST``: requests that a token of the API may make at once after
    a rest; more are answered 429. Default 100."""
    return _get_number("WAGTAIL_LIVE_API_BURST", least=1)


@read_once
def is_enabled() -> bool:
    """``WAGTAIL_LIVE_ENABLED``: ``False`` tells all readers to ask for no updates until
    their page is shown again. Default ``True``."""
    return _get_bool("WAGTAIL_LIVE_ENABLED")


@read_once
def get_retry_after() -> float:
    """``WAGTAIL_LIVE_RETRY_AFTER``: seconds that readers rest after each answer, to take
    load off a server in trouble. Default 0."""
    return _get_number("WAGTAIL_LIVE_RETRY_AFTER", least=0)


@read_once
def get_embed_consent() -> bool:
    """``WAGTAIL_LIVE_ASK_BEFORE_EMBEDS``: whether embeds of other sites load only after
    the reader has agreed. Default ``False``."""
    return _get_bool("WAGTAIL_LIVE_ASK_BEFORE_EMBEDS")


def _get_receiver(name: str, entry: Any) -> tuple[type, dict]:
    """The messages leave out the options, which hold secrets."""
    from .receivers.base import BaseReceiver

    setting = f"WAGTAIL_LIVE_RECEIVERS[{name!r}]"
    if not isinstance(name, str) or not RECEIVER_NAME.fullmatch(name):
        raise ImproperlyConfigured(
            f"{setting} must have a name of letters, digits, hyphens and underscores, "
            "at most 50."
        )
    if not isinstance(entry, dict) or not isinstance(entry.get("OPTIONS", {}), dict):
        raise ImproperlyConfigured(
            f'{setting} must look like {{"BACKEND": "dotted.path", "OPTIONS": {{…}}}}.'
        )
    backend = _import_class(setting, entry.get("BACKEND"), BaseReceiver)
    return backend, entry.get("OPTIONS", {})


def _is_origin(origin: Any) -> bool:
    return isinstance(origin, str) and bool(ORIGIN.fullmatch(origin))


def _get(name: str) -> Any:
    return getattr(settings, name, DEFAULTS[name])


def _get_bool(name: str) -> bool:
    value = _get(name)
    if not isinstance(value, bool):
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value


def _get_number(name: str, *, least: float) -> Any:
    value = _get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < least:
        raise ImproperlyConfigured(
            f"{name} must be a number of at least {least}, not {value!r}."
        )
    return value


def _get_class(name: str, base: type) -> Any:
    return _import_class(name, _get(name), base)


def _import_class(name: str, path: Any, base: type) -> Any:
    try:
        cls = import_string(path)
    except (ImportError, TypeError, AttributeError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} must be the dotted path of a class, not {path!r}: {error}"
        ) from error
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise ImproperlyConfigured(
            f"{name} must name a subclass of {base.__module__}.{base.__qualname__}; "
            f"{path} is none."
        )
    return cls

"""The settings of wagtail_live, read when used. A wrong value raises
``ImproperlyConfigured``; ``checks`` reports the same as a system check error."""

import math

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

DEFAULTS = {
    "WAGTAIL_LIVE_POLLING_TIMEOUT": 25,
    "WAGTAIL_LIVE_POLLING_INTERVAL": 3000,
    "WAGTAIL_LIVE_POST_BLOCK": "wagtail_live.blocks.LivePostBlock",
    "WAGTAIL_LIVE_PUBLISHER": "wagtail_live.publishers.polling.LongPollingPublisher",
}


def get_polling_timeout() -> float:
    """``WAGTAIL_LIVE_POLLING_TIMEOUT``: seconds that a long poll waits for an update
    before it answers without one. Default 25, below the limit of every common proxy;
    0 answers at once."""
    return _get_number("WAGTAIL_LIVE_POLLING_TIMEOUT", least=0)


def get_polling_interval() -> float:
    """``WAGTAIL_LIVE_POLLING_INTERVAL``: milliseconds between two polls of a reader who
    polls at intervals. Default 3000, at least 100."""
    return _get_number("WAGTAIL_LIVE_POLLING_INTERVAL", least=100)


def get_publisher():
    """``WAGTAIL_LIVE_PUBLISHER``: dotted path of the class that delivers updates to
    readers. Default ``wagtail_live.publishers.polling.LongPollingPublisher``."""
    from .publishers.base import BasePublisher

    return _get_class("WAGTAIL_LIVE_PUBLISHER", BasePublisher)


def get_post_block():
    """``WAGTAIL_LIVE_POST_BLOCK``: dotted path of the ``StreamBlock`` class that lists the
    blocks of a post. Default ``wagtail_live.blocks.LivePostBlock``."""
    from wagtail.blocks import StreamBlock

    return _get_class("WAGTAIL_LIVE_POST_BLOCK", StreamBlock)


def _get(name):
    return getattr(settings, name, DEFAULTS[name])


def _get_number(name, *, least):
    value = _get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < least:
        raise ImproperlyConfigured(
            f"{name} must be a number of at least {least}, not {value!r}."
        )
    return value


def _get_class(name, base):
    path = _get(name)
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

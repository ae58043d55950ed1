"""Cursors: positions in a channel's history, as datetimes here and floats on the wire."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from secrets import randbits

from django.conf import settings
from django.utils import timezone

MICROSECOND = timedelta(microseconds=1)
NUMBER = re.compile(r"[0-9]{1,32}(\.[0-9]{0,32})?([eE][+-]?[0-9]{1,3})?")
MAX_TIMESTAMP = 253402300799.0  # the end of the year 9999, where datetime ends


class InvalidCursor(ValueError):
    """A cursor that is not valid; the message says why."""


def to_timestamp(cursor: datetime) -> float:
    """Return the seconds since the epoch, exact to the microsecond (until the year 2242)."""
    return to_aware(cursor).timestamp()


def to_aware(moment: datetime) -> datetime:
    """Return an aware datetime; ``moment`` is naive if ``USE_TZ = False``."""
    if timezone.is_aware(moment):
        return moment
    return timezone.make_aware(moment, timezone.get_default_timezone())


def from_timestamp(timestamp: float) -> datetime:
    """Return the inverse of ``to_timestamp``: naive if ``USE_TZ = False``."""
    cursor = datetime.fromtimestamp(timestamp, tz=UTC)
    if settings.USE_TZ:
        return cursor
    return timezone.make_naive(cursor, timezone.get_default_timezone())


def in_current_mode(moment: datetime) -> datetime:
    """Return the moment as the database takes it: naive if ``USE_TZ = False``."""
    return from_timestamp(to_timestamp(moment))


def parse(values: list[str], name: str = "last_update_ts") -> datetime:
    """Return the cursor in the values of a parameter, or raise ``InvalidCursor``."""
    if not values or not values[0]:
        raise InvalidCursor(f"{name} is missing.")
    if len(values) > 1:
        raise InvalidCursor(f"{name} is given more than once.")
    if not NUMBER.fullmatch(values[0]):
        raise InvalidCursor(f"{name} is not a number of seconds since the epoch.")
    timestamp = float(values[0])
    if timestamp > MAX_TIMESTAMP:  # or infinite
        raise InvalidCursor(f"{name} is out of range.")
    return from_timestamp(timestamp)


def time_ordered_uuid(moment: datetime) -> uuid.UUID:
    """Return a version 7 UUID (RFC 9562) that sorts by ``moment``, to the microsecond."""
    microseconds = round(to_timestamp(moment) * 1_000_000)
    milliseconds, remainder = divmod(microseconds, 1000)
    fraction = remainder * 4096 // 1000
    return uuid.UUID(
        int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | randbits(62)
    )


def is_of_moment(post_id: uuid.UUID, moment: datetime) -> bool:
    """Return whether an id is one that ``time_ordered_uuid`` made for this moment."""
    return post_id.int >> 64 == time_ordered_uuid(moment).int >> 64

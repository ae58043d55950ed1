"""Cursors and other moments: aware datetimes in Python, UTC in the database, and floats of
seconds on the wire."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from datetime import timezone as FixedOffset
from secrets import randbits
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

MICROSECOND = timedelta(microseconds=1)
NUMBER = re.compile(r"[0-9]{1,32}(\.[0-9]{0,32})?([eE][+-]?[0-9]{1,3})?")
MAX_TIMESTAMP = 253402300799.0  # the end of the year 9999, where datetime ends


class InvalidCursor(ValueError):
    """A cursor that is not valid; the message says why."""


class MomentField(models.DateTimeField):
    """A ``DateTimeField`` that is aware and stored in UTC, also if ``USE_TZ = False``.

    Local times without an offset name an hour in autumn twice: posts would change their
    order, and readers miss updates. Naive values are taken in the site's time zone.
    """

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        is_moment = isinstance(value, datetime) and not settings.USE_TZ
        return to_aware(value) if is_moment else value

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        takes_offsets = settings.USE_TZ or connection.features.supports_timezones
        if isinstance(value, datetime) and not takes_offsets:
            value = timezone.make_naive(to_aware(value), UTC)
        return connection.ops.adapt_datetimefield_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or settings.USE_TZ:
            return value
        if not connection.features.supports_timezones:
            value = value.replace(tzinfo=UTC)
        return to_aware(value)


def now() -> datetime:
    """Return the current time, aware."""
    if settings.USE_TZ:
        return timezone.now()
    return at(time.time())


def to_timestamp(cursor: datetime) -> float:
    """Return the seconds since the epoch, exact to the microsecond (until the year 2242)."""
    return to_aware(cursor).timestamp()


def to_aware(moment: datetime) -> datetime:
    """Return the moment as an aware datetime; a naive one is in the site's time zone.

    If ``USE_TZ = False``, when Django doesn't convert times to local ones, it has the
    offset that the time zone has then. Not the zone itself: Python compares two times of
    one zone by their clocks.
    """
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    elif settings.USE_TZ:
        return moment
    try:
        utc = moment.astimezone(UTC)
        local = utc.astimezone(timezone.get_default_timezone())
        return utc.astimezone(FixedOffset(local.replace(tzinfo=UTC) - utc))
    except OverflowError:  # in the years 1 and 9999
        return moment


def at(timestamp: float) -> datetime:
    """Return the inverse of ``to_timestamp``, aware."""
    return to_aware(datetime.fromtimestamp(timestamp, tz=UTC))


def from_timestamp(timestamp: float) -> datetime:
    """Return the inverse of ``to_timestamp``: naive if ``USE_TZ = False``."""
    return in_current_mode(at(timestamp))


def in_current_mode(moment: datetime) -> datetime:
    """Return the moment as Django's own fields have it: naive if ``USE_TZ = False``."""
    if settings.USE_TZ:
        return to_aware(moment)
    return timezone.make_naive(to_aware(moment), timezone.get_default_timezone())


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
    return at(timestamp)


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

"""A bus over PostgreSQL's ``LISTEN`` and ``NOTIFY``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections

from .base import BaseBus, encode

NOT_FOR_LIBPQ = ("context", "cursor_factory", "prepare_threshold")
# A listener sends nothing: without keepalives it would not notice for hours that the
# network has failed.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
STOP_CHECK_INTERVAL = 0.5  # seconds, of the listener


class PostgresBus(BaseBus):
    """Notifies inside the writing transaction, so that PostgreSQL itself sends the
    message at the commit and drops it at a rollback.

    Each process listens on one connection of its own: to ``LOCATION`` (a libpq
    connection string), or else to the database ``OPTIONS["database"]`` (default
    ``"default"``). Behind a transaction pooler such as PgBouncer set ``LOCATION`` to the
    server itself, because a pooler can't listen. ``OPTIONS["channel"]`` names the
    notification channel (default ``"wagtail_live"``).
    """

    @property
    def alias(self) -> str:
        return self.options.get("database", DEFAULT_DB_ALIAS)

    @property
    def channel(self) -> str:
        return self.options.get("channel", "wagtail_live")

    def announce(self, channel_id: str, cursor: datetime, *, using: str) -> None:
        if connections[using].vendor != "postgresql":
            return  # reported by check E007
        message = encode(channel_id, cursor)
        with connections[using].cursor() as database:
            database.execute("SELECT pg_notify(%s, %s)", [self.channel, message])

    def listen(self, stopping: threading.Event) -> Iterator[str | None]:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self._dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("LISTEN {}").format(sql.Identifier(self.channel))
            )
            yield None
            while not stopping.is_set():
                for notification in connection.notifies(timeout=STOP_CHECK_INTERVAL):
                    yield notification.payload

    def check(self) -> list[checks.CheckMessage]:
        error = self._find_error()
        return [checks.Error(*error, id="wagtail_live.E007")] if error else []

    def _find_error(self) -> tuple[str, str] | None:
        """Return the error in the settings and a hint."""
        if find_spec("psycopg") is None:
            return "PostgresBus needs psycopg 3.", 'Install "wagtail-live[postgres]".'
        if self.alias not in connections:
            return (
                f"PostgresBus: there is no database {self.alias!r}.",
                'Name one of DATABASES in OPTIONS["database"].',
            )
        if connections[self.alias].vendor != "postgresql":
            return (
                f"PostgresBus needs a PostgreSQL database; {self.alias!r} is not one.",
                "Use wagtail_live.bus.database.DatabaseBus (the default) or "
                "wagtail_live.bus.redis.RedisBus.",
            )
        import psycopg

        try:
            self._dsn()
        except psycopg.ProgrammingError as error:
            return (
                f"PostgresBus can't read its LOCATION: {error}".strip(),
                'Set LOCATION to a libpq connection string, such as "host=… dbname=…".',
            )
        return None

    def _dsn(self) -> str:
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        if self.location:
            parameters: dict[str, Any] = dict(conninfo_to_dict(self.location))
        else:
            parameters = connections[self.alias].get_connection_params()
            for name in NOT_FOR_LIBPQ:
                parameters.pop(name, None)
        return make_conninfo(**(KEEPALIVES | parameters))

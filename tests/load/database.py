"""The database of the sites under load, and the setup of Django in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.conf import settings
from django.core.management import call_command

from tests.load.processes import CLIENT_CORE, on_core


@contextmanager
def migrated_database(kind: str) -> Iterator[None]:
    """Create a database, ``postgres`` or ``sqlite``, for this process and its servers."""
    with (
        on_core(CLIENT_CORE),
        start_database(kind) as url,
        TemporaryDirectory(prefix="wagtail-live-media-") as media,
    ):
        os.environ["TEST_MEDIA_ROOT"] = media
        os.environ["TEST_DATABASE_URL"] = url
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        yield


def kept_connections() -> dict:
    """Return the setting with which a site under WSGI connects once, as those under load
    should."""
    return {
        "DATABASES": {"default": settings.DATABASES["default"] | {"CONN_MAX_AGE": None}}
    }


@contextmanager
def start_database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with TemporaryDirectory(prefix="wagtail-live-load-") as folder:
            yield f"sqlite:///{Path(folder, 'load.sqlite3')}"
        return
    from tests.servers import Postgres

    with Postgres() as server:
        server.create_database("load")
        yield server.url("load")

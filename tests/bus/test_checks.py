"""The system checks of the setting ``WAGTAIL_LIVE_BUS``."""

import sys

import pytest
from django.core.checks import run_checks
from django.db import connection

DATABASE = "wagtail_live.bus.database.DatabaseBus"
POSTGRES = "wagtail_live.bus.postgres.PostgresBus"
REDIS = "wagtail_live.bus.redis.RedisBus"


def errors():
    return [error for error in run_checks() if error.id.startswith("wagtail_live.")]


@pytest.fixture
def error(request, settings):
    """Return the only error, with the bus that the test's parameter sets."""
    settings.WAGTAIL_LIVE_BUS = request.param
    (error,) = errors()
    assert error.hint
    return error


@pytest.mark.parametrize(
    "error",
    [
        None,
        "wagtail_live.bus.redis.RedisBus",
        {},
        {"default": {}},
        {"default": {"LOCATION": "redis://127.0.0.1"}},
        {"BACKEND": "wagtail_live.bus.carrier.PigeonBus"},
        {"BACKEND": "wagtail_live.bus"},
        {"BACKEND": "wagtail.models.Page"},
        {"BACKEND": 7},
        {"BACKEND": REDIS, "OPTIONS": "channel=news"},
        {"BACKEND": DATABASE, "OPTIONS": {"interval": 0}},
        {"BACKEND": DATABASE, "OPTIONS": {"interval": "0.5"}},
    ],
    indirect=True,
)
def test_e006_a_wrong_backend(error):
    assert error.id == "wagtail_live.E006"
    assert "WAGTAIL_LIVE_BUS" in error.msg


@pytest.mark.parametrize(
    "error",
    [
        {"default": {"LOCATION": "redis://:hidden@127.0.0.1"}},
        {"BACKEND": REDIS, "OPTIONS": "password=hidden"},
    ],
    indirect=True,
)
def test_e006_leaves_out_passwords(error):
    assert error.id == "wagtail_live.E006"
    assert "hidden" not in error.msg


@pytest.mark.sqlite
@pytest.mark.parametrize("error", [{"BACKEND": POSTGRES}], indirect=True)
def test_e007_another_database(error):
    assert error.id == "wagtail_live.E007"
    assert "needs a PostgreSQL database" in error.msg


@pytest.mark.parametrize(
    "error", [{"BACKEND": POSTGRES, "OPTIONS": {"database": "news"}}], indirect=True
)
def test_e007_an_unknown_database(error):
    assert error.id == "wagtail_live.E007"
    assert "there is no database 'news'" in error.msg


@pytest.mark.postgres
@pytest.mark.parametrize(
    "error",
    [
        {"BACKEND": POSTGRES, "LOCATION": "127.0.0.1:5432"},
        {"BACKEND": POSTGRES, "LOCATION": "host=127.0.0.1 colour=red"},
    ],
    indirect=True,
)
def test_e007_an_invalid_location(error):
    assert error.id == "wagtail_live.E007"
    assert "LOCATION" in error.msg


@pytest.mark.parametrize(
    "error", [{"BACKEND": REDIS, "LOCATION": "r:6379"}], indirect=True
)
def test_e008_an_invalid_location(error):
    assert error.id == "wagtail_live.E008"
    assert "LOCATION" in error.msg


@pytest.mark.parametrize(
    ("backend", "package", "check_id"),
    [(POSTGRES, "psycopg", "wagtail_live.E007"), (REDIS, "redis", "wagtail_live.E008")],
)
def test_a_package_that_is_not_installed(
    settings, monkeypatch, backend, package, check_id
):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not there
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": backend}
    (error,) = errors()
    assert error.id == check_id
    assert "wagtail-live[" in error.hint


@pytest.mark.parametrize(
    "bus",
    [
        {"BACKEND": "wagtail_live.bus.database.DatabaseBus"},
        {"default": {"BACKEND": REDIS, "LOCATION": "redis://127.0.0.1:6379/3"}},
        {"BACKEND": REDIS, "LOCATION": "unix:///run/redis.sock"},
        {"BACKEND": "tests.bus.test_buses.FileBus", "LOCATION": "/run/bus"},
    ],
)
def test_a_valid_bus_has_no_errors(settings, bus):
    settings.WAGTAIL_LIVE_BUS = bus
    assert errors() == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    "location", ["", "postgres://news@127.0.0.1/news", "host=127.0.0.1 dbname=news"]
)
def test_a_valid_postgres_bus_has_no_errors(settings, location):
    assert connection.vendor == "postgresql"
    settings.WAGTAIL_LIVE_BUS = {"BACKEND": POSTGRES, "LOCATION": location}
    assert errors() == []

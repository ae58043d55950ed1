"""System checks, and settings that are read when they are used."""

import json
import os
import subprocess
import sys

import pytest
from django import forms
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from tests.servers.site import ROOT
from tests.testapp.models import MatchPage
from wagtail_live import conf
from wagtail_live.publishers.base import BasePublisher

BUS = "wagtail_live.bus"


def found():
    return [message.id for message in run_checks(tags=["wagtail_live"])]


class FileForm(forms.Form):
    poster = forms.FileField()


def test_files_in_the_stage_are_refused(monkeypatch):
    monkeypatch.setattr(MatchPage, "stage_form_class", FileForm)
    assert found() == ["wagtail_live.E042"]


def test_the_test_site_has_nothing_to_complain_about():
    assert found() == []


@pytest.mark.parametrize(
    ("check_id", "name", "value"),
    [
        ("E001", "WAGTAIL_LIVE_POLLING_TIMEOUT", "25"),
        ("E001", "WAGTAIL_LIVE_POLLING_TIMEOUT", -1),
        ("E001", "WAGTAIL_LIVE_POLLING_TIMEOUT", float("nan")),
        ("E001", "WAGTAIL_LIVE_POLLING_TIMEOUT", True),
        ("E002", "WAGTAIL_LIVE_POLLING_INTERVAL", 0),
        ("E003", "WAGTAIL_LIVE_PUBLISHER", "no.such.Publisher"),
        ("E003", "WAGTAIL_LIVE_PUBLISHER", "django.views.View"),
        ("E003", "WAGTAIL_LIVE_PUBLISHER", None),
        ("E004", "WAGTAIL_LIVE_POST_BLOCK", "wagtail.blocks.CharBlock"),
        ("E006", "WAGTAIL_LIVE_BUS", "redis"),
        ("E006", "WAGTAIL_LIVE_BUS", {"default": {}}),
        ("E006", "WAGTAIL_LIVE_BUS", {"BACKEND": "django.views.View"}),
        ("E007", "WAGTAIL_LIVE_BUS", {
            "BACKEND": f"{BUS}.postgres.PostgresBus", "OPTIONS": {"database": "none"},
        }),
        ("E009", "WAGTAIL_LIVE_MAX_READERS", 0),
        ("E010", "WAGTAIL_LIVE_MAX_READERS_PER_CHANNEL", "many"),
        ("E011", "WAGTAIL_LIVE_MAX_READERS_PER_ADDRESS", None),
        ("E012", "WAGTAIL_LIVE_TRUSTED_PROXIES", -1),
        ("E013", "WAGTAIL_LIVE_ALLOWED_ORIGINS", "https://app.example"),
        ("E013", "WAGTAIL_LIVE_ALLOWED_ORIGINS", ["app.example"]),
        ("E014", "WAGTAIL_LIVE_ENABLED", "no"),
        ("E015", "WAGTAIL_LIVE_RETRY_AFTER", -1),
        ("E016", "WAGTAIL_LIVE_ASK_BEFORE_EMBEDS", "yes"),
        ("E019", "WAGTAIL_LIVE_MAX_WAITING_THREADS", -1),
        ("E019", "WAGTAIL_LIVE_MAX_WAITING_THREADS", "all"),
        ("E022", "WAGTAIL_LIVE_API_RATE", 0),
        ("E023", "WAGTAIL_LIVE_API_BURST", 0),
        ("E030", "WAGTAIL_LIVE_RECEIVERS", ["slack"]),
    ],
)  # fmt: skip
def test_a_wrong_value_is_an_error_with_a_hint(check_id, name, value):
    with override_settings(**{name: value}):
        [message] = run_checks(tags=["wagtail_live"])
    assert message.id == f"wagtail_live.{check_id}"
    assert message.hint


@pytest.mark.sqlite
def test_a_postgres_bus_needs_a_postgresql_database():
    with override_settings(WAGTAIL_LIVE_BUS={"BACKEND": f"{BUS}.postgres.PostgresBus"}):
        [message] = run_checks(tags=["wagtail_live"])
    assert message.id == "wagtail_live.E007"
    assert "needs a PostgreSQL database" in message.msg


def test_missing_urls_are_a_warning():
    with override_settings(ROOT_URLCONF="wagtail.urls"):
        assert found() == ["wagtail_live.W001"]


class CarelessPublisher(BasePublisher):
    """One whose view was made without what our own views have."""

    url_name = "long-polling"

    async def get(self, request, channel_id):
        return HttpResponse()

    @classmethod
    def get_urls(cls):
        async def view(request, channel_id):
            return HttpResponse()

        return [path(cls.url_path, view, name=cls.url_name)]


@pytest.mark.parametrize(
    ("publisher", "expected"),
    [
        ("tests.core.test_checks.CarelessPublisher", ["wagtail_live.E005"]),
        (conf.SETTINGS["WAGTAIL_LIVE_PUBLISHER"].default, []),
    ],
)
def test_an_async_view_within_atomic_requests_is_an_error(
    monkeypatch, publisher, expected
):
    from django.db import connections

    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    with override_settings(WAGTAIL_LIVE_PUBLISHER=publisher):
        assert found() == expected


def test_settings_are_read_when_they_are_used():
    assert conf.get_polling_timeout() == 25
    with override_settings(WAGTAIL_LIVE_POLLING_TIMEOUT=0.5):
        assert conf.get_polling_timeout() == 0.5
    assert conf.get_polling_timeout() == 25
    with (
        override_settings(WAGTAIL_LIVE_POLLING_INTERVAL="soon"),
        pytest.raises(ImproperlyConfigured, match="WAGTAIL_LIVE_POLLING_INTERVAL"),
    ):
        conf.get_polling_interval()


def run(code, **variables):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_setting_is_a_message_and_no_traceback():
    settings = '{"WAGTAIL_LIVE_PUBLISHER": "no.such.Publisher"}'
    code = "from django.core.management import execute_from_command_line as run\n"
    result = run(code + "run(['django', 'check'])", TEST_SETTINGS=settings)
    assert result.returncode == 1
    assert "wagtail_live.E003" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("WAGTAIL_LIVE_POLING_TIMEOUT", "WAGTAIL_LIVE_POLLING_TIMEOUT"),
        ("WAGTAIL_LIVE_XYZ", "Remove"),
        ("WAGTAIL_LIVE_ASSISTANT", 'Add "wagtail_live.contrib.assistant"'),
    ],
)
def test_an_unknown_setting_is_a_warning(settings, monkeypatch, name, hint):
    setattr(settings, name, 20)
    # Other tests import optional apps, which make their settings and checks known.
    known = {key: value for key, value in conf.SETTINGS.items() if key != name}
    monkeypatch.setattr(conf, "SETTINGS", known)
    found = run_checks(tags=["wagtail_live"])
    [message] = [each for each in found if each.id == "wagtail_live.W007"]
    assert hint in message.hint


def test_a_site_without_embeds_is_an_error_and_gets_no_migration():
    apps = [app for app in settings.INSTALLED_APPS if app != "wagtail.embeds"]
    code = "from django.core.management import execute_from_command_line as run\n"
    command = "run(['django', 'makemigrations', '--dry-run'])"
    result = run(code + command, TEST_SETTINGS=json.dumps({"INSTALLED_APPS": apps}))
    assert result.returncode == 1
    assert "wagtail_live.E018" in result.stderr
    assert "Create model Embed" not in result.stdout


def test_the_status_of_an_empty_database_is_a_message_and_no_traceback(tmp_path):
    code = "from django.core.management import execute_from_command_line as run\n"
    database = f"sqlite:///{tmp_path}/empty.sqlite3"
    result = run(code + "run(['django', 'live_status'])", TEST_DATABASE_URL=database)
    assert result.returncode == 1
    assert "migrated" in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_is_contacted_at_import():
    """F-29: neither the network nor the database."""
    code = (
        "import socket, sqlite3, django\n"
        "def refuse(*args, **kwargs): raise SystemExit('contacted')\n"
        "socket.socket.connect = sqlite3.dbapi2.connect = refuse\n"
        "django.setup()\n"
        "import wagtail_live.urls, wagtail_live.asgi, wagtail_live.wagtail_hooks\n"
        "import wagtail_live.bus.postgres, wagtail_live.bus.redis\n"
    )
    result = run(code, TEST_DATABASE_URL="sqlite:////nowhere/at/all.sqlite3")
    assert (result.returncode, result.stderr) == (0, "")


def test_optional_parts_are_not_imported_at_start():
    code = (
        "import sys, django\n"
        "django.setup()\n"
        "from django.core.checks import run_checks\n"
        "run_checks()\n"
        "import wagtail_live.urls, wagtail_live.receivers.discord\n"
        "rare = ('upgrade', 'receivers.discord.gateway', 'monitoring.metrics')\n"
        "names = ['websockets', *(f'wagtail_live.{name}' for name in rare)]\n"
        "print([name for name in sys.modules if name.startswith(tuple(names))])\n"
    )
    result = run(code)
    assert (result.stdout, result.stderr) == ("[]\n", "")

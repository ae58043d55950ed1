"""The responses of the webhooks and their effects (S1, S2, S6 to S8, F-05, F-29)."""

import json
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from tests.receivers.test_webhook import SECRET, signed
from wagtail_live import conf
from wagtail_live.models import FailedDelivery, Source
from wagtail_live.receivers import get_receivers, intake
from wagtail_live.receivers.base import BaseReceiver
from wagtail_live.receivers.webhook import WebhookReceiver
from wagtail_live.signals import live_page_update

pytestmark = pytest.mark.django_db
WEBHOOK = "wagtail_live.receivers.webhook.WebhookReceiver"
ROOT = Path(__file__).resolve().parents[2]


def configure(**options):
    return {"newsroom": {"BACKEND": WEBHOOK, "OPTIONS": options}}


@pytest.fixture
def receivers(settings):
    settings.WAGTAIL_LIVE_RECEIVERS = configure(secret=[SECRET])
    return settings.WAGTAIL_LIVE_RECEIVERS


@pytest.fixture
def page(match_page, receivers):
    Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )
    return match_page


def goal(number=1, **changes):
    message = {"type": "message", "channel": "stand", "id": str(number)}
    return json.dumps({**message, "version": 1, "text": "Goal", **changes}).encode()


def send(body, headers=None, name="newsroom", method="post", **extra):
    headers = signed(body) if headers is None else headers
    return Client(enforce_csrf_checks=True).generic(
        method.upper(),
        reverse("live-webhook", args=[name]),
        body,
        content_type="application/json",
        headers=headers,
        **extra,
    )


def test_a_signed_message_is_a_post(page):
    """S7: no cookie, no session, no CSRF token."""
    answer = send(goal())
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert page.live_posts.get().text == "Goal"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
def test_other_methods_are_refused(method, page):
    answer = send(goal(), method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_an_unknown_receiver_is_not_found(page):
    assert send(goal(), name="other").status_code == 404


def test_unauthenticated_requests_are_not_read_or_logged(page, caplog, monkeypatch):
    """S1."""
    monkeypatch.setattr(WebhookReceiver, "parse", None)
    assert send(b"canary", {}).status_code == 401
    (record,) = (r for r in caplog.records if r.name == "wagtail_live.receivers")
    assert record.levelno == logging.WARNING
    assert "canary" not in caplog.text


@pytest.mark.parametrize("error", [ValueError, TypeError, UnicodeDecodeError, KeyError])
def test_any_exception_of_authenticate_is_a_refusal(error, page, monkeypatch):
    """S4."""

    def authenticate(self, inbound):
        raise error(*("utf-8", b"", 0, 1, "") if error is UnicodeDecodeError else ())

    monkeypatch.setattr(WebhookReceiver, "authenticate", authenticate)
    assert send(goal()).status_code == 403


def test_a_body_that_is_too_big_is_not_read_to_its_end(page, settings):
    """S8: with a correct or a wrong length, also above Django's limit."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert send(goal(text="x" * 100_000)).status_code == 200
    big = goal(text="x" * 2**20)
    assert send(big).status_code == 413
    assert send(big, CONTENT_LENGTH="9" * 5000).status_code == 413
    assert send(goal(), CONTENT_LENGTH="ten").status_code == 400


def test_a_poison_message_stops_no_other(page):
    """F-05: 2xx for all, 19 posts, and one failed delivery for editors."""
    for number in range(20):
        text = {"version": "poison"} if number == 10 else {}
        assert send(goal(number, **text)).status_code == 200
    assert page.live_posts.count() == 19
    failed = FailedDelivery.objects.get()
    assert "version must be an integer" in failed.reason
    assert json.loads(bytes(failed.body))["id"] == "10"


def test_what_cannot_be_stored_is_kept_too(page, caplog, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("Full.")

    monkeypatch.setattr(intake, "_apply", fail)
    assert send(goal()).status_code == 200
    failed = FailedDelivery.objects.get()
    assert (failed.external_id, failed.reason) == ("stand", "RuntimeError: Full.")
    assert [r.levelno for r in caplog.records] == [logging.ERROR]


def test_only_an_unavailable_database_asks_for_a_retry(page, monkeypatch):
    def fail(*arguments, **options):
        raise OperationalError("canary")

    monkeypatch.setattr(intake, "find_source", fail)
    answer = send(goal())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"canary" not in answer.content


def test_a_failing_signal_receiver_fails_no_delivery(
    page, django_capture_on_commit_callbacks
):
    """R4: signals and buses follow the commit."""
    heard = []

    def fail(**kwargs):
        heard.append(kwargs["action"])
        raise RuntimeError

    live_page_update.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert send(goal()).status_code == 200
            assert heard == []
    finally:
        live_page_update.disconnect(fail)
    assert heard == ["published"]
    assert page.live_posts.count() == 1
    assert not FailedDelivery.objects.exists()


def test_failed_deliveries_are_bounded(page, monkeypatch):
    monkeypatch.setattr("wagtail_live.receivers.failures.MAX_FAILED", 3)
    for number in range(5):
        send(goal(number, version=None))
    assert [
        json.loads(bytes(failed.body))["id"]
        for failed in FailedDelivery.objects.order_by("pk")
    ] == ["2", "3", "4"]


def test_secrets_rotate_without_a_restart(page, receivers):
    """F-27."""
    secrets = receivers["newsroom"]["OPTIONS"]["secret"]
    old = signed(goal())
    assert send(goal(), old).status_code == 200
    secrets.append("new")
    new = signed(goal(), secret="new")
    assert [send(goal(), headers).status_code for headers in (old, new)] == [200, 200]
    secrets.remove(SECRET)
    assert [send(goal(), headers).status_code for headers in (old, new)] == [401, 200]


def test_secrets_are_in_no_log_page_or_row(page, caplog, settings):
    """S6."""
    settings.WAGTAIL_LIVE_RECEIVERS = configure(secret="canary-secret")
    with caplog.at_level(logging.DEBUG):
        poison = goal(version=None)
        for headers in ({}, signed(poison, secret="canary-secret")):
            answer = send(poison, headers)
            assert b"canary" not in answer.content
    receiver = get_receivers()["newsroom"]
    rows = [repr(vars(row)) for row in FailedDelivery.objects.all()]
    assert "canary" not in caplog.text + repr(receiver) + "".join(rows)
    assert len(rows) == 1


@pytest.mark.parametrize("secret", ["", [], [""], None, lambda: ""])
def test_an_empty_secret_is_an_error_and_rejects_requests(secret, page, settings):
    """S2."""
    settings.WAGTAIL_LIVE_RECEIVERS = configure(secret=secret)
    (error,) = (e for e in run_checks() if e.id == "wagtail_live.E031")
    assert error.hint
    assert send(goal(), signed(goal(), secret="")).status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"newsroom": None},
        {"newsroom": {}},
        {"newsroom": {"BACKEND": "canary.Receiver"}},
        {"newsroom": {"BACKEND": "tests.testapp.models.MatchPage"}},
        {"newsroom": {"BACKEND": WEBHOOK, "OPTIONS": []}},
        {"with/slash": {"BACKEND": WEBHOOK, "OPTIONS": {"secret": "canary"}}},
        {1: {"BACKEND": WEBHOOK}},
    ],
)
def test_a_wrong_setting_is_a_check_error(value, settings):
    settings.WAGTAIL_LIVE_RECEIVERS = value
    with pytest.raises(ImproperlyConfigured, match="WAGTAIL_LIVE_RECEIVERS"):
        conf.get_receivers()
    (error,) = (e for e in run_checks() if e.id == "wagtail_live.E030")
    assert error.hint


@pytest.mark.slow
def test_imports_have_no_side_effects(tmp_path):
    """F-29: the site is checked and migrated without any name resolution."""
    settings = {
        "WAGTAIL_LIVE_RECEIVERS": {
            "slack": {
                "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
                "OPTIONS": {"signing_secret": "s", "bot_token": "xoxb"},
            },
            "telegram": {
                "BACKEND": "wagtail_live.receivers.telegram.TelegramReceiver",
                "OPTIONS": {"secret_token": "s", "bot_token": "1:a"},
            },
        }
    }
    script = (
        "import socket, django; socket.getaddrinfo = socket.socket.connect = None\n"
        "django.setup(); import tests.urls\n"
        "from django.core.management import call_command as call\n"
        "call('check'); call('migrate', verbosity=0)"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        check=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": f"sqlite:///{tmp_path}/check.sqlite3",
            "TEST_SETTINGS": json.dumps(settings),
        },
    )


class Opened(Exception):
    """Raised when a host is looked up or a socket connects."""


def test_a_delivery_makes_no_requests(page, monkeypatch):
    """R3, S12: downloads follow the response."""
    opened = []

    def refuse(*arguments):
        opened.append(arguments)
        raise Opened

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    pictures = [{"id": "a", "url": "https://images.example/a.jpg"}]
    answer = send(goal(pictures=pictures, text="https://shop.example/x"))
    assert answer.status_code == 200
    assert opened == []
    assert page.live_posts.count() == 1


def test_a_receiver_without_a_method_of_its_own_is_not_called():
    receiver = BaseReceiver("newsroom")
    assert receiver.check() == []
    with pytest.raises(NotImplementedError):
        receiver.authenticate(None)

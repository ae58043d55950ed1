"""``manage.py live_webhook`` gives Telegram the URL of the webhook."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.receivers.fake_telegram import FakeTelegram

SECRET = "canary_secret-token"


@pytest.fixture
def telegram(settings):
    with FakeTelegram() as fake:
        options = {
            "secret_token": [SECRET, "old"],
            "bot_token": fake.token,
            "api_url": fake.url,
        }
        backend = "wagtail_live.receivers.telegram.TelegramReceiver"
        settings.WAGTAIL_LIVE_RECEIVERS = {
            "desk": {"BACKEND": backend, "OPTIONS": options}
        }
        yield fake


def run(*arguments):
    said = StringIO()
    call_command("live_webhook", *arguments, stdout=said)
    return said.getvalue()


def test_a_webhook_is_set_with_the_first_secret(telegram):
    said = run("set", "desk", "--base-url", "https://www.example.org")
    url = "https://www.example.org/wagtail_live/hooks/desk/"
    assert said == f"desk sends to {url}\n"
    assert telegram.webhook["url"] == url
    assert telegram.webhook["secret_token"] == SECRET
    assert json.loads(telegram.webhook["allowed_updates"]) == [
        *("message", "edited_message", "channel_post", "edited_channel_post"),
    ]


def test_the_default_base_url_is_the_sites(telegram, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://cms.example.org"
    run("set", "desk")
    assert telegram.webhook["url"].startswith("https://cms.example.org/")


def test_a_webhook_is_shown_and_deleted(telegram):
    run("set", "desk", "--base-url", "https://www.example.org")
    assert "https://www.example.org/wagtail_live/hooks/desk/" in run("info", "desk")
    assert run("delete", "desk") == "Deleted the webhook of desk\n"
    assert telegram.webhook == {}


@pytest.mark.parametrize("base_url", ["http://www.example.org", "", "www.example.org"])
def test_a_webhook_needs_https(telegram, base_url):
    with pytest.raises(CommandError, match="--base-url"):
        run("set", "desk", "--base-url", base_url)
    assert telegram.webhook == {}


def test_telegrams_reason_is_shown_without_the_token(telegram, settings):
    """S6."""
    telegram.token = "43:another"
    with pytest.raises(CommandError, match="getWebhookInfo: Unauthorized") as failed:
        run("info", "desk")
    assert "canary" not in str(failed.value)


def test_another_receiver_has_no_webhook_to_set(telegram):
    with pytest.raises(CommandError, match="no receiver 'nobody'"):
        run("set", "nobody")

"""Requests while another process has a long transaction open on SQLite."""

import sqlite3
import time
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.admin.desk.requests import form_data, url
from wagtail_live import background
from wagtail_live.models import Channel, LivePost

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

ATTEMPTS = 3


@pytest.fixture
def long_writer(match_page, api, monkeypatch):
    """Lock the database; the lock is released when a request has tried a few times."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    attempts = []

    def wait(seconds):
        attempts.append(seconds)
        if len(attempts) == ATTEMPTS:
            other.execute("ROLLBACK")

    def lock():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 1")  # milliseconds, instead of 5,000
        clock = SimpleNamespace(sleep=wait, monotonic=time.monotonic)
        monkeypatch.setattr(background, "time", clock)
        other.execute("BEGIN IMMEDIATE")

    yield SimpleNamespace(lock=lock, attempts=attempts)
    monkeypatch.undo()
    other.close()
    connection.close()


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda api, post: api.add(), 201),
        (lambda api, post: api.add(Idempotency_Key="1"), 201),
        (lambda api, post: api.edit(post.pk, {"title": "1:0"}), 200),
        (lambda api, post: api.delete(post.pk), 204),
        (lambda api, post: api("patch", "", {"state": "ended"}), 200),
        (lambda api, post: api.get("posts/?status=all"), 200),
    ],
    ids=["post", "key", "patch", "delete", "state", "get"],
)
def test_the_api_waits(long_writer, api, match_page, call, status):
    post = match_page.add_live_post("Goal")
    long_writer.lock()
    assert call(api, post).status_code == status
    assert len(long_writer.attempts) == ATTEMPTS


def test_the_first_post_of_a_page_waits(long_writer, admin_client, match_page):
    Channel.objects.all().delete()
    admin_client.get(url("index", match_page))
    long_writer.lock()
    assert admin_client.post(url("add", match_page), form_data()).status_code == 200
    assert len(long_writer.attempts) == ATTEMPTS
    assert LivePost.objects.get().text == "Goal!"


def test_the_desk_is_polled_without_the_presence(long_writer, admin_client, match_page):
    match_page.add_live_post("Goal")
    long_writer.lock()
    changes = admin_client.get(url("changes", match_page) + "?since=0")
    assert len(changes.json()["posts"]) == 1
    assert not long_writer.attempts

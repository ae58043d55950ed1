"""Long polling, through the test client and over real servers."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from django.db import connection
from django.test import Client, override_settings

from tests.servers import Gunicorn, Uvicorn, wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.delivery.hub import close_hub, get_hub

SERVERS = [Uvicorn, Gunicorn]


def path(page, query=""):
    return f"/wagtail_live/get-updates/{page.channel_id}/{query}"


def poll(server, page, since, timeout=20):
    """Return the answer, and the seconds that it took."""
    started = time.monotonic()
    url = f"{server.url}{path(page)}?last_update_ts={since!r}&delta=1"
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return json.load(response), time.monotonic() - started


def open_poll(server, page, since):
    """A connection on which a poll waits."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    request = f"GET {path(page)}?last_update_ts={since!r}&delta=1 HTTP/1.1\r\n"
    connection.sendall(f"{request}Host: localhost\r\n\r\n".encode())
    return connection


@pytest.mark.django_db
class TestTheView:
    def test_handshake(self, client, match_page):
        post = match_page.add_live_post("Kick-off")
        answer = client.post(path(match_page))
        assert answer.json() == {
            "livePosts": [str(post.pk)],
            "lastUpdateTimestamp": match_page.last_update_timestamp,
        }

    def test_the_handshake_needs_no_csrf_token(self, match_page):
        client = Client(enforce_csrf_checks=True)
        assert client.post(path(match_page)).status_code == 200

    def test_updates_are_answered_at_once(self, client, match_page):
        since = match_page.last_update_timestamp
        post = match_page.add_live_post("Goal")
        answer = client.get(path(match_page), {"last_update_ts": since}).json()
        assert set(answer) == {"updates", "currentPosts", "lastUpdateTimestamp"}
        assert list(answer["updates"]) == answer["currentPosts"] == [str(post.pk)]
        assert answer["lastUpdateTimestamp"] == match_page.last_update_timestamp

    @pytest.mark.parametrize("delta", [{}, {"delta": "1"}])
    @override_settings(WAGTAIL_LIVE_POLLING_TIMEOUT=0)
    @pytest.mark.django_db(transaction=True)
    def test_the_time_out(self, client, match_page, delta):
        query = {"last_update_ts": match_page.last_update_timestamp, **delta}
        answer = client.get(path(match_page), query)
        assert answer.json() == {"timeOutReached": "Timeout duration reached."}

    @override_settings(WAGTAIL_LIVE_POLLING_TIMEOUT=0)
    @pytest.mark.django_db(transaction=True)
    def test_readers_of_a_page_below_an_alias_wait(self, client, page_below_alias):
        query = {"last_update_ts": page_below_alias.last_update_timestamp}
        answer = client.get(path(page_below_alias), query)
        assert answer.json() == {"timeOutReached": "Timeout duration reached."}

    @override_settings(WAGTAIL_LIVE_POLLING_TIMEOUT=1e-6)
    @pytest.mark.django_db(transaction=True)
    def test_a_future_cursor_waits_in_the_full_form(self, client, match_page):
        query = {"last_update_ts": match_page.last_update_timestamp + 5}
        answer = client.get(path(match_page), query)
        assert answer.json() == {"timeOutReached": "Timeout duration reached."}

    def test_a_future_cursor_is_reset_in_the_lean_form(self, client, match_page):
        post = match_page.add_live_post("Goal")
        query = {"last_update_ts": match_page.last_update_timestamp + 5, "delta": "1"}
        answer = client.get(path(match_page), query)
        assert answer.json()["currentPosts"] == [str(post.pk)]

    @pytest.mark.parametrize(
        "query",
        [
            *("", "?last_update_ts=", "?last_update_ts=nan", "?last_update_ts=inf"),
            *("?last_update_ts=-1", "?last_update_ts=1e400", "?last_update_ts=x"),
            "?last_update_ts=1&last_update_ts=2",
            f"?last_update_ts={'1' * 10_240}",
        ],
    )
    def test_a_bad_cursor_is_refused_with_a_reason(self, client, match_page, query):
        answer = client.get(path(match_page, query))
        assert answer.status_code == 400
        assert "last_update_ts" in answer.json()["error"]

    @pytest.mark.parametrize("channel_id", ["x" * 10_000, "a%00b", "😀", "a/b", "%2F"])
    def test_an_odd_channel_id_is_unknown(self, client, db, channel_id):
        url = f"/wagtail_live/get-updates/{channel_id}/?last_update_ts=1"
        assert client.get(url).status_code == 404
        assert client.post(url).status_code == 404

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_not_allowed(self, client, match_page, method):
        assert getattr(client, method)(path(match_page)).status_code == 405

    def test_atomic_requests_do_no_harm(self, client, match_page, monkeypatch):
        match_page.add_live_post("Goal")
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        answer = client.get(path(match_page), {"last_update_ts": 0})
        assert answer.status_code == 200

    def test_a_site_that_wants_a_login_everywhere_lets_readers_in(
        self, client, match_page, settings
    ):
        settings.MIDDLEWARE = [
            *settings.MIDDLEWARE,
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ]
        assert client.post(path(match_page)).status_code == 200


def is_full(server, page, since):
    """Return whether a reader is refused because another one waits."""
    try:
        poll(server, page, since, timeout=2)
    except urllib.error.HTTPError as error:
        return error.code == 503 and bool(error.headers["Retry-After"])
    except TimeoutError:
        return False


def follow(server, page, since, count, received):
    """Poll as a client does, until so many posts have come."""
    while len(received) < count:
        answer, _ = poll(server, page, since)
        assert answer["removals"] == []
        received += [(post_id, time.monotonic()) for post_id in answer["updates"]]
        since = answer["lastUpdateTimestamp"]


@pytest.mark.parametrize("server_class", SERVERS)
def test_a_waiting_reader_is_answered_soon_after_a_post(
    start_server, match_page, server_class
):
    """F-01 in small: published in one process, received through another."""
    server = start_server(server_class)
    received = []
    reader = threading.Thread(
        target=follow,
        args=[server, match_page, match_page.last_update_timestamp, 3, received],
    )
    reader.start()
    delays = []
    for number in range(1, 4):
        post = match_page.add_live_post("Goal")
        published = time.monotonic()
        wait_until(lambda expected=number: len(received) >= expected)
        post_id, moment = received[-1]
        assert post_id == str(post.pk)
        delays.append(moment - published)
    reader.join()
    assert len(received) == 3
    # The machine may stop for some seconds, but not each time.
    assert min(delays) < 2
    assert max(delays) < 20, "not when the poll has timed out"


@pytest.mark.parametrize("server_class", SERVERS)
def test_a_reader_is_sent_away_after_the_time_out(
    start_server, match_page, server_class
):
    settings = {"WAGTAIL_LIVE_POLLING_TIMEOUT": 1}
    server = start_server(server_class, settings=settings)
    answer, seconds = poll(server, match_page, match_page.last_update_timestamp)
    assert answer == {"timeOutReached": "Timeout duration reached."}
    assert seconds >= 1


@pytest.mark.parametrize("middleware", ["with", "without"])
def test_a_reader_who_leaves_frees_the_slot(start_server, match_page, middleware):
    """Only one reader may wait: the next gets the slot when the first hangs up."""
    variables = {} if middleware == "with" else {"TEST_WITHOUT_MIDDLEWARE": "1"}
    settings = {"WAGTAIL_LIVE_MAX_READERS": 1, "WAGTAIL_LIVE_POLLING_TIMEOUT": 20}
    server = start_server(Uvicorn, settings=settings, variables=variables)
    since = match_page.last_update_timestamp

    def take_the_slot():
        reader = open_poll(server, match_page, since)
        if is_full(server, match_page, since):
            return reader
        reader.close()  # the reader who looks was faster

    wait_until(take_the_slot).close()
    wait_until(lambda: not is_full(server, match_page, since))


@pytest.mark.postgres
def test_waiting_readers_hold_no_database_connection(start_server, match_page):
    """N7: not with the middleware, and not without it."""
    server = start_server(Uvicorn, variables={"TEST_WITHOUT_MIDDLEWARE": "1"})
    since = match_page.last_update_timestamp
    readers = [open_poll(server, match_page, since) for _ in range(20)]
    try:
        wait_until(lambda: count_connections() <= 3)
    finally:
        for reader in readers:
            reader.close()


def count_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_readers_wait_while_only_drafts_change(match_page):
    """Drafts move the cursor of the channel, but are no answer."""
    since = match_page.last_update_timestamp
    match_page.add_live_post("<p>Draft</p>", show=False)
    answers = []
    with SiteInProcess() as site:
        reader = threading.Thread(
            target=lambda: answers.append(poll(site, match_page, since)[0])
        )
        reader.start()
        wait_until(lambda: answers or get_hub().count_readers() == 1)
        assert not answers
        post = match_page.add_live_post("<p>Goal</p>")
        reader.join()
    assert list(answers[0]["updates"]) == [str(post.pk)]
    close_hub()

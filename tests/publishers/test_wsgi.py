"""Readers don't stop a site under WSGI, whatever they follow it with."""

import threading
import time
from statistics import median

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.parallel import NIGHTLY
from tests.publishers.readers import HastyReader, OldReader, PageReader, following
from tests.servers import Gunicorn, RunServer, wait_until
from wagtail_live.delivery import threads

COUNT = 50
# Seconds of the home page on a busy machine, where fifty polls may be before it. One that
# waits would hold a worker for 25.
LONGEST_RESPONSE = 8.0
INTERVAL = 3.0  # seconds: the default
MARGIN = 15.0  # on a busy machine; a poll that waits would hold a worker longer
TIMEOUT_REACHED = {"timeOutReached": "Timeout duration reached."}

SYNC = (Gunicorn, "--worker-class", "sync", "--threads", "1")
SERVERS = {
    "one sync worker": SYNC,
    # As in wagtail's news template.
    "two sync workers": (*SYNC, "--workers", "2", "--timeout", "25"),
    "threads": (Gunicorn, "--threads", "4"),
    "runserver": (RunServer,),
}
LONG_POLLING = {
    "WAGTAIL_LIVE_PUBLISHER": "wagtail_live.publishers.polling.LongPollingPublisher"
}
READERS = {
    "pages": (PageReader, {}),
    "pages with long polling": (PageReader, LONG_POLLING),
    "scripts of 1.0": (OldReader, {}),
    "scripts without a cache": (HastyReader, {}),
}


def get_usual_seconds(url):
    return median(get_seconds(url) for _ in range(5))


def get_seconds(url):
    started = time.monotonic()
    assert httpx.get(url, timeout=60).status_code == 200
    return time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "readers"),
    [
        *(("two sync workers", readers) for readers in READERS),
        *((server, "pages") for server in SERVERS if server != "two sync workers"),
        ("one sync worker", "pages with long polling"),
        pytest.param("runserver", "scripts without a cache", marks=NIGHTLY),
    ],
)
def test_fifty_readers(start_server, match_page, server, readers):
    reader_class, settings = READERS[readers]
    server = start_server(*SERVERS[server], settings=settings)
    with following(server, match_page, reader_class, COUNT) as readers:
        # One of them may wait.
        wait_until(lambda: sum(reader.polls > 0 for reader in readers) >= COUNT - 1)
        # On a busy machine not at the first attempt.
        url = f"{server.url}/"
        wait_until(lambda: get_usual_seconds(url) < LONGEST_RESPONSE, timeout=120)
        post_id = str(match_page.add_live_post("<p>Goal</p>").pk)
        published = time.monotonic()
        wait_until(lambda: all(post_id in reader.read_at for reader in readers))
    last = max(reader.read_at[post_id] for reader in readers)
    assert last - published < INTERVAL + MARGIN
    assert "TIMEOUT" not in server.log.read_text()


@pytest.fixture
def start_poll(match_page):
    """Start a long poll; the list that is returned gets its answer."""
    query = {"last_update_ts": match_page.last_update_timestamp}
    path = f"/wagtail_live/get-updates/{match_page.channel_id}/"
    readers = []

    def start(server):
        answers = []

        def follow():
            url = server.url + path
            answers.append(httpx.get(url, params=query, timeout=60))

        readers.append(threading.Thread(target=follow))
        readers[-1].start()
        return answers

    yield start
    match_page.add_live_post("<p>Full time</p>")
    for reader in readers:
        reader.join()


def assert_slows_down(answer):
    assert answer.json() == TIMEOUT_REACHED
    assert answer.headers["Retry-After"] == "3"
    assert answer.headers["Cache-Control"] == "public, s-maxage=1, max-age=3"


@pytest.mark.parametrize(
    "server",
    [SYNC, (Gunicorn, "--threads", "1"), (RunServer, "--nothreading")],
    ids=["sync", "one thread", "nothreading"],
)
def test_without_another_thread_no_long_poll_waits(start_server, start_poll, server):
    settings = {"WAGTAIL_LIVE_MAX_WAITING_THREADS": 10}
    server = start_server(*server, settings=settings)
    answers = start_poll(server)
    wait_until(lambda: answers)
    assert_slows_down(answers[0])


@pytest.mark.parametrize(
    ("server", "setting", "waiting"),
    [
        ("threads", None, 1),
        ("threads", 2, 2),
        ("threads", 10, 3),
        ("threads", 0, 0),
        ("runserver", None, 1),
        ("runserver", 2, 2),
    ],
)
def test_so_many_long_polls_wait(
    start_server, start_poll, match_page, server, setting, waiting
):
    name = "WAGTAIL_LIVE_MAX_WAITING_THREADS"
    settings = {} if setting is None else {name: setting}
    server = start_server(*SERVERS[server], settings=settings)
    polls = [start_poll(server) for _ in range(5)]
    wait_until(lambda: sum(map(len, polls)) == 5 - waiting)
    for answers in polls:
        if answers:
            assert_slows_down(answers[0])
    assert httpx.get(f"{server.url}/").status_code == 200
    assert sum(map(len, polls)) == 5 - waiting
    post_id = str(match_page.add_live_post("<p>Goal</p>").pk)
    wait_until(lambda: all(polls))
    updates = [answers[0].json().get("updates", {}) for answers in polls]
    assert sum(post_id in posts for posts in updates) == waiting


def test_a_waiting_thread_does_not_cost_a_worker_its_life(start_server, start_poll):
    settings = {"WAGTAIL_LIVE_POLLING_TIMEOUT": 16}
    server = start_server(Gunicorn, "--timeout", "8", settings=settings)
    answers = start_poll(server)
    wait_until(lambda: answers)
    assert answers[0].json() == TIMEOUT_REACHED
    assert "Retry-After" not in answers[0].headers
    assert "TIMEOUT" not in server.log.read_text()


@pytest.mark.django_db
class TestAnAnswerAtOnce:
    """To the test client, which has no threads."""

    def get(self, client, page, **query):
        query["last_update_ts"] = page.last_update_timestamp
        path = f"/wagtail_live/get-updates/{page.channel_id}/"
        return client.get(path, query)

    @pytest.mark.parametrize("query", [{}, {"delta": "1"}])
    def test_in_both_forms(self, client, match_page, query):
        assert_slows_down(self.get(client, match_page, **query))

    def test_about_a_restricted_page_is_for_one_reader(self, client, match_page):
        user = get_user_model().objects.create_user("reader")
        match_page.view_restrictions.create(restriction_type="login")
        assert self.get(client, match_page).status_code == 404
        client.force_login(user)
        answer = self.get(client, match_page)
        assert answer.json() == TIMEOUT_REACHED
        assert answer.headers["Cache-Control"] == "private, max-age=3"
        assert answer.headers["Vary"] == "Cookie"

    @pytest.mark.django_db(transaction=True)
    def test_is_not_repeated_after_access_has_ended(self, client, match_page):
        assert_slows_down(self.get(client, match_page))
        match_page.view_restrictions.create(restriction_type="login")
        assert self.get(client, match_page).status_code == 404

    def test_to_a_script_without_a_pause_asks_the_database_seldom(
        self, client, match_page, monkeypatch
    ):
        monkeypatch.setattr(threads, "REFUSED_POLL_AGE", 60)  # on a slow machine
        with CaptureQueriesContext(connection) as queries:
            self.get(client, match_page)
            once = len(queries)
            for _ in range(20):
                assert_slows_down(self.get(client, match_page))
        assert len(queries) < 10 * once

    @pytest.mark.parametrize(
        ("interval", "retry_after", "seconds"),
        [(100, 0, "1"), (5000, 0, "5"), (3000, 7, "7"), (3000, 1, "3")],
    )
    def test_the_settings_say_how_slow(
        self, client, match_page, settings, interval, retry_after, seconds
    ):
        settings.WAGTAIL_LIVE_POLLING_INTERVAL = interval
        settings.WAGTAIL_LIVE_RETRY_AFTER = retry_after
        answer = self.get(client, match_page)
        assert answer.headers["Retry-After"] == seconds
        assert answer.headers["Cache-Control"].endswith(f"max-age={seconds}")

    def test_other_sites_may_read_how_slow(self, client, match_page, settings):
        settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = ["https://app.example"]
        client.defaults["HTTP_ORIGIN"] = "https://app.example"
        answer = self.get(client, match_page)
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"

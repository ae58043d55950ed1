"""The servers that other tests rely on work as those tests need."""

import sys

import httpx
import psycopg
import pytest
import redis
from wagtail.models import Page

from tests.servers import Gunicorn, Server, ServerFailed, Uvicorn, wait_until
from tests.servers.process import free_port, release_port


def test_the_shared_server_shows_what_the_test_writes(site_server, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    answer = httpx.get(site_server.url + match_page.url)
    assert answer.status_code == 200
    assert "Kick-off" in answer.text


def test_every_test_finds_a_clean_site(site_server, home_page):
    assert Page.objects.count() == 2
    assert httpx.get(site_server.url + "/match/").status_code == 404


@pytest.mark.parametrize("server_class", [Uvicorn, Gunicorn])
def test_a_poll_is_answered_by(server_class, start_server, match_page):
    server = start_server(server_class, settings={"WAGTAIL_LIVE_POLLING_TIMEOUT": 1})
    url = f"{server.url}/wagtail_live/get-updates/{match_page.channel_id}/"
    hello = httpx.post(url).json()
    post = match_page.add_live_post("<p>Goal</p>")
    cursor = {"last_update_ts": hello["lastUpdateTimestamp"]}
    updates = httpx.get(url, params=cursor).json()
    assert list(updates["updates"]) == [str(post.id)]
    cursor["last_update_ts"] = updates["lastUpdateTimestamp"]
    assert "timeOutReached" in httpx.get(url, params=cursor).json()


def test_a_killed_site_server_comes_back_on_its_port(start_server, match_page):
    server = start_server()
    server.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)
    server.start()
    assert httpx.get(server.url + match_page.url).status_code == 200
    assert server.terminate() is not None
    assert not server.is_running


@pytest.mark.redis
def test_redis_can_hang_and_restart(redis_server):
    client = redis.Redis.from_url(redis_server.url, socket_timeout=5, retry=None)
    assert client.ping()
    redis_server.pause()
    with pytest.raises(redis.TimeoutError):
        client.ping()
    redis_server.resume()
    redis_server.restart()
    assert wait_until(client.ping)


@pytest.mark.postgres
def test_a_killed_postgresql_keeps_what_was_committed(
    postgres, transactional_db, match_page
):
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url("postgres"))
    postgres.start()
    with psycopg.connect(postgres.url("test_wagtail_live")) as connection:
        query = "SELECT title FROM wagtailcore_page WHERE slug = 'match'"
        assert connection.execute(query).fetchall() == [("Match",)]


@pytest.mark.postgres
def test_a_database_can_be_made_and_dropped(postgres):
    postgres.create_database("another")
    with psycopg.connect(postgres.url("another")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.drop_database("another")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgres.url("another"))


def test_a_port_is_given_once_also_before_its_server_listens(monkeypatch):
    given, other = free_port(), free_port()
    release_port(other)
    ports = iter([given, other])
    monkeypatch.setattr("random.randrange", lambda *limits: next(ports))
    assert free_port() == other
    for port in (given, other):
        release_port(port)


def test_a_server_that_cannot_start_says_why():
    class Broken(Server):
        def command(self):
            return [sys.executable, "-c", "raise SystemExit('no licence')"]

    with pytest.raises(ServerFailed, match="no licence"), Broken():
        pass

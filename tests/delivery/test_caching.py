"""nginx, configured as documented, asks the site once for all readers at one cursor."""

import socket
import time
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import connect

from tests.delivery.following import following, long_polls
from tests.load.marks import marked_text
from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from tests.servers.nginx import Nginx
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub

pytestmark = pytest.mark.nginx

READERS = 500
# Requests to the site while the cache's key changes, or its answer expires, a few times:
# more often on a busy machine, but not for each reader.
FEW = READERS / 10
EXPIRY = 2.1  # seconds; nginx counts whole ones
SECOND = 1_000_000_000  # nanoseconds


@pytest.fixture
def site(transactional_db):
    with SiteInProcess(LiveUpdatesMiddleware, backlog=4096) as site:
        yield site
    close_hub()


@pytest.fixture
def nginx(site):
    with Nginx(site.port) as nginx:
        site.requests.clear()
        yield nginx


@pytest.fixture
def impatient_nginx(site):
    """Has another key every second, for polls that time out after two."""
    with Nginx(site.port, {"^(?<until_tens>.{18})": "^(?<until_tens>.{19})"}) as nginx:
        site.requests.clear()
        yield nginx


def until_waiting(nginx, count=READERS):
    wait_until(lambda: nginx.count_requests() == count, timeout=30)


def url_of(server, page, path="get-updates"):
    return f"{server.url}/wagtail_live/{path}/{page.channel_id}/"


def poll(server, page, cursor, path="get-updates", **options):
    url = url_of(server, page, path)
    return httpx.get(url, params={"last_update_ts": cursor, "delta": 1}, **options)


def test_500_waiting_readers_are_one_request_to_the_site(site, nginx, match_page):
    """F-24: the same cached answer serves all."""
    readers = [
        reader
        for number in range(5)
        for reader in long_polls(
            match_page, READERS // 5, headers=f"Cookie: visitor={number}\r\n"
        )
    ]
    with following(nginx, readers) as until:
        until_waiting(nginx)
        assert len(site.requests) < FEW
        for number in (1, 2):
            match_page.add_live_post(marked_text(number))
            until(lambda reader: reader.latest == number)  # noqa: B023
            until_waiting(nginx)
        asked = len(site.requests)
    assert asked < FEW
    assert all(len(reader.log) == 2 for reader in readers)
    for payload, received_at in readers[-1].log:
        # Not after the poll's time-out: nginx looks every half second for the answer.
        assert received_at - payload.updates[0].mark.published_at < 15 * SECOND


def test_readers_after_a_timeout_are_one_request_again(
    site, impatient_nginx, match_page, settings
):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 2
    readers = long_polls(match_page, READERS)
    with following(impatient_nginx, readers) as until:
        wait_until(lambda: len(site.requests) >= 3)
        until_waiting(impatient_nginx)
        match_page.add_live_post(marked_text(1))
        until(lambda reader: reader.latest == 1)
    assert len(site.requests) < 2 * FEW


def test_500_polls_at_intervals_are_few_requests_to_the_site(site, nginx, match_page):
    start = match_page.last_update_timestamp
    match_page.add_live_post("<p>Goal</p>")
    target = f"/wagtail_live/poll/{match_page.channel_id}/?last_update_ts={start!r}"
    for _ in range(2):
        answers = ask_at_once(nginx, target)
        assert all(b"200 OK" in answer for answer in answers)
        assert all(b"Goal" in answer for answer in answers)
        if len(site.requests) == 1:
            time.sleep(EXPIRY)  # the site is asked again, and again once
    assert 2 <= len(site.requests) < FEW


def ask_at_once(server, target):
    request = (
        f"GET {target} HTTP/1.1\r\nHost: live.example\r\nConnection: close\r\n\r\n"
    )
    with ExitStack() as stack:
        readers = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(READERS)
        ]
        for reader in readers:
            reader.sendall(request.encode())
        return [read_all(reader) for reader in readers]


def read_all(reader):
    return b"".join(iter(lambda: reader.recv(65536), b""))


def test_a_cached_answer_is_soon_renewed(site, nginx, match_page):
    start = match_page.last_update_timestamp
    assert poll(nginx, match_page, start, "poll").json()["updates"] == {}
    match_page.add_live_post("<p>Goal</p>")
    wait_until(lambda: poll(nginx, match_page, start, "poll").json()["updates"])


def test_a_cached_response_can_be_revalidated(site, nginx, match_page):
    cursor = match_page.last_update_timestamp
    first = poll(nginx, match_page, cursor, "poll")
    headers = {"If-None-Match": first.headers["ETag"]}
    again = poll(nginx, match_page, cursor, "poll", headers=headers)
    assert again.status_code == 304


def test_a_head_request_is_passed_on_as_such(site, nginx, match_page):
    answer = httpx.head(url_of(nginx, match_page, "poll"))
    assert answer.headers["Last-Update-At"] == repr(match_page.last_update_timestamp)
    assert site.requests == ["HEAD"]


def test_handshakes_are_not_kept(site, nginx, match_page):
    for number in (1, 2):
        match_page.add_live_post("<p>Goal</p>")
        answer = httpx.post(url_of(nginx, match_page)).json()
        assert len(answer["livePosts"]) == number


def test_errors_are_not_kept(site, nginx, match_page):
    start = match_page.last_update_timestamp
    match_page.unpublish()
    assert poll(nginx, match_page, start).status_code == 404
    match_page.get_latest_revision_as_object().save_revision().publish()
    match_page.add_live_post("<p>Goal</p>")
    assert poll(nginx, match_page, start).status_code == 200


@pytest.fixture
def member(match_page, reporter, client):
    """The session cookie of the only user who may follow the page."""
    match_page.view_restrictions.create(restriction_type="login")
    client.force_login(reporter)
    return {"sessionid": client.cookies["sessionid"].value}


def test_private_responses_are_not_cached(site, nginx, match_page, member):
    """F-24, P5: only public answers are cached for all."""
    start = match_page.last_update_timestamp
    match_page.add_live_post("<p>Among us</p>")
    for path in ("get-updates", "poll"):
        answer = poll(nginx, match_page, start, path, cookies=member)
        assert "Among us" in answer.text
        assert poll(nginx, match_page, start, path).status_code == 404
        answer = poll(nginx, match_page, start, path, cookies=member)
        assert "Among us" in answer.text


def test_members_do_not_wait_for_each_other(site, nginx, match_page, member):
    cookie = f"Cookie: sessionid={member['sessionid']}\r\n"
    readers = long_polls(match_page, 5, headers=cookie)
    with following(nginx, readers) as until:
        wait_until(lambda: len(site.requests) == 5)
        match_page.add_live_post(marked_text(1))
        until(lambda reader: reader.latest == 1)


def test_an_event_stream_passes_undelayed(site, nginx, match_page):
    """F-21: nginx buffers nothing."""
    url = url_of(nginx, match_page, "stream")
    cursor = {"last_update_ts": match_page.last_update_timestamp}
    with httpx.stream("GET", url, params=cursor, timeout=30) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        for number in range(3):
            match_page.add_live_post(f"<p>Goal {number}</p>")
            assert any(f"Goal {number}" in line for line in lines)


def test_a_websocket_passes(site, nginx, match_page):
    url = url_of(nginx, match_page, "socket").replace("http", "ws", 1)
    query = f"?last_update_ts={match_page.last_update_timestamp!r}"
    with connect(url + query) as socket:
        match_page.add_live_post("<p>Goal</p>")
        assert "Goal" in socket.recv(timeout=30)

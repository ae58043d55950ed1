"""Interval polling over real servers."""

import re

import httpx
import pytest

from tests.servers import Gunicorn, Uvicorn
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

ETAG = re.compile('"[!#-~]+"')  # RFC 9110, 8.8.3
INTERVAL_POLLING = "wagtail_live.publishers.polling.IntervalPollingPublisher"


class Reader:
    """Polls one URL of a channel."""

    def __init__(self, server, page, path, **options):
        self.url = f"{server.url}/wagtail_live/{path}/{page.channel_id}/"
        self.client = httpx.Client(timeout=20, **options)

    def shake_hands(self):
        return self.client.post(self.url)

    def look(self):
        return self.client.head(self.url)

    def poll(self, cursor, etag="", **parameters):
        headers = {"If-None-Match": etag} if etag else {}
        parameters["last_update_ts"] = cursor
        return self.client.get(self.url, params=parameters, headers=headers)


@pytest.fixture
def reader(site_server, match_page):
    return Reader(site_server, match_page, "poll")


@pytest.mark.parametrize("server_class", [Uvicorn, Gunicorn])
def test_a_site_can_choose_to_be_polled_at_intervals(
    server_class, start_server, match_page
):
    settings = {
        "WAGTAIL_LIVE_PUBLISHER": INTERVAL_POLLING,
        "WAGTAIL_LIVE_POLLING_INTERVAL": 1234,
    }
    server = start_server(server_class, settings=settings)
    first = match_page.add_live_post("<p>Kick-off</p>")
    reader = Reader(server, match_page, "get-updates")
    hello = reader.shake_hands().json()
    assert hello == {
        "livePosts": [str(first.pk)],
        "lastUpdateTimestamp": match_page.last_update_timestamp,
        "pollingInterval": 1234,
    }
    cursor = hello["lastUpdateTimestamp"]
    assert reader.poll(cursor).json()["updates"] == {}
    second = match_page.add_live_post("<p>Goal</p>")
    assert float(reader.look().headers["Last-Update-At"]) > cursor
    answer = reader.poll(cursor).json()
    assert list(answer["updates"]) == [str(second.pk)]
    assert answer["currentPosts"] == [str(first.pk), str(second.pk)]
    assert (
        float(reader.look().headers["Last-Update-At"])
        == (answer["lastUpdateTimestamp"])
    )


def test_other_sites_can_be_polled_at_intervals_too(reader, match_page):
    assert reader.shake_hands().json()["pollingInterval"] == 3000
    cursor = match_page.last_update_timestamp
    assert reader.poll(cursor).json() == {
        "updates": {},
        "currentPosts": [],
        "lastUpdateTimestamp": cursor,
    }


def test_the_handshake_lists_the_newest_post_first(reader, match_page):
    created = [match_page.add_live_post(f"<p>{number}</p>") for number in range(3)]
    answer = reader.shake_hands()
    assert answer.json()["livePosts"] == [str(post.pk) for post in reversed(created)]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_lean_form_has_changes_only(reader, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    cursor = match_page.last_update_timestamp
    post = match_page.add_live_post("<p>Goal</p>")
    match_page.delete_live_post(post)
    answer = reader.poll(cursor, delta=1).json()
    assert answer == {
        "updates": {},
        "removals": [str(post.pk)],
        "lastUpdateTimestamp": match_page.last_update_timestamp,
    }


def test_a_known_response_gets_304(reader, match_page):
    cursor = match_page.last_update_timestamp
    answer = reader.poll(cursor, delta=1)
    assert answer.status_code == 200
    again = reader.poll(cursor, answer.headers["ETag"], delta=1)
    assert again.status_code == 304
    assert again.content == b""
    for name in ("ETag", "Cache-Control"):
        assert again.headers[name] == answer.headers[name]
    match_page.add_live_post("<p>Goal</p>")
    changed = reader.poll(cursor, answer.headers["ETag"], delta=1)
    assert changed.status_code == 200
    assert len(changed.json()["updates"]) == 1


def test_each_cursor_and_each_form_has_an_etag_of_its_own(reader, match_page):
    first = match_page.last_update_timestamp
    match_page.add_live_post("<p>Goal</p>")
    second = match_page.last_update_timestamp
    etags = {
        reader.poll(cursor, **form).headers["ETag"]
        for cursor in (first, second)
        for form in ({}, {"delta": 1}, {"delta": 1, "head": 1})
    }
    assert len(etags) == 6
    assert all(ETAG.fullmatch(etag) for etag in etags)


def test_a_draft_is_no_news(reader, match_page):
    cursor = match_page.last_update_timestamp
    match_page.add_live_post("<p>Perhaps</p>", show=False)
    answer = reader.poll(cursor, delta=1).json()
    assert answer["updates"] == {}
    assert answer["removals"] == []


def test_a_head_request_has_no_body(reader, match_page):
    answer = reader.look()
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["Last-Update-At"] == repr(match_page.last_update_timestamp)


def test_a_bad_cursor_is_refused(reader, subtests):
    for cursor in ("", "nan", "yesterday", "-1"):
        with subtests.test(cursor=cursor):
            answer = reader.poll(cursor)
            assert answer.status_code == 400
            assert answer.headers["Cache-Control"] == "no-store"
            assert "last_update_ts" in answer.json()["error"]


def test_answers_of_a_public_page_are_for_everybody(reader, match_page):
    """P5: a CDN may answer for the site."""
    polled = reader.poll(match_page.last_update_timestamp)
    for answer in (polled, reader.look()):
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Vary" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_answers_of_a_restricted_page_are_for_one_reader(
    reader, site_server, match_page, reporter, client
):
    """P5: nobody else gets them."""
    cursor = match_page.last_update_timestamp
    posts.publish(match_page.live_channel, "<p>Among us</p>", actor=SYSTEM)
    match_page.view_restrictions.create(restriction_type="login")
    client.force_login(reporter)
    cookies = {"sessionid": client.cookies["sessionid"].value}
    member = Reader(site_server, match_page, "poll", cookies=cookies)
    polled = member.poll(cursor)
    assert "Among us" in polled.text
    again = member.poll(cursor, polled.headers["ETag"])
    assert again.status_code == 304
    for answer in (polled, again, member.look()):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers
    refused = [reader.poll(cursor), reader.look(), reader.shake_hands()]
    assert [answer.status_code for answer in refused] == [404] * 3
    assert {answer.headers["Cache-Control"] for answer in refused} == {"no-store"}

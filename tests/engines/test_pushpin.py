"""Readers of a site behind Pushpin: the site answers once, and Pushpin holds them."""

import re

import httpx
import pytest

from tests.engines.reading import (
    Poll,
    check_stage,
    follow,
    poll_url,
    stream_url,
    wait_until_held,
)
from tests.faults.journal import Journal
from tests.testapp.models import ScorePage

HELD = {"DELTA": {"delta": 1}, "FULL": {}, "WITH_OVERVIEW": {"delta": 1, "head": 1}}


def count_requests(place, path):
    """Return the number of requests for a path that Pushpin has passed on."""
    log = place.pushpin.log.read_text()
    return len(re.findall(rf"\[zurl\] IN .* GET http://[^/]*{re.escape(path)}", log))


def test_a_stream_gets_each_update_once(place, match_page):
    with follow(place, match_page) as stream:
        for number in range(5):
            match_page.add_live_post(f"<p>Post {number}.</p>")
        stream.wait_for("Post 4.")
        for number in range(5):
            assert stream.contents.count(f"Post {number}.") == 1
        assert len({update["lastUpdateTimestamp"] for update in stream.updates}) == len(
            stream.updates
        )


def test_a_stream_begins_with_what_was_missed(place, match_page):
    cursor = match_page.last_update_timestamp
    match_page.add_live_post("<p>Missed.</p>")
    with follow(place, match_page, cursor) as stream:
        stream.wait_for("Missed.")
        match_page.add_live_post("<p>New.</p>")
        stream.wait_for("New.")
        assert stream.contents.count("Missed.") == 1


def test_each_published_update_has_the_cursor_before_it(place, match_page):
    start = match_page.last_update_timestamp
    with follow(place, match_page) as stream:
        match_page.add_live_post("<p>One.</p>")
        stream.wait_for("One.")
        match_page.add_live_post("<p>Two.</p>")
        stream.wait_for("Two.")
        first, second = stream.updates
    assert first["previousUpdateTimestamp"] == start
    assert second["previousUpdateTimestamp"] == first["lastUpdateTimestamp"]


@pytest.mark.parametrize("parameters", HELD.values(), ids=HELD)
def test_a_long_poll_waits_for_an_update(place, match_page, parameters):
    poll = Poll(place, match_page, **parameters)
    wait_until_held(match_page)
    post = match_page.add_live_post("<p>Goal.</p>")
    answer = poll.answer()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()["updates"]) == [str(post.pk)]
    assert ("currentPosts" in answer.json()) is (not parameters)


def test_a_long_poll_is_answered_at_once_if_there_is_news(place, match_page):
    cursor = match_page.last_update_timestamp
    match_page.add_live_post("<p>News.</p>")
    assert "News." in Poll(place, match_page, cursor).answer().text


def test_changes_of_the_stage_reach_readers(place, home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    with follow(place, page, head=1) as stream, follow(place, page) as plain:
        check_stage(stream, page)
        page.add_live_post("<p>Goal.</p>")
        plain.wait_for("Goal.")
        assert "stage" not in plain.text
    poll = Poll(place, page, delta=1, head=1)
    wait_until_held(page)
    page.update_stage(away=1)
    assert "2 : 1" in poll.answer().json()["stage"]


def test_a_draft_reaches_nobody_and_disturbs_nobody(place, match_page):
    with follow(place, match_page) as stream:
        draft = match_page.add_live_post("<p>Secret draft.</p>", show=False)
        match_page.add_live_post("<p>First.</p>")
        stream.wait_for("First.")
        match_page.update_live_post(draft, content="<p>Secret edit.</p>")
        match_page.add_live_post("<p>Second.</p>")
        stream.wait_for("Second.")
        assert "Secret" not in stream.text
        assert stream.contents.count("First.") == 1
    assert count_requests(place, f"/wagtail_live/stream/{match_page.channel_id}/") <= 2


def test_an_update_costs_the_site_no_request(place, crowd, match_page):
    audience = crowd.follow(match_page, ["event-stream"], 100)
    journal = Journal()
    for _ in range(5):
        number = journal.publish(match_page)
        audience.all(lambda reader: reader.latest >= number)  # noqa: B023
    path = f"/wagtail_live/stream/{match_page.channel_id}/"
    assert count_requests(place, path) <= 110
    audience.check(journal)


def test_head_is_not_held(place, match_page):
    for url in (stream_url(place, match_page), poll_url(place, match_page)):
        answer = httpx.head(url, params={"last_update_ts": "1"}, timeout=20)
        assert answer.status_code in (200, 501)


def test_wrong_requests_are_answered_as_ever(place, match_page):
    for url in (stream_url(place, match_page), poll_url(place, match_page)):
        assert httpx.get(url, timeout=20).status_code == 400
    unknown = poll_url(place, match_page).replace(match_page.channel_id, "unknown")
    answer = httpx.get(unknown, params={"last_update_ts": "1"}, timeout=20)
    assert answer.status_code == 404


def test_no_instruction_reaches_readers(place, match_page):
    with follow(place, match_page) as stream:
        names = stream.response.headers.keys()
    assert not [name for name in names if name.startswith("grip")]

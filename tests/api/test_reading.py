"""Reading by readers and headless front ends."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from tests.api.calling import Caller, texts
from tests.servers import wait_until
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def test_the_state_of_a_page(anybody, match_page):
    match_page.add_live_post("Goal")
    state = anybody.get().json()
    assert state["channel_id"] == match_page.channel_id
    assert state["page"] == {
        "id": match_page.pk,
        "title": "Match",
        "url": match_page.full_url,
        "language": "en-us",
        "type": "testapp.MatchPage",
    }
    assert state["state"] == "live"
    assert state["cursor"] == match_page.last_update_timestamp


def test_posts_come_in_pages_that_new_posts_do_not_move(anybody, client, match_page):
    for number in range(5):
        match_page.add_live_post(f"Post {number}")
    page = anybody.get("posts/?limit=2")
    match_page.add_live_post("News")
    seen = texts(page)
    while url := page.json()["next"]:
        page = client.get(url)
        seen += texts(page)
    assert seen == [f"<p>Post {number}</p>" for number in (4, 3, 2, 1, 0)]


def test_hidden_posts_are_not_returned(anybody, match_page):
    shown = match_page.add_live_post("Shown")
    hidden = match_page.add_live_post("Hidden", show=False)
    posts.publish(match_page.live_channel, "Draft", show=False, actor=SYSTEM)
    listed = anybody.get("posts/")
    assert texts(listed) == ["<p>Shown</p>"]
    assert b"Hidden" not in listed.content
    assert anybody.get(f"posts/{shown.pk}/").status_code == 200
    assert anybody.get(f"posts/{hidden.pk}/").status_code == 404
    assert anybody.get("posts/?status=all").status_code == 401


def test_updates_since_a_cursor(anybody, match_page):
    edited, gone = (match_page.add_live_post(text) for text in ("Gaol", "Oops"))
    since = repr(match_page.last_update_timestamp)
    match_page.update_live_post(edited, content="Goal")
    match_page.delete_live_post(gone)
    match_page.add_live_post("Hidden", show=False)
    updates = anybody.get(f"updates/?since={since}")
    assert texts(updates) == ["<p>Goal</p>"]
    assert updates.json()["removals"] == [str(gone.pk)]
    since = updates.json()["cursor"]
    updates = anybody.get(f"updates/?since={since!r}").json()
    assert (updates["posts"], updates["removals"]) == ([], [])


def test_a_cursor_older_than_the_purge_gets_a_reset(anybody, match_page):
    match_page.delete_live_post(match_page.add_live_post("Oops"))
    old = match_page.last_updated_at.timestamp() - 60
    posts.purge_tombstones(match_page.live_channel, match_page.last_updated_at)
    match_page.delete_live_post(match_page.add_live_post("Oops"))
    posts.purge_tombstones(match_page.live_channel, match_page.last_updated_at)
    for since in (old, old + 1_000_000):
        assert anybody.get(f"updates/?since={since!r}").json()["reset"] is True


@pytest.mark.parametrize("path", ["", "posts/", "updates/?since=1"])
def test_pages_that_are_not_public_are_not_there(anybody, match_page, path):
    assert anybody.get(path).status_code == 200
    unknown = Caller(anybody.client, "unknown").get(path)
    restriction = PageViewRestriction(
        page=match_page, restriction_type=PageViewRestriction.LOGIN
    )
    restriction.save()
    refused = anybody.get(path)
    restriction.delete()
    match_page.unpublish()
    for response in (unknown, refused, anybody.get(path)):
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store"
        assert response.content == unknown.content


def test_a_logged_in_reader_of_a_restricted_page(anybody, match_page, reporter):
    group = PageViewRestriction(
        page=match_page, restriction_type=PageViewRestriction.GROUPS
    )
    group.save()
    group.groups.add(Group.objects.get(name="Moderators"))
    anybody.client.force_login(reporter)
    response = anybody.get()
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert "Cookie" in response["Vary"]


def test_a_public_answer_can_be_cached(anybody, api, match_page):
    match_page.add_live_post("Goal")
    for path in ("", "posts/", "updates/?since=1", f"posts/{post_id(anybody)}/"):
        response = anybody.get(path)
        assert response["Cache-Control"] == "public, max-age=1"
        assert "Cookie" not in response["Vary"]
        assert not response.cookies
        repeated = anybody.get(path, If_None_Match=response["ETag"])
        assert repeated.status_code == 304
    assert api.get("posts/")["Cache-Control"] == "private, no-store"
    match_page.title = "Final"
    match_page.save()
    assert anybody.get().json()["page"]["title"] == "Final"


def post_id(anybody):
    return anybody.get("posts/").json()["posts"][0]["id"]


def test_allowed_origins_can_read(anybody, settings):
    app = {"Origin": "https://app.example"}
    assert "Access-Control-Allow-Origin" not in anybody.get(**app)
    settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = ["https://app.example"]
    response = anybody.get(**app)
    assert response["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Origin" in response["Vary"]
    other = anybody.get(Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in other


def test_a_page_of_many_posts_takes_few_queries(
    anybody, match_page, django_assert_max_num_queries
):
    for number in range(20):
        match_page.add_live_post(f"Post {number}")
    with django_assert_max_num_queries(12):
        assert len(texts(anybody.get("posts/"))) == 20


@pytest.mark.django_db(transaction=True)
def test_api_requests_publish_scheduled_posts(anybody, match_page):
    soon = timezone.now() + timedelta(hours=1)
    posts.publish(match_page.live_channel, "Kick-off", go_live_at=soon, actor=SYSTEM)
    assert texts(anybody.get("posts/")) == []
    LivePost.objects.update(go_live_at=timezone.now())  # as an hour later
    wait_until(lambda: texts(anybody.get("posts/")) == ["<p>Kick-off</p>"], timeout=20)


def test_more_pages_need_no_more_queries(client, home_page, issue, settings):
    settings.WAGTAIL_I18N_ENABLED = True
    counts = []
    for number in (1, 4):
        pages = [MatchPage(title=f"Match {number}") for _ in range(number)]
        channels = [home_page.add_child(instance=page).live_channel for page in pages]
        headers = {"Authorization": f"Bearer {issue(channels=channels)}"}
        with CaptureQueriesContext(connection) as queries:
            found = client.get("/wagtail_live/api/v1/channels/", headers=headers)
        languages = [one["page"]["language"] for one in found.json()["channels"]]
        assert languages == [home_page.locale.language_code] * number
        counts.append(len(queries))
    assert counts[1] <= counts[0]

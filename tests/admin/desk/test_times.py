"""Editors set the time of a post."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.users.models import UserProfile

from tests.admin.desk.requests import (
    form_data,
    the_post,
    url,
    url_of_post,
)
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, 0, 7, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def post(match_page):
    return match_page.add_live_post("<p>Goal!</p>", created=NOON)


def get_field(client, page, post_id):
    form = client.get(url("form", page, post_id)).json()["html"]
    return BeautifulSoup(form, "html.parser").select_one("[name$=created]")


def get_new_field(client, page):
    form = client.get(url("new_form", page)).json()["html"]
    return BeautifulSoup(form, "html.parser").select_one("[name$=created]")


def save(client, page, post, created, text="<p>Goal!</p>", action="save"):
    data = form_data(text, post, action, created=created)
    return client.post(url("save", page, post.pk), data)


def get_error(response):
    assert response.status_code == 422
    return html.unescape(response.json()["error"])


def test_a_post_is_moved(client, publisher, match_page, post):
    later = match_page.add_live_post("<p>Half-time</p>", created=NOON + HOUR)
    response = save(
        client, match_page, later, "2026-06-01T11:59:59", text="<p>Half-time</p>"
    )
    assert response.status_code == 200
    assert [each.text for each in match_page.live_posts] == ["Goal!", "Half-time"]
    later.refresh_from_db()
    assert later.created == datetime(2026, 6, 1, 11, 59, 59, tzinfo=UTC)
    assert later.modified is None


def test_a_time_that_is_not_touched_stays_to_the_microsecond(
    client, publisher, match_page, post
):
    field = get_field(client, match_page, post.pk)
    assert (field["value"], field["step"]) == ("2026-06-01T12:00:07", "1")
    save(client, match_page, post, field["value"], text="<p>A goal!</p>")
    assert (the_post().text, the_post().created) == ("A goal!", NOON)
    save(client, match_page, the_post(), "")
    assert the_post().created == NOON


def test_browsers_leave_out_seconds_that_are_zero(client, publisher, match_page):
    created = NOON.replace(second=0)
    post = match_page.add_live_post("<p>Goal!</p>", created=created)
    save(client, match_page, post, "2026-06-01T12:00", text="<p>A goal!</p>")
    assert (the_post().text, the_post().created) == ("A goal!", created)


def test_the_time_zone_is_the_editors(client, publisher, match_page, post):
    UserProfile.objects.create(user=publisher, current_time_zone="Asia/Tokyo")
    form = client.get(url("form", match_page, post.pk)).json()["html"]
    assert "Time zone: Asia/Tokyo" in form
    assert get_field(client, match_page, post.pk)["value"] == "2026-06-01T21:00:07"
    save(client, match_page, post, "2026-06-01T20:00")
    assert the_post().created == NOON.replace(hour=11, second=0, microsecond=0)


def test_the_hour_that_comes_twice_is_kept(client, publisher, match_page):
    """At 02:30 of the night in which the clocks go back."""
    UserProfile.objects.create(user=publisher, current_time_zone="Europe/Berlin")
    created = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    post = match_page.add_live_post("<p>Goal!</p>", created=created)
    field = get_field(client, match_page, post.pk)
    response = save(client, match_page, post, field["value"], text="<p>A goal!</p>")
    assert response.status_code == 200
    assert (the_post().text, the_post().created) == ("A goal!", created)


@pytest.mark.parametrize(
    ("created", "error"),
    [
        ("2999-01-01T00:00", "The time is in the future. Choose one that has passed."),
        ("0206-06-01T12:00", "The year must be 1970 or later."),
        ("1969-12-31T23:59:59", "The year must be 1970 or later."),
        ("yesterday", "Enter a valid date/time."),
    ],
)
def test_times_that_no_post_can_have(
    client, publisher, match_page, post, created, error
):
    response = save(client, match_page, post, created)
    assert error in get_error(response)
    assert re.search(r"live-desk__time\" open", response.json()["html"])
    assert the_post().created == NOON


def test_a_new_post_is_dated_back(client, publisher, match_page, post):
    assert "value" not in get_new_field(client, match_page).attrs
    data = form_data("<p>Kick-off</p>", created="2026-06-01T11:00")
    assert client.post(url("add", match_page), data).status_code == 200
    assert [each.text for each in match_page.live_posts] == ["Goal!", "Kick-off"]


def test_a_time_in_the_future_is_for_the_schedule(client, publisher, match_page):
    data = form_data(created="2999-01-01T00:00")
    error = get_error(client.post(url("add", match_page), data))
    assert "To publish the post later, use “Schedule…”." in error
    data |= {"action": "schedule", "go_live_at": "2999-01-01T00:00"}
    assert client.post(url("add", match_page), data).status_code == 200
    assert the_post().status == "scheduled"
    assert get_field(client, match_page, the_post().pk) is None


def test_a_draft_keeps_its_time_when_it_is_published(client, publisher, match_page):
    data = form_data(action="draft", created="2026-06-01T12:00")
    client.post(url("add", match_page), data)
    draft = the_post()
    form = client.get(url("form", match_page, draft.pk)).json()["html"]
    assert 'live-desk__time" open' in form
    assert get_field(client, match_page, draft.pk)["value"] == "2026-06-01T12:00"
    client.post(url("publish", match_page, draft.pk))
    assert the_post().created == NOON.replace(second=0, microsecond=0)


def test_a_draft_loses_its_time(client, publisher, match_page):
    client.post(
        url("add", match_page), form_data(action="draft", created="2026-06-01T12:00")
    )
    before = timezone.now()
    save(client, match_page, the_post(), "", action="publish")
    assert the_post().created > before


def test_who_may_not_publish_sees_no_time(client, drafter, match_page):
    assert get_new_field(client, match_page) is None
    data = form_data(action="draft", created="2026-06-01T12:00")
    assert client.post(url("add", match_page), data).status_code == 403
    client.post(url("add", match_page), form_data(action="draft"))
    posts.edit(match_page.live_channel, the_post(), created=NOON, actor=SYSTEM)
    data = form_data("<p>Gaol!</p>", the_post(), "save")
    assert client.post(url("save", match_page, the_post().pk), data).status_code == 200
    assert (the_post().text, the_post().created) == ("Gaol!", NOON)


def test_two_editors_of_a_time_see_both(client, publisher, match_page, post):
    data = form_data("<p>Goal!</p>", post, "save", created="2026-06-01T11:00")
    match_page.update_live_post(post, created=NOON - HOUR * 2)
    response = client.post(url("save", match_page, post.pk), data)
    assert response.status_code == 409
    shown = BeautifulSoup(response.json()["conflict"], "html.parser")
    times = shown.select(".live-desk__details time")
    assert [time["datetime"] for time in times] == [
        (NOON - HOUR * 2).isoformat(),
        "2026-06-01T11:00:00+00:00",
    ]
    data["expected"] = response.json()["version"]
    client.post(url("save", match_page, post.pk), data)
    assert the_post().created == datetime(2026, 6, 1, 11, tzinfo=UTC)


def test_a_conflict_names_no_time_that_nobody_has_chosen(client, publisher, match_page):
    """Such as that of a message that waits for its review."""
    message = posts.publish(
        match_page.live_channel,
        "<p>Goal</p>",
        sent_at=NOON,
        show=False,
        submitted=True,
        actor=SYSTEM,
    )
    data = form_data("<p>The goal</p>", message, "save", created="")
    posts.edit(message.channel, message, content="<p>A goal</p>", actor=SYSTEM)
    response = client.post(url("save", match_page, message.pk), data)
    assert response.status_code == 409
    conflict = BeautifulSoup(response.json()["conflict"], "html.parser")
    assert "The goal" in conflict.text
    assert "Time" not in conflict.text


def test_an_ended_blog_is_put_in_order(client, publisher, match_page, post):
    posts.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    assert save(client, match_page, post, "2026-06-01T11:00").status_code == 200
    assert the_post().created.hour == 11
    assert match_page.live_channel.state == "ended"


def test_the_history_compares_times_and_restores_them(
    client, publisher, match_page, post
):
    save(client, match_page, post, "2026-06-01T11:00")
    history = client.get(url_of_post("history", post)).content.decode()
    assert (
        "Changed the time from June 1, 2026, noon to June 1, 2026, 11 a.m." in history
    )
    first, second = post.revisions.order_by("pk")
    compared = client.get(url_of_post("compare", post, first.pk, second.pk))
    assert "2026-06-01 12:00:07" in compared.content.decode()
    assert "2026-06-01 11:00:00" in compared.content.decode()
    revert = url_of_post("revert", post, first.pk)
    shown = client.get(revert).content.decode()
    assert "2026-06-01T12:00:07" in shown
    expected = re.search(r'name="expected" value="([^"]+)"', shown)[1]
    client.post(revert, {"expected": expected})
    assert the_post().created == NOON


def test_the_preview_has_the_time(client, publisher, match_page, post):
    data = form_data("<p>Goal!</p>", post, "preview", created="2026-06-01T11:00")
    preview = client.post(url("preview", match_page, post.pk), data).json()["preview"]
    assert "2026-06-01T11:00:00+00:00" in preview

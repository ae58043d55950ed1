"""Editors set the time of a post on the desk, and see where it goes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible, send
from tests.browser.reading import expect_posts

pytestmark = pytest.mark.slow

NOON = datetime(2026, 6, 1, 12, 0, 7, 123456, tzinfo=UTC)
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(autouse=True)
def match(match_page):
    """Three posts, one an hour; the fixtures of the desks open them."""
    return [
        match_page.add_live_post(f"<p>{text}</p>", created=NOON + timedelta(hours=hour))
        for hour, text in enumerate(["Kick-off", "Goal", "Full time"])
    ]


def open_time(desk, text):
    """Open the field for the time of a post; return its form and the field."""
    post_id = desk.post(text).get_attribute("data-post")
    desk.press(text, "Edit")
    form = desk.window.locator(f"live-post-form[data-post='{post_id}']")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    more = form.get_by_role("button", name="More")
    if more.is_visible():
        more.click()
    form.get_by_text("Time…").click()
    return form, form.get_by_label("Time", exact=True)


def test_a_post_moves_on_all_desks_and_pages(match, desk, other, reader):
    form, field = open_time(desk, "Full time")
    expect(field).to_have_value("2026-06-01T14:00:07")
    field.fill("2026-06-01T12:30:00")
    assert_accessible(desk.window)
    send(form)
    desk.expect("Goal", "Full time", "Kick-off")
    other.expect("Goal", "Full time", "Kick-off")
    expect_posts([reader], "Goal", "Full time", "Kick-off")
    moved = desk.post("Full time")
    expect(moved).not_to_contain_text("updated")
    expect(moved.get_by_role("button", name="Edit")).to_be_focused()


def test_an_edit_that_leaves_the_time_alone_keeps_it(match, desk):
    form = desk.edit("Goal", "Own goal")
    send(form)
    desk.expect("Full time", "Own goal", "Kick-off")
    match[1].refresh_from_db()
    assert match[1].created == NOON + timedelta(hours=1)


def test_a_new_post_is_dated_back(desk, reader):
    desk.editor.press_sequentially("Half-time")
    desk.composer.get_by_text("Time…").click()
    field = desk.composer.get_by_label("Time", exact=True)
    expect(field).to_have_value("")
    field.fill("2026-06-01T12:45")
    send(desk.composer, "Publish")
    desk.expect("Full time", "Goal", "Half-time", "Kick-off")
    expect_posts([reader], "Full time", "Goal", "Half-time", "Kick-off")
    desk.publish("Interview")  # of now: the form for it is empty


@pytest.mark.allow_console_errors(reason="422")
def test_the_future_is_for_the_schedule(desk):
    form, field = open_time(desk, "Goal")
    later = timezone.now() + timedelta(days=2)
    field.fill(f"{later:%Y-%m-%dT%H:%M:%S}")
    send(form)
    error = form.locator(".live-desk__time .error-message")
    expect(error).to_contain_text("The time is in the future.")
    expect(field).to_be_focused()
    field.fill("2026-06-01T11:00:00")
    send(form)
    desk.expect("Full time", "Kick-off", "Goal")


def test_a_phone_has_room_for_it(new_window, reporter, match_page):
    desk = Desk(new_window(reporter, **PHONE), match_page)
    form, field = open_time(desk, "Goal")
    box = field.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    field.fill("2026-06-01T11:00:00")
    send(form)
    desk.expect("Full time", "Kick-off", "Goal")

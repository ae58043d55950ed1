"""The stage of a live page: what reporters, other systems and the page's editors change."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.reading import (
    assert_not_reloaded,
    go_offline,
    hide_tab,
    open_page,
    show_tab,
    top_of,
)
from tests.testapp.models import ScorePage

WAIT = 10_000  # milliseconds


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=ScorePage(title="The final", slug="final"))
    for minute in range(30):
        page.add_live_post(f"<p>Minute {minute}</p>" + "<p>and so on</p>" * 3)
    return page


def test_the_score_is_set_on_the_desk_and_readers_keep_their_place(
    new_window, reporter, page
):
    reader = open_page(new_window(), page)
    desk = Desk(new_window(reporter), page)
    other = Desk(new_window(reporter), page)
    desk.window.get_by_label("Home").fill("1")
    desk.window.get_by_label("Away").fill("0")
    desk.window.get_by_label("Period").select_option("First half")
    other.window.get_by_label("Away").fill("2")
    desk.window.get_by_label("Away").press("Enter")
    score, clock = reader.locator(".score strong"), reader.locator(".live-blog__clock")
    expect(score).to_have_text("1 : 0", timeout=WAIT)
    expect(clock).to_have_text("1′")
    # The colleague's own change stays, and is the only one that is sent.
    expect(other.window.get_by_label("Home")).to_have_value("1", timeout=WAIT)
    expect(other.window.get_by_label("Away")).to_have_value("2")
    post = reader.locator("[data-post-id]").nth(15)
    post.evaluate("post => post.scrollIntoView()")
    before = top_of(post)
    other.window.locator("live-desk-stage").get_by_role("button", name="Save").click()
    expect(score).to_have_text("1 : 2", timeout=WAIT)
    assert top_of(post) == pytest.approx(before, abs=1)
    desk.window.get_by_label("Home").fill("-3")
    desk.window.get_by_label("Home").press("Enter")
    expect(desk.window.get_by_text("greater than or equal to 0")).to_be_visible()
    assert_not_reloaded([reader])


@pytest.mark.allow_console_errors  # of requests while offline
def test_the_titles_follow_and_a_reader_who_was_offline_gets_the_newest(
    new_window, page
):
    half = {"period": "second", "home": 0, "away": 0}
    page.update_stage(started_at=timezone.now() - timedelta(minutes=17), **half)
    reader = open_page(new_window(), page)
    expect(reader.locator(".live-blog__clock")).to_have_text("63′")
    page.title = "The final: extra time"
    page.save_revision().publish()
    expect(reader).to_have_title("The final: extra time", timeout=WAIT)
    expect(reader.locator("h1")).to_have_text("The final: extra time")
    hide_tab(reader)
    page.add_live_post("<p>Goal</p>")
    expect(reader).to_have_title("(1) The final: extra time", timeout=WAIT)
    page.title = "The final: it's over"
    page.save_revision().publish()
    expect(reader).to_have_title("(1) The final: it's over", timeout=WAIT)
    show_tab(reader)
    go_offline(reader)
    page.update_stage(home=1)
    page.update_stage(home=2)
    reader.context.set_offline(False)
    expect(reader.locator(".score strong")).to_have_text("2 : 0", timeout=3 * WAIT)
    assert_not_reloaded([reader])

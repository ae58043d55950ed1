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
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage


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
    desk.window.get_by_label("First half").check()
    desk.window.get_by_label("Number 7").check()
    desk.window.get_by_label("Number 9").check()
    desk.window.locator("[name=stage-kick_off_0]").fill("2030-01-02")
    desk.window.locator("[name=stage-kick_off_1]").fill("15:00:00")
    other.window.get_by_label("Away").fill("2")
    desk.window.get_by_label("Away").press("Enter")
    score, clock = reader.locator(".score strong"), reader.locator(".live-blog__clock")
    expect(score).to_have_text("1 : 0")
    expect(clock).to_have_text("1′")
    # The colleague's own change stays, and is the only one that is sent.
    expect(other.window.get_by_label("Home")).to_have_value("1")
    expect(other.window.get_by_label("Away")).to_have_value("2")
    expect(other.window.get_by_label("First half")).to_be_checked()
    expect(other.window.get_by_label("Second half")).not_to_be_checked()
    expect(other.window.get_by_label("Number 9")).to_be_checked()
    expect(other.window.locator("[name=stage-kick_off_1]")).to_have_value("15:00:00")
    other.window.get_by_label("Number 9").uncheck()
    post = reader.locator("[data-post-id]").nth(15)
    post.evaluate("post => post.scrollIntoView()")
    before = top_of(post)
    other.window.locator("live-desk-stage").get_by_role("button", name="Save").click()
    expect(score).to_have_text("1 : 2")
    assert top_of(post) == pytest.approx(before, abs=1)
    expect(desk.window.get_by_label("Number 9")).not_to_be_checked()
    expect(desk.window.get_by_label("First half")).to_be_checked()
    values = page.live_channel.stage_values
    assert (values["period"], values["scorers"]) == ("first", ["7"])
    assert values["kick_off"].startswith("2030-01-02T15:00")
    desk.window.get_by_label("Home").fill("-3")
    desk.window.get_by_label("Home").press("Enter")
    expect(desk.window.get_by_text("greater than or equal to 0")).to_be_visible()
    assert_not_reloaded([reader])


KEPT = ["#film", "#advert", ".live-blog__pinned .live-post"]
MARK = "(names) => names.forEach((n) => document.querySelector(n).isKept = true)"
IS_KEPT = "(names) => names.map((name) => document.querySelector(name)?.isKept)"


def test_what_has_not_changed_is_left_alone(new_window, page):
    """A video that plays, and an embed that was loaded, stay the same elements."""
    page.update_stage(home=0, away=0, period="first")
    channel = page.live_channel
    pinned = page.live_posts[3]
    coverage.pin(channel, pinned, actor=SYSTEM)
    reader = open_page(new_window(), page)
    reader.wait_for_function("!!document.querySelector('live-blog').showPart")
    reader.evaluate("document.querySelector('#advert').replaceChildren('loaded')")
    reader.evaluate(MARK, KEPT)
    page.update_stage(home=1)
    expect(reader.locator(".score strong")).to_have_text("1 : 0")
    posts.publish(channel, "Goal", is_key_event=True, actor=SYSTEM)
    expect(reader.locator(".live-blog__key-events li")).to_have_count(1)
    page.update_stage(period="after")
    expect(reader.locator(".scene--over")).to_have_count(1)
    expect(reader.locator(".live-blog__clock")).to_have_count(0)
    page.update_stage(period="second")
    expect(reader.locator(".live-blog__clock")).to_have_count(1)
    assert reader.evaluate(IS_KEPT, KEPT) == [True] * 3
    expect(reader.locator("#advert")).to_have_text("loaded")
    coverage.pin(channel, page.live_posts[5], actor=SYSTEM)
    text = reader.locator(".live-blog__pinned .live-post__content")
    expect(text).to_contain_text("Minute 25")


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
    expect(reader).to_have_title("The final: extra time")
    expect(reader.locator("h1")).to_have_text("The final: extra time")
    hide_tab(reader)
    page.add_live_post("<p>Goal</p>")
    expect(reader).to_have_title("(1) The final: extra time")
    page.title = "The final: it's over"
    page.save_revision().publish()
    expect(reader).to_have_title("(1) The final: it's over")
    show_tab(reader)
    go_offline(reader)
    page.update_stage(home=1)
    page.update_stage(home=2)
    reader.context.set_offline(False)
    expect(reader.locator(".score strong")).to_have_text("2 : 0")
    assert_not_reloaded([reader])

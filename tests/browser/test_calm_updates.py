"""Updates don't disturb readers: they keep their place, focus and view."""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.reading import (
    LAYOUT_SHIFTS,
    MINUTE,
    POST,
    UPDATES,
    expect_posts,
    expect_posts_of,
    hide_tab,
    open_page,
    show_tab,
    top_of,
)
from wagtail_live import posts
from wagtail_live.models import ChannelState
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SIZES = {"phone": (360, 780), "desktop": (1280, 800)}


@pytest.fixture
def new_window(new_window):
    """Open windows in which things move."""
    return partial(new_window, reduced_motion="no-preference")


@pytest.fixture(params=SIZES)
def viewport(request):
    width, height = SIZES[request.param]
    return {"width": width, "height": height}


@pytest.fixture
def long_blog(match_page):
    return [
        match_page.add_live_post(
            f"<p>Minute {minute}</p>", created=NOON + timedelta(minutes=minute)
        )
        for minute in range(60)
    ]


def news(window):
    return window.locator(".live-blog__news")


def test_readers_who_have_scrolled_keep_their_place(
    new_window, viewport, match_page, long_blog
):
    window = new_window(viewport=viewport)
    window.add_init_script(LAYOUT_SHIFTS)
    open_page(window, match_page)
    post = window.get_by_text("Minute 45", exact=True)
    post.evaluate("post => post.scrollIntoView()")
    window.evaluate("window.layoutShifts.length = 0")
    before = top_of(post)
    for number in range(3):
        match_page.add_live_post(f"<p>News {number}</p>")
    match_page.update_live_post(long_blog[58], content="<p>Longer</p>" * 9)
    match_page.delete_live_post(long_blog[57])
    match_page.update_live_post(long_blog[44], content="<p>Minute 44, corrected</p>")
    expect(window.get_by_text("Minute 44, corrected")).to_be_attached()
    expect(news(window)).to_have_text("3 new posts")
    assert abs(top_of(post) - before) < 0.5  # browsers scroll by parts of a pixel
    expect(window).to_have_title("(3) Match")
    assert window.evaluate("window.layoutShifts") == []
    news(window).click()
    expect(window.get_by_text("News 2")).to_be_in_viewport()
    expect(news(window)).to_be_hidden()
    expect(window).to_have_title("Match")


def test_readers_at_the_top_see_new_posts(window, match_page):
    post = match_page.add_live_post("<p>Kick-off</p>")
    open_page(window, match_page)
    match_page.add_live_post("<p>Goal</p>")
    newest = window.get_by_role("article").first
    expect(newest).to_contain_text("Goal")
    expect(newest).to_be_in_viewport()
    expect(newest).to_have_class(re.compile("live-post--new"))
    expect(news(window)).to_be_hidden()
    match_page.update_live_post(post, content="<p>Kick-off at noon</p>")
    edited = window.get_by_role("article").last
    expect(edited).to_contain_text("Kick-off at noon")
    expect(edited).to_have_class(re.compile("live-post--changed"))
    expect(edited.get_by_text("updated")).to_be_visible()


def test_nothing_moves_for_ever(window, match_page):
    coverage.set_state(match_page.live_channel, ChannelState.LIVE, actor=SYSTEM)
    open_page(window, match_page)
    iterations = (
        "document.getAnimations().map((each) => each.effect.getTiming().iterations)"
    )
    window.wait_for_function(f"() => {iterations}.includes(2)")  # a dot pulses
    assert math.inf not in window.evaluate(iterations)


def test_reduced_motion_is_respected(new_window, match_page):
    window = open_page(new_window(reduced_motion="reduce"), match_page)
    match_page.add_live_post("<p>Goal</p>")
    expect_posts([window], "Goal")
    moving = "[...document.querySelectorAll('*')].flatMap(e => e.getAnimations())"
    assert window.evaluate(f"{moving}.length") == 0


def test_updates_can_be_paused_until_the_end(window, match_page):
    match_page.add_live_post("<p>Line-ups</p>")
    before = ["Line-ups"]
    open_page(window, match_page)
    paused = window.locator(".live-blog__paused")
    pause = window.get_by_role("button", name="Pause updates")
    expect(paused).to_be_hidden()
    pause.click()
    expect(pause).to_be_hidden()
    expect(paused).to_have_text(re.compile(r"^\s*Updates paused\s+Resume\s*$"))
    resume = window.get_by_role("button", name="Resume")
    expect(resume).to_be_focused()
    match_page.add_live_post("<p>Kick-off</p>")
    post = match_page.add_live_post("<p>Gaol</p>")
    match_page.update_live_post(post, content="<p>Goal</p>")
    other = open_page(window.context.new_page(), match_page)
    expect_posts([other], "Goal", "Kick-off", *before)
    expect(paused).to_contain_text("Updates paused · 2 new")
    withdrawn = match_page.add_live_post("<p>Offside</p>")
    expect(paused).to_contain_text("· 3 new")
    match_page.delete_live_post(withdrawn)
    expect(paused).to_contain_text("· 2 new")
    expect_posts([window], *before)
    resume.click()
    expect_posts([window], "Goal", "Kick-off", *before)
    expect(pause).to_be_focused()
    expect(paused).to_be_hidden()
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    expect(pause).to_be_hidden()
    expect(window.locator(".live-blog__state time:visible")).to_have_class(
        "live-blog__ended"
    )
    window.reload()
    expect(window.get_by_text("Ended")).to_be_visible()
    expect(pause).to_be_hidden()


def test_the_title_of_a_hidden_tab_counts_what_is_new(window, match_page):
    open_page(window, match_page)
    hide_tab(window)
    match_page.add_live_post("<p>Kick-off</p>")
    match_page.add_live_post("<p>Goal</p>")
    expect(window).to_have_title("(2) Match")
    show_tab(window)
    expect(window).to_have_title("Match")


def test_a_selected_post_does_not_vanish_without_a_trace(window, match_page):
    post = match_page.add_live_post("<p>Goal</p>")
    open_page(window, match_page)
    window.get_by_text("Goal").select_text()
    match_page.delete_live_post(post)
    expect(window.get_by_text("This post was withdrawn.")).to_be_visible()
    expect_posts([window])


def test_the_focus_in_the_overview_stays(window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    coverage.summarise(
        match_page.live_channel,
        "<p>See <a href='https://example.com/'>all</a></p>",
        actor=SYSTEM,
    )
    open_page(window, match_page)
    window.get_by_role("link", name="all").focus()
    coverage.summarise(
        match_page.live_channel,
        "<p>See <a href='https://example.com/'>them all</a></p>",
        actor=SYSTEM,
    )
    expect(window.get_by_role("link", name="them all")).to_be_focused()


def test_screen_readers_announce_the_number_of_new_posts(window, match_page):
    window.clock.install()
    open_page(window, match_page)
    heard = window.locator(".live-blog__announcer")
    match_page.add_live_post("<p>Kick-off</p>")
    expect(heard).to_have_text("1 new post")
    match_page.add_live_post("<p>Goal</p>")
    match_page.add_live_post("<p>Another</p>")
    expect_posts([window], "Another", "Goal", "Kick-off")
    expect(heard).to_have_text("1 new post")
    window.clock.fast_forward(20_000)
    expect(heard).to_have_text("2 new posts")


def test_posts_have_their_position_in_the_feed(window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    open_page(window, match_page)
    match_page.add_live_post("<p>Goal</p>")
    expect_posts([window], "Goal", "Kick-off")
    articles = window.get_by_role("feed", name="Posts").get_by_role("article")
    expect(articles.nth(1)).to_have_attribute("aria-posinset", "2")
    expect(articles.nth(1)).to_have_attribute("aria-setsize", "2")


@pytest.mark.allow_console_errors(reason="no updates")
def test_times_are_the_readers_own(new_window, match_page):
    created = timezone.now() - timedelta(minutes=5, seconds=5)
    match_page.add_live_post("<p>Kick-off</p>", created=created)
    window = new_window(timezone_id="Asia/Tokyo", locale="en-GB")
    # Their clock, which the test moves, would be corrected by the server's.
    window.route(UPDATES, lambda route: route.abort())
    window.clock.install()
    open_page(window, match_page)
    time = window.locator(".live-post__time")
    in_tokyo = created.astimezone(ZoneInfo("Asia/Tokyo"))
    exact = f"{in_tokyo.hour % 12 or 12}:{in_tokyo:%M}"
    expect(time).to_have_text(re.compile(rf"^5 min\. ago · .*\b{exact}"))
    expect(time).to_have_attribute("datetime", created.isoformat())
    window.clock.fast_forward(2 * MINUTE)
    expect(time).to_have_text(re.compile(rf"^7 min\. ago · .*\b{exact}"))
    window.clock.fast_forward(60 * MINUTE)
    expect(time).to_have_text(re.compile(rf"^[^·]*\b{exact}"))


def test_the_order_is_reversed_and_remembered(window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    match_page.add_live_post("<p>Goal</p>")
    open_page(window, match_page)
    window.get_by_role("button", name="Oldest first").click()
    expect_posts([window], "Kick-off", "Goal")
    match_page.add_live_post("<p>Half-time</p>")
    expect_posts([window], "Kick-off", "Goal", "Half-time")
    open_page(window, match_page)
    expect_posts([window], "Kick-off", "Goal", "Half-time")
    window.get_by_role("button", name="Oldest first").click()
    expect_posts([window], "Half-time", "Goal", "Kick-off")


def test_earlier_posts_come_in_place_and_follow(window, match_page, long_blog):
    open_page(window, match_page)
    window.get_by_role("link", name="Earlier posts").click()
    minutes = [f"Minute {minute}" for minute in range(59, -1, -1)]
    expect_posts([window], *minutes)
    expect(window.locator(POST).nth(50)).to_be_focused()
    expect(window.get_by_role("link", name="Earlier posts")).to_be_hidden()
    match_page.update_live_post(long_blog[3], content="<p>Minute 3, corrected</p>")
    minutes[-4] = "Minute 3, corrected"
    expect_posts([window], *minutes)


def test_a_page_holds_no_more_posts_than_it_needs(window, match_page, long_blog):
    open_page(window, match_page)
    for number in range(80):
        match_page.add_live_post(f"<p>News {number}</p>")
    expect(window.get_by_text("News 79")).to_be_visible()
    expect_posts_of(window, match_page)
    expect(window.locator(POST)).to_have_count(100)
    expect(window.locator(".live-blog__day")).to_have_count(1)
    window.get_by_role("link", name="Earlier posts").click()
    expect(window.locator(POST)).to_have_count(140)
    expect_posts_of(window, match_page)


def test_a_key_event_leads_to_its_post(window, match_page, long_blog):
    channel = match_page.live_channel
    for minute in (5, 30):
        posts.edit(
            channel, long_blog[minute], title="Goal!", is_key_event=True, actor=SYSTEM
        )
    open_page(window, match_page)
    near, far = window.locator(".live-blog__key-events a").all()
    near.click()
    expect(window.locator(f"#live-post-{long_blog[30].pk}")).to_be_focused()
    far.click()
    expect(window.locator(".live-post--marked")).to_contain_text("Minute 5")
    expect(window.locator(".live-post--marked")).to_be_in_viewport()


def test_a_post_is_shared_by_its_link(new_window, match_page):
    post = match_page.add_live_post("<p>Goal</p>")
    window = new_window(permissions=["clipboard-read", "clipboard-write"])
    window.add_init_script("delete Navigator.prototype.share")
    open_page(window, match_page)
    share = window.get_by_role("button", name="Share")
    share.click()
    expect(window.get_by_role("button", name="Link copied")).to_be_visible()
    link = window.evaluate("navigator.clipboard.readText()")
    window.goto(link)
    expect(window.locator(".live-post--marked")).to_contain_text("Goal")
    assert str(post.pk) in link


def test_a_post_is_shared_as_the_device_does(window, match_page):
    match_page.add_live_post("<p>Goal</p>")
    window.add_init_script(
        "Navigator.prototype.share = async (data) => { window.shared = data }"
    )
    open_page(window, match_page)
    window.get_by_role("button", name="Share").click()
    window.wait_for_function("window.shared?.url.includes('?post=')")


def test_an_ended_blog_is_not_polled_until_reopened(window, new_window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    open_page(window, match_page)
    channel = match_page.live_channel
    coverage.set_state(channel, ChannelState.ENDED, actor=SYSTEM)
    expect(window.get_by_text("Ended", exact=True)).to_be_visible()
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    coverage.set_state(channel, ChannelState.LIVE, actor=SYSTEM)
    match_page.add_live_post("<p>Extra time</p>")
    other = open_page(new_window(), match_page)
    expect_posts([other], "Extra time", "Kick-off")
    assert asked == []
    show_tab(window)
    expect_posts([window], "Extra time", "Kick-off")


def forget_deletions(page):
    """Delete a post, and forget that: cursors from before are too old."""
    page.delete_live_post(page.add_live_post("<p>A mistake</p>"))
    posts.purge_tombstones(page.live_channel, timezone.now())


def serve_old_page(window, url, change):
    """Answer the next request for a page with one of yesterday, changed by a function."""
    yesterday = timezone.now() - timedelta(days=1)

    def answer(route):
        response = route.fetch()
        page = BeautifulSoup(response.text(), "html.parser")
        page.find("live-blog")["cursor"] = repr(yesterday.timestamp())
        change(page.select(".live-blog__posts > .live-post"))
        route.fulfill(response=response, body=str(page))

    window.route(url, answer, times=1)


def test_after_a_gap_the_page_has_the_newest_posts_and_a_link_to_the_others(
    window, match_page, long_blog
):
    """A reader who was away for too long misses posts and corrections: none of those that
    the page keeps may be out of date, and no post may be out of reach."""

    def remove_newest(articles):
        for article in articles[:20]:
            article.decompose()

    forget_deletions(match_page)
    match_page.update_live_post(long_blog[5], content="<p>Minute 5, corrected</p>")
    serve_old_page(window, "**/match/", remove_newest)
    open_page(window, match_page)
    minutes = [f"Minute {minute}" for minute in range(59, -1, -1)]
    expect_posts([window], *minutes[:50])
    window.get_by_role("link", name="Earlier posts").click()
    minutes[54] = "Minute 5, corrected"
    expect_posts([window], *minutes)


def test_after_a_gap_an_older_page_is_fetched_again(window, match_page, long_blog):
    def withdraw_the_correction(articles):
        for article in articles:
            article["data-version"] = "1.0"
        articles[4].find(class_="live-post__content").string = "Not corrected"

    forget_deletions(match_page)
    open_page(window, match_page)
    serve_old_page(window, "**/match/?before=*", withdraw_the_correction)
    link = window.get_by_role("link", name="Earlier posts")
    window.goto(link.evaluate("link => link.href"))
    expect_posts([window], *(f"Minute {minute}" for minute in range(9, -1, -1)))

"""The layout of the reader's page: beside one another in wide columns, the first post within
the first screen of a phone, days, key events only, and print."""

import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.reading import assert_not_reloaded, open_page, top_of
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

POINTS = (
    "<ul><li>The Reds lead 2–1 at half-time</li><li>Ann has been sent off</li></ul>"
)
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
VISIBLE = "[...document.querySelectorAll('.live-blog__posts > [data-post-id]')].filter((p) => p.offsetHeight).length"
FOCUS = """() => [...document.querySelectorAll("live-blog :is(a, button, input)")]
  .filter((element) => element.checkVisibility() && element.offsetHeight
    && !element.closest(".live-blog__side"))
  .map((element) => { const { x, y, height } = element.getBoundingClientRect();
    return [y + height / 2, x, element.textContent.trim()] })"""
ROW = 12  # pixels by which the middles of what is in a row may differ


@pytest.fixture
def report(match_page):
    """Thirty posts, of which every fifth is a key event, across five hours."""
    channel = match_page.live_channel
    start = datetime.now(UTC) - timedelta(hours=5)
    found = [
        posts.publish(
            channel,
            f"<p>Minute {number * 10}</p>",
            title=f"Event {number}" if number % 5 == 0 else "",
            created=start + timedelta(minutes=number * 10),
            author_name="Ada",
            is_key_event=number % 5 == 0,
            actor=SYSTEM,
        )
        for number in range(30)
    ]
    coverage.summarise(channel, POINTS, actor=SYSTEM)
    coverage.pin(channel, found[25], actor=SYSTEM)
    return found


def box(window, selector):
    return window.locator(selector).first.bounding_box()


def test_wide_columns_have_key_points_and_events_beside_the_posts(
    new_window, match_page, report
):
    content = "<p>One of many paragraphs</p>" * 10
    posts.edit(match_page.live_channel, report[25], content=content, actor=SYSTEM)
    window = open_page(new_window(viewport=WIDE), match_page)
    side, list_ = box(window, ".live-blog__side"), box(window, ".live-blog__posts")
    assert side["x"] + side["width"] < list_["x"]
    links = window.locator(".live-blog__key-events li a")
    assert links.all_inner_texts() == [f"Event {n}" for n in (25, 20, 15, 10, 5, 0)]
    window.mouse.wheel(0, 1500)
    window.wait_for_function("scrollY > 1000")
    expect(window.locator(".live-blog__key-points h2")).to_be_in_viewport()
    # The pinned post is above; at its place there is less of it.
    pinned = window.locator(f"#live-post-{report[25].pk}")
    above = box(window, ".live-blog__pinned .live-post")
    assert pinned.bounding_box()["height"] < above["height"] / 2
    expect(pinned.locator(".live-post__share")).to_be_hidden()
    window.set_viewport_size({"width": 900, "height": 800})
    side, list_ = box(window, ".live-blog__side"), box(window, ".live-blog__posts")
    assert side["y"] + side["height"] < list_["y"]
    expect(pinned.locator(".live-post__share")).to_be_visible()


def test_a_phone_shows_the_first_post_on_its_first_screen(
    new_window, match_page, report
):
    window = open_page(new_window(viewport=PHONE, has_touch=True), match_page)
    newest = window.locator(f"#live-post-{report[-1].pk}")
    expect(newest.locator(".live-post__content")).to_be_in_viewport()
    assert window.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    coverage.summarise(match_page.live_channel, POINTS * 5, actor=SYSTEM)
    expect(window.get_by_text("Show all key points")).to_be_visible()
    short = box(window, ".live-blog__summary")["height"]
    window.get_by_text("Show all key points").click()
    assert box(window, ".live-blog__summary")["height"] > short * 2
    # What is open stays open when the part is replaced.
    coverage.summarise(match_page.live_channel, POINTS * 6, actor=SYSTEM)
    expect(window.locator(".live-blog__summary li")).to_have_count(12)
    assert box(window, ".live-blog__summary")["height"] > short * 2
    window.get_by_role("link", name="Jump to latest").click()
    expect(window.get_by_role("heading", name="Latest posts")).to_be_focused()


def test_the_order_of_the_focus_is_that_of_the_page(new_window, match_page, report):
    window = new_window(viewport={"width": 900, "height": 800})
    open_page(window, match_page)
    order = window.evaluate(FOCUS)
    assert len(order) > 30
    for one, other in itertools.pairwise(order):
        is_below = other[0] > one[0] + ROW
        is_beside = abs(other[0] - one[0]) <= ROW and other[1] > one[1]
        assert is_below or is_beside, (one, other)


def test_key_events_only_lasts_for_the_visit(new_window, match_page, report):
    window = open_page(new_window(), match_page)
    toggle = window.get_by_role("button", name="Key events only")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    window.wait_for_function(f"{VISIBLE} === 6")
    channel = match_page.live_channel
    posts.publish(channel, "<p>Throw-in</p>", actor=SYSTEM)
    posts.publish(channel, "<p>Goal!</p>", is_key_event=True, actor=SYSTEM)
    list_ = window.locator(".live-blog__posts")
    expect(list_.get_by_text("Goal!")).to_be_visible()
    expect(list_.get_by_text("Throw-in")).to_be_hidden()
    assert_not_reloaded([window])
    open_page(window, match_page)
    window.wait_for_function(f"{VISIBLE} === 7")
    toggle.click()
    window.wait_for_function(f"{VISIBLE} === 32")
    open_page(window, match_page)
    expect(toggle).to_have_attribute("aria-pressed", "false")


def test_key_events_only_finds_those_of_earlier_pages(new_window, match_page):
    channel = match_page.live_channel
    for number in range(120):
        posts.publish(
            channel,
            f"<p>Minute {number}</p>",
            is_key_event=number % 6 == 0,
            actor=SYSTEM,
        )
    window = open_page(new_window(), match_page)
    toggle = window.get_by_role("button", name="Key events only")
    toggle.click()
    window.wait_for_function(f"{VISIBLE} === 20")
    toggle.click()
    window.wait_for_function(f"{VISIBLE} === 50")
    window.get_by_role("link", name="Earlier posts").click()
    window.wait_for_function(f"{VISIBLE} === 100")


def test_key_events_only_without_scripts(new_window, match_page, report):
    window = new_window(java_script_enabled=False)
    window.goto(match_page.url)
    window.get_by_role("link", name="Key events only").click()
    shown = window.locator(".live-blog__posts > [data-post-id]")
    expect(shown).to_have_count(6)
    expect(window.get_by_role("heading", name="Key events").last).to_be_visible()
    window.get_by_role("link", name="Newest posts").click()
    expect(shown).to_have_count(30)


def test_labels_and_dates_stay_in_one_line_on_a_phone(new_window, match_page, report):
    channel = match_page.live_channel
    a_year_ago = datetime.now(UTC) - timedelta(days=366)
    posts.publish(
        channel, "Preview", created=a_year_ago, is_key_event=True, actor=SYSTEM
    )
    window = new_window(viewport={"width": 320, "height": 640})
    open_page(window, match_page)
    window.add_style_tag(content="body { font: 1.375rem monospace }")
    dates = window.locator(".live-blog__key-events li time")
    expect(dates.last).to_contain_text(str(a_year_ago.year))
    heights = {round(each.bounding_box()["height"]) for each in dates.all()}
    assert len(heights) == 1
    label = box(window, ".live-blog__pinned .live-blog__label")
    link = box(window, ".live-blog__whole")
    assert link["y"] >= label["y"] + label["height"]
    assert label["height"] <= link["height"] + 1
    assert window.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_empty_page_offers_nothing_to_hold_back(new_window, match_page):
    window = open_page(new_window(), match_page)
    expect(window.get_by_text("There are no posts yet.")).to_be_visible()
    pause = window.get_by_role("button", name="Pause updates")
    expect(pause).to_be_hidden()
    match_page.add_live_post("<p>Kick-off</p>")
    expect(pause).to_be_visible()


def test_days_begin_with_a_heading_in_the_zone_of_the_reader(new_window, match_page):
    channel = match_page.live_channel
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    moments = [noon, noon + timedelta(hours=13), noon + timedelta(hours=20)]
    for number, moment in enumerate(moments):
        text = f"<p>Post {number}</p>" + "<p>…</p>" * 30
        posts.publish(channel, text, created=moment, actor=SYSTEM)
    days = re.compile("Monday|Tuesday|Wednesday")
    london = open_page(new_window(timezone_id="UTC"), match_page)
    headings = london.get_by_role("heading", name=days)
    expect(headings).to_have_text(["Tuesday, June 2, 2026", "Monday, June 1, 2026"])
    honolulu = open_page(new_window(timezone_id="Pacific/Honolulu"), match_page)
    headings = honolulu.get_by_role("heading", name=days)
    expect(headings).to_have_text(["Monday, June 1, 2026"])
    # The day stands above the times, which still have it for machines and on paper.
    times = london.locator(".live-post__time")
    expect(times).to_have_text(["8:00 AM", "1:00 AM", "12:00 PM"])
    expect(times.first).to_have_attribute("title", re.compile("June 2, 2026"))
    expect(times.first).to_have_attribute("datetime", re.compile("2026-06-02"))
    london.emulate_media(media="print")
    expect(times.first).to_have_text("Jun 2, 2026, 8:00 AM")
    london.emulate_media(media="screen")
    expect(times.first).to_have_text("8:00 AM")
    # It stays where it is, and so does the reader, when posts of a new day arrive.
    second = london.locator("[data-post-id]").nth(1)
    second.scroll_into_view_if_needed()
    london.evaluate("window.scrollBy(0, 500)")
    before = top_of(second)
    news = noon + timedelta(hours=36)
    posts.publish(channel, "<p>News</p>", created=news, actor=SYSTEM)
    headings = london.get_by_role("heading", name=days)
    expect(headings).to_have_count(3)
    assert top_of(london.locator("[data-post-id]").nth(2)) == pytest.approx(
        before, abs=1
    )


def test_times_are_relative_and_exact_and_on_paper_only_exact(new_window, match_page):
    match_page.add_live_post("<p>Goal</p>")
    window = open_page(new_window(), match_page)
    time = window.locator(".live-post__time")
    expect(time).to_have_text(re.compile(r"^(now|\d+ \w+\.? ago) · \d+:\d\d [AP]M$"))
    window.emulate_media(media="print")
    expect(time).to_have_text(re.compile(r"^\w+ \d+, 20\d\d, \d+:\d\d [AP]M$"))
    for part in (".live-post__share", ".live-blog__controls", ".live-blog__jump"):
        expect(window.locator(part)).to_be_hidden()
    window.emulate_media(media="screen")
    expect(time).to_have_text(re.compile(" · "))


def test_a_page_that_is_opened_to_be_printed_has_exact_times(new_window, match_page):
    match_page.add_live_post("<p>Goal</p>")
    window = new_window()
    window.emulate_media(media="print")
    window.goto(match_page.url)
    time = window.locator(".live-post__time")
    expect(time).to_have_text(re.compile(r"^\w+ \d+, 20\d\d, \d+:\d\d [AP]M$"))


def test_parts_and_what_is_pressed_are_seen_in_forced_colors(
    new_window, match_page, report
):
    window = new_window(forced_colors="active")
    open_page(window, match_page)
    expect(window.locator(".live-blog__pinned")).to_have_css("border-top-width", "1px")
    toggle = window.get_by_role("button", name="Oldest first")
    color = "e => getComputedStyle(e).backgroundColor"
    before = toggle.evaluate(color)
    toggle.click()
    expect(toggle).not_to_have_css("background-color", before)
    # Also where a plate of the text's color covers the background.
    expect(toggle).to_have_css("border-top-style", "double")
    dot = "e => getComputedStyle(e, '::before').backgroundColor"
    state = window.locator(".live-blog__state-name")
    assert state.evaluate(dot) != window.locator("body").evaluate(color)


def test_headings_never_skip_a_level(new_window, match_page):
    channel = match_page.live_channel
    posts.publish(
        channel, "<h4>Deep</h4><p>A</p><h3>Up</h3><h4>Down</h4>", actor=SYSTEM
    )
    posts.publish(channel, "<h2>High</h2><h4>Deep</h4>", title="Title", actor=SYSTEM)
    window = open_page(new_window(), match_page)
    levels = window.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map((h) => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), levels
    expect(window.get_by_role("article", name="Title")).to_be_visible()

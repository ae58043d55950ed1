"""Posts whose time has changed move on open pages, and disturb nobody."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.reading import (
    LAYOUT_SHIFTS,
    POST,
    expect_posts,
    hide_tab,
    open_page,
    top_of,
)
from tests.browser.test_calm_updates import forget_deletions
from tests.parallel import rest_nightly
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.slow

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTES = [f"Minute {minute}" for minute in range(59, -1, -1)]  # newest first
SECOND = timedelta(seconds=1)


@pytest.fixture
def match(match_page):
    """Sixty posts, of which the first page of the blog shows fifty."""
    return [
        match_page.add_live_post(
            f"<p>{text}</p>", created=NOON + timedelta(minutes=minute)
        )
        for minute, text in enumerate(reversed(MINUTES))
    ]


@pytest.fixture
def move(match_page, match):
    """Move a post to just after another one."""

    def move(minute, after):
        match_page.update_live_post(
            match[minute], created=match[after].created + SECOND
        )

    return move


def moved(minute, after, minutes=None):
    """The texts after a move, newest first."""
    texts = [text for text in minutes or MINUTES if text != f"Minute {minute}"]
    texts.insert(texts.index(f"Minute {after}"), f"Minute {minute}")
    return texts


def text(window, minute):
    return window.get_by_text(f"Minute {minute}", exact=True)


def scroll_to(window, minute, block="start"):
    post = window.locator(POST).filter(has_text=f"Minute {minute}")
    post.evaluate("(post, block) => post.scrollIntoView({ block })", block)
    return post


@pytest.mark.parametrize("motion", rest_nightly(["no-preference", "reduce"]))
@pytest.mark.parametrize("size", [(360, 780), (1280, 800)], ids=["phone", "desktop"])
def test_readers_keep_their_place(new_window, match_page, match, move, motion, size):
    viewport = {"width": size[0], "height": size[1]}
    window = new_window(viewport=viewport, reduced_motion=motion)
    window.add_init_script(LAYOUT_SHIFTS)
    open_page(window, match_page)
    post = scroll_to(window, 40)
    window.evaluate("window.layoutShifts.length = 0")
    before = top_of(post)
    move(58, 20)  # away from above
    move(19, 55)  # to above
    move(57, 54)  # above
    match_page.update_live_post(match[56], content="<p>Longer</p>" * 9)
    texts = moved(57, 54, moved(19, 55, moved(58, 20)))
    texts[texts.index("Minute 56")] = "Longer" * 9
    expect_posts([window], *texts[:50])
    assert abs(top_of(post) - before) < 0.5  # browsers scroll by parts of a pixel
    assert window.evaluate("window.layoutShifts") == []
    changed = window.locator(POST).filter(has_text=re.compile(r"Minute 19\b"))
    expect(changed).to_have_class(re.compile("live-post--changed"))


def test_a_move_is_no_news(new_window, match_page, match, move):
    window = open_page(new_window(), match_page)
    heard = window.locator(".live-blog__announcer")
    scroll_to(window, 40)
    move(30, 58)
    expect_posts([window], *moved(30, 58)[:50])
    expect(window.locator(".live-blog__news")).to_be_hidden()
    expect(window).to_have_title("Match")
    expect(heard).to_be_empty()
    news = match_page.add_live_post("<p>Late goal</p>")
    expect(window).to_have_title("(1) Match")
    match_page.update_live_post(news, created=match[57].created + SECOND)
    texts = moved(30, 58)
    texts.insert(texts.index("Minute 57"), "Late goal")
    expect_posts([window], *texts[:51])
    expect(window).to_have_title("(1) Match")  # it is still unread


def test_a_post_in_a_hidden_tab_stays_unread(window, match_page, match, move):
    open_page(window, match_page)
    hide_tab(window)
    post = match_page.add_live_post("<p>Late goal</p>")
    expect(window).to_have_title("(1) Match")
    match_page.update_live_post(post, created=match[30].created + SECOND)
    texts = [*MINUTES]
    texts.insert(texts.index("Minute 30"), "Late goal")
    expect_posts([window], *texts[:51])
    expect(window).to_have_title("(1) Match")


def test_what_is_below_a_post_that_leaves_stays(new_window, match_page, match, move):
    """The reader is at a post that moves away: the others stay where they are."""
    window = open_page(new_window(reduced_motion="no-preference"), match_page)
    scroll_to(window, 40)
    window.evaluate("scrollBy({ top: 60, behavior: 'instant' })")  # past the one before
    below = text(window, 39)
    before = top_of(below)
    move(40, 15)
    expect_posts([window], *moved(40, 15)[:50])
    assert abs(top_of(below) - before) < 0.5


def test_the_reader_of_a_long_post_goes_with_it(new_window, match_page, match, move):
    """Nothing else is in the window."""
    long = "<p>Minute 40</p>" + "<p>A long story</p>" * 60
    match_page.update_live_post(match[40], content=long)
    window = open_page(new_window(reduced_motion="no-preference"), match_page)
    post = scroll_to(window, 40)
    window.evaluate("scrollBy({ top: 300, behavior: 'instant' })")
    before = top_of(post)
    move(40, 50)
    expect(
        window.locator(
            "[data-post-id]:has-text('Minute 40') + [data-post-id]:has-text('Minute 50')"
        )
    ).to_be_attached()
    assert abs(top_of(post) - before) < 0.5


def test_the_focus_goes_with_a_post(window, match_page, match, move):
    open_page(window, match_page)
    post = window.locator(POST).filter(has_text="Minute 58")
    post.locator(".live-post__permalink").focus()
    move(58, 50)
    expect_posts([window], *moved(58, 50)[:50])
    expect(post.locator(".live-post__permalink")).to_be_focused()


def test_a_post_goes_to_an_older_page_and_comes_back(window, match_page, match, move):
    open_page(window, match_page)
    move(58, 3)
    texts = moved(58, 3)
    expect_posts([window], *texts[:49])
    window.get_by_role("link", name="Earlier posts").click()
    expect_posts([window], *texts)
    move(58, 57)
    expect_posts([window], *MINUTES)


def test_a_post_of_an_older_page_takes_its_place(window, match_page, match, move):
    open_page(window, match_page)
    move(3, 58)
    texts = moved(3, 58)
    expect_posts([window], *texts[:51])
    window.get_by_role("link", name="Earlier posts").click()
    expect_posts([window], *texts)


def test_a_page_of_older_posts_gives_and_takes(window, match_page, match, move):
    window.goto(f"{match_page.url}?before={match[10].position}")
    expect_posts([window], *MINUTES[50:])
    move(5, 40)
    move(45, 2)
    texts = [text for text in moved(45, 2) if text != "Minute 5"]
    expect_posts([window], *texts[-10:])


def test_a_post_that_moves_while_earlier_ones_come_is_there_once(
    window, match_page, match, move
):
    open_page(window, match_page)
    # The page of earlier posts has the post already; its move comes after it.
    window.route("**/get-updates/**", lambda route: None)
    window.route("**/stream/**", lambda route: None)
    window.reload()
    move(58, 3)
    window.get_by_role("link", name="Earlier posts").click()
    expect_posts([window], *moved(58, 3))
    window.unroute_all()
    window.evaluate("dispatchEvent(new Event('online'))")
    move(58, 57)
    expect_posts([window], *MINUTES)


def test_a_link_to_a_post_finds_it(window, match_page, match, move):
    move(3, 58)
    window.goto(f"{match_page.url}?post={match[3].pk}#live-post-{match[3].pk}")
    expect(window.locator(".live-post--marked")).to_contain_text("Minute 3")
    expect(window.locator(".live-post--marked")).to_be_in_viewport()
    expect_posts([window], *moved(3, 58)[:50])


def test_after_a_gap_all_are_in_their_places(window, match_page, match, move):
    """The answer lists all posts, because the reader's cursor is too old."""
    open_page(window, match_page)
    window.evaluate("document.querySelector('live-blog').connection.stop()")
    move(58, 30)
    move(3, 57)
    forget_deletions(match_page)
    window.evaluate("document.querySelector('live-blog').start()")
    texts = moved(3, 57, moved(58, 30))
    expect(text(window, 3)).to_be_attached()
    shown = window.locator(".live-blog__posts [data-post-id] .live-post__content")
    found = shown.all_inner_texts()
    assert [text for text in texts if text in found] == found
    if len(found) < len(texts):
        window.get_by_role("link", name="Earlier posts").click()
    expect_posts([window], *texts)


@pytest.mark.parametrize("is_oldest_first", [False, True])
def test_the_days_are_right(new_window, match_page, is_oldest_first):
    days = [datetime(2026, 6, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    made = [
        match_page.add_live_post(
            f"<p>{day:%d} {part}</p>", created=day + timedelta(hours=part)
        )
        for day in days
        for part in range(2)
    ]
    window = new_window(timezone_id="UTC", locale="en-GB")
    open_page(window, match_page)
    if is_oldest_first:
        window.get_by_role("button", name="Oldest first").click()

    def expect_list(*rows):
        """Days are two digits, posts four signs; newest first."""
        rows = rows[::-1] if is_oldest_first else rows
        articles = window.locator(
            ".live-blog__posts > .live-blog__day h2, .live-blog__posts .live-post__content"
        )
        expect(articles).to_have_text(
            [re.compile(rf"(^|\D){row}($|\D)") for row in rows]
        )

    def with_days(*posts_of_days):
        for day, *shown in posts_of_days:
            yield from ([*reversed(shown), day][::-1] if not is_oldest_first else [])
            yield from ([*shown, day] if is_oldest_first else [])

    expect_list(
        *with_days(("3", "03 1", "03 0"), ("2", "02 1", "02 0"), ("1", "01 1", "01 0"))
    )
    match_page.update_live_post(made[5], created=days[1] + timedelta(minutes=30))
    expect_list(
        *with_days(("3", "03 0"), ("2", "02 1", "03 1", "02 0"), ("1", "01 1", "01 0"))
    )
    match_page.update_live_post(made[4], created=days[0] - timedelta(hours=1))
    expect_list(
        *with_days(("2", "02 1", "03 1", "02 0"), ("1", "01 1", "01 0", "03 0"))
    )
    match_page.update_live_post(made[1], created=days[0] + timedelta(days=3))
    expect_list(
        *with_days(("4", "01 1"), ("2", "02 1", "03 1", "02 0"), ("1", "01 0", "03 0"))
    )


def test_the_list_of_key_events_follows(window, match_page, match, move):
    channel = match_page.live_channel
    for minute in (10, 20, 30):
        title = f"Goal {minute}"
        posts.edit(channel, match[minute], title=title, is_key_event=True, actor=SYSTEM)
    coverage.pin(channel, match[30], actor=SYSTEM)
    open_page(window, match_page)
    listed = window.locator(".live-blog__key-events li a")
    expect(listed).to_have_text(["Goal 30", "Goal 20", "Goal 10"])
    pinned = window.locator(".live-blog__pinned .live-post__time").first
    before = pinned.get_attribute("datetime")
    move(30, 15)
    expect(listed).to_have_text(["Goal 20", "Goal 30", "Goal 10"])
    expect(pinned).not_to_have_attribute("datetime", before)
    expect_posts([window], *moved(30, 15)[:50])


def test_updates_that_are_paused_move_posts_afterwards(window, match_page, match, move):
    open_page(window, match_page)
    window.get_by_role("button", name="Pause updates").click()
    move(58, 30)
    move(58, 20)
    match_page.add_live_post("<p>Full time</p>", created=timezone.now())
    paused = window.locator(".live-blog__paused")
    expect(paused).to_contain_text("· 1 new")
    window.get_by_role("button", name="Resume").click()
    expect_posts([window], "Full time", *moved(58, 20)[:50])

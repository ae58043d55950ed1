"""The live page in readers' browsers while posts are written."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.browser.reading import assert_not_reloaded, expect_posts, open_page
from tests.servers import Gunicorn, Uvicorn

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(params=[Uvicorn, Gunicorn])
def server(request, start_server):
    # Under WSGI the page polls.
    return start_server(request.param, settings={"WAGTAIL_LIVE_POLLING_INTERVAL": 500})


@pytest.fixture
def readers(server, new_window, match_page):
    """Two windows on the live page, which stay there."""
    windows = [open_page(new_window(base_url=server.url), match_page) for _ in range(2)]
    yield windows
    assert_not_reloaded(windows)


@pytest.fixture
def long_blog(match_page):
    """Sixty posts, of which the first page of the blog shows fifty."""
    return [
        match_page.add_live_post(
            f"<p>Minute {minute}</p>", created=NOON + timedelta(minutes=minute)
        )
        for minute in range(60)
    ]


def test_readers_follow_the_writer(readers, match_page):
    expect(readers[0].get_by_text("There are no posts yet.")).to_be_visible()
    match_page.add_live_post("<p>Kick-off</p>")
    post = match_page.add_live_post("<p>Gaol</p>")
    match_page.add_live_post("<p>Half-time</p>")
    expect_posts(readers, "Half-time", "Gaol", "Kick-off")
    match_page.update_live_post(post, content="<p>Goal</p>")
    expect_posts(readers, "Half-time", "Goal", "Kick-off")
    match_page.update_live_post(post, show=False)
    expect_posts(readers, "Half-time", "Kick-off")
    match_page.update_live_post(post, show=True)
    expect_posts(readers, "Half-time", "Goal", "Kick-off")
    match_page.update_live_post(post, created=NOON)
    expect_posts(readers, "Half-time", "Kick-off", "Goal")
    match_page.delete_live_post(post)
    expect_posts(readers, "Half-time", "Kick-off")
    expect(readers[0].get_by_text("There are no posts yet.")).to_be_hidden()


def test_readers_follow_the_desk(readers, server, new_window, match_page, reporter):
    desk = new_window(reporter, base_url=server.url)
    desk.goto(reverse("wagtail_live:index", args=[match_page.pk]))
    desk.locator(".live-desk__composer [contenteditable=true]").press_sequentially(
        "Goal"
    )
    desk.keyboard.press("Control+Enter")
    expect_posts(readers, "Goal")
    post = desk.locator(".live-desk__post")
    post.get_by_role("button", name="Hide").click()
    expect_posts(readers)
    post.get_by_role("button", name="Show").click()
    expect_posts(readers, "Goal")
    post.get_by_role("button", name="Delete").click()
    expect_posts(readers)


def test_a_post_takes_its_place_in_the_order_of_creation(window, match_page):
    match_page.add_live_post("<p>First</p>", created=NOON)
    match_page.add_live_post("<p>Third</p>", created=NOON + timedelta(minutes=2))
    open_page(window, match_page)
    match_page.add_live_post("<p>Second</p>", created=NOON + timedelta(minutes=1))
    expect_posts([window], "Third", "Second", "First")


def test_older_pages_get_no_new_posts(window, match_page, long_blog):
    window.goto(f"{match_page.url}?before={long_blog[10].position}")
    minutes = [f"Minute {minute}" for minute in range(9, -1, -1)]
    expect_posts([window], *minutes)
    match_page.add_live_post("<p>Full time</p>")
    match_page.update_live_post(long_blog[3], content="<p>Minute 3, corrected</p>")
    minutes[6] = "Minute 3, corrected"
    expect_posts([window], *minutes)


def test_posts_of_older_pages_stay_there(window, match_page, long_blog):
    open_page(window, match_page)
    match_page.update_live_post(long_blog[3], content="<p>Minute 3, corrected</p>")
    match_page.add_live_post("<p>Full time</p>")
    minutes = [f"Minute {minute}" for minute in range(59, 9, -1)]
    expect_posts([window], "Full time", *minutes)


def test_the_page_is_complete_without_javascript(new_window, match_page, long_blog):
    window = new_window(java_script_enabled=False)
    window.goto(match_page.url)
    minutes = [f"Minute {minute}" for minute in range(59, -1, -1)]
    expect_posts([window], *minutes[:50])
    window.get_by_role("link", name="Earlier posts").click()
    expect_posts([window], *minutes[50:])
    window.get_by_role("link", name="Newest posts").click()
    expect_posts([window], *minutes[:50])


def test_a_strict_policy_is_kept(start_server, new_window, match_page):
    policy = "tests.browser.middleware.StrictPolicyMiddleware"
    server = start_server(settings={"MIDDLEWARE": [policy, *settings.MIDDLEWARE]})
    window = new_window(base_url=server.url)
    response = window.goto(match_page.url)
    assert response.header_value("Content-Security-Policy") == "default-src 'self'"
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    match_page.add_live_post([("image", image), ("text", "<p>Goal</p>")])
    expect_posts([window], "Goal")
    image = window.get_by_role("img", name="Ball")
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0


def test_an_edit_leaves_the_focus_where_it_is(window, match_page):
    link = '<p><a href="https://example.com/">Table</a></p>'
    post = match_page.add_live_post(f"{link}<p>Gaol</p>")
    open_page(window, match_page)
    window.get_by_role("link", name="Table").focus()
    match_page.update_live_post(post, content=f"{link}<p>Goal</p>")
    expect(window.get_by_text("Goal")).to_be_visible()
    expect(window.get_by_role("link", name="Table")).to_be_focused()


def test_readers_at_a_withdrawn_post_are_told(window, match_page):
    match_page.add_live_post("<p>Kick-off</p>")
    post = match_page.add_live_post('<p><a href="https://example.com/">Table</a></p>')
    open_page(window, match_page)
    window.get_by_role("link", name="Table").focus()
    match_page.delete_live_post(post)
    expect_posts([window], "Kick-off")
    notice = window.get_by_text("This post was withdrawn.")
    expect(notice).to_be_focused()
    window.keyboard.press("Tab")
    expect(notice).to_have_count(0)


def test_the_head_of_the_page_follows(window, match_page):
    open_page(window, match_page)
    expect(window.get_by_text("Not started")).to_be_visible()
    match_page.add_live_post("<p>Kick-off</p>")
    expect(window.get_by_text("Live", exact=True)).to_be_visible()

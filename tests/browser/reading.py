"""What a reader of a live page sees."""

from playwright.sync_api import expect

PROMPTLY = 2000  # milliseconds in which every update reaches every window


def open_page(window, page):
    window.goto(page.url)
    window.evaluate("window.isTheSameDocument = true")
    return window


def expect_posts(windows, *texts):
    """The windows soon show these posts, in this order, and no others."""
    for window in windows:
        posts = window.locator("live-blog article .live-post__content")
        expect(posts).to_have_text(list(texts), timeout=PROMPTLY)


def assert_not_reloaded(windows):
    for window in windows:
        assert window.evaluate("window.isTheSameDocument"), "the page was reloaded"

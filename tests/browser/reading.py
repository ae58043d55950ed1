"""Steps and expectations of a reader of a live page."""

import re

from playwright.sync_api import expect

MINUTE = 60_000
POST = ".live-blog__posts > [data-post-id]"
UPDATES = re.compile("/wagtail_live/(stream|get-updates|poll)/")

LAYOUT_SHIFTS = """
window.layoutShifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) {
    if (!hadRecentInput) window.layoutShifts.push(value);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
VISIBILITY = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
  Object.defineProperty(document, "hidden", { configurable: true, value: state == "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def open_page(window, page, query=""):
    window.goto(page.url + query)
    window.evaluate("window.isTheSameDocument = true")
    return window


def go_offline(window):
    """Cut the window off. Chromium tells the page before its network layer knows, so the
    page can reach its server once more; after a second event it can't."""
    window.context.set_offline(True)
    window.evaluate("dispatchEvent(new Event('offline'))")


def expect_posts(windows, *texts):
    """Expect the windows to show exactly these posts, in this order."""
    for window in windows:
        posts = window.locator(".live-blog__posts [data-post-id] .live-post__content")
        expect(posts).to_have_text(list(texts))


def expect_posts_of(window, page):
    """Expect the window to show the newest posts in the database, in the same order, and
    as many as fit."""
    window.wait_for_function(
        """(expected) => {
          const posts = [...document.querySelectorAll("[data-post-id]")];
          const shown = posts.map((post) => post.dataset.postId);
          return shown.length && shown.every((id, index) => id === expected[index]);
        }""",
        arg=[str(post.pk) for post in page.live_posts],
    )


def assert_not_reloaded(windows):
    for window in windows:
        assert window.evaluate("window.isTheSameDocument"), "the page was reloaded"


def top_of(post):
    return post.evaluate("post => post.getBoundingClientRect().top")


def hide_tab(window):
    window.evaluate(VISIBILITY, "hidden")


def show_tab(window):
    window.evaluate(VISIBILITY, "visible")

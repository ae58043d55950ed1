"""Each text of a page runs in its own direction, in the page and in updates."""

from playwright.sync_api import expect

from tests.browser.reading import open_page
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

MIXED = "<p>Goal!</p><p>هدف!</p><ul><li>شوط أول</li></ul><blockquote>Tor!</blockquote>"
DIRECTIONS = """(post) => Object.fromEntries(
  ["p:nth-of-type(1)", "p:nth-of-type(2)", "ul", "li", "blockquote", "h3"].map(
    (selector) => [selector, getComputedStyle(post.querySelector(
      selector == "h3" ? "h3" : `.live-post__content ${selector}`
    )).direction]
  )
)"""
EXPECTED = {
    "p:nth-of-type(1)": "ltr",
    "p:nth-of-type(2)": "rtl",
    "ul": "rtl",
    "li": "rtl",
    "blockquote": "ltr",
    "h3": "rtl",
}


def test_paragraphs_lists_and_titles(site_server, new_window, match_page):
    window = open_page(new_window(base_url=site_server.url), match_page)
    channel = match_page.live_channel
    posts.publish(channel, MIXED, title="تعادل 1-1", actor=SYSTEM)
    post = window.locator("article.live-post")
    expect(post).to_contain_text("Tor!")
    assert post.evaluate(DIRECTIONS) == EXPECTED
    window.reload()
    assert post.evaluate(DIRECTIONS) == EXPECTED

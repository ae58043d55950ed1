"""Nothing that people write makes the page scroll sideways on a narrow screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import open_page
from tests.browser.test_embeds import ELSEWHERE, remember_embed
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

WIDTHS = (320, 360)
URL = f"https://example.com/{'x' * 900}"
ROW = "".join(f"<td>Column {number}</td>" for number in range(30))
TEXTS = {
    "code block": f"<pre>{'code ' * 80}</pre>",
    "code block in code": f"<pre><code>{'c' * 300}\n{'code ' * 80}</code></pre>",
    "inline code": f"<p><code>{'c' * 300}</code> <kbd>{'k' * 300}</kbd></p>",
    "long words": f"<p><b>{'B' * 300}</b> {'Donau' * 60}</p><h2>{'H' * 300}</h2>",
    "lists and quotes": f"<ol><li>{'o' * 300}<ul><li>{'u' * 300}</li></ul></li></ol>"
    f"<blockquote>{'Q' * 300}</blockquote>",
    "URL": f'<p><a href="{URL}">{URL}</a></p>',
}
EMBEDS = {
    "table": f"<table border=1><tr>{ROW}</tr></table>",
    "frame": '<iframe srcdoc="Goal" title="Goal" width="1200" height="300"></iframe>',
    "box": '<div style="width: 900px; background: teal">Goal</div>',
    "script's box": '<blockquote style="min-width: 550px">Goal</blockquote>',
}
BLOCKS = {
    **EMBEDS,
    "image": '<img alt="" style="width: 900px; min-width: 900px; height: 30px">',
    "padded box": '<div style="width: 100%; padding: 0 40px">Goal</div>',
    "unbroken text": '<p style="white-space: nowrap">' + "word " * 100 + "</p>",
}
ADD_BLOCK = """(html) => document.querySelector(".live-post__content")
  .insertAdjacentHTML("beforeend", html)"""
SCROLL_WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def expect_no_scrolling(new_window, match_page):
    """Open the page in windows of each width; nothing is cut off that can't be reached."""

    def expect_no_scrolling(act=lambda window: None):
        for width in WIDTHS:
            window = new_window(viewport={"width": width, "height": 640})
            open_page(window, match_page)
            act(window)
            assert window.evaluate(SCROLL_WIDTH) <= width
            overflow = window.locator("live-blog").evaluate(
                "blog => getComputedStyle(blog).overflowX"
            )
            assert overflow == "visible"

    return expect_no_scrolling


@pytest.mark.parametrize("html", TEXTS.values(), ids=TEXTS)
def test_text(match_page, expect_no_scrolling, html):
    match_page.add_live_post(html)
    expect_no_scrolling()


def test_titles_names_and_key_points(match_page, expect_no_scrolling):
    channel = match_page.live_channel
    names = {"title": "T" * 250, "author_name": "A" * 200, "is_key_event": True}
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM, **names)
    coverage.pin(channel, post, actor=SYSTEM)
    coverage.summarise(channel, f"<ul><li>{'L' * 200}</li></ul>", actor=SYSTEM)
    expect_no_scrolling()


@pytest.mark.parametrize("html", EMBEDS.values(), ids=EMBEDS)
def test_embeds(match_page, expect_no_scrolling, html):
    remember_embed(html)
    match_page.add_live_post([("embed", ELSEWHERE)])

    def wait_for_embed(window):
        expect(window.locator(".live-post__frame template")).to_have_count(0)

    expect_no_scrolling(wait_for_embed)


@pytest.mark.parametrize("html", BLOCKS.values(), ids=BLOCKS)
def test_blocks_of_the_site(match_page, expect_no_scrolling, html):
    match_page.add_live_post("<p>Goal</p>")
    expect_no_scrolling(lambda window: window.evaluate(ADD_BLOCK, html))

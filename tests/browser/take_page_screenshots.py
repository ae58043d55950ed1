"""Screenshots of the reader's page in each state, in ``docs/images/``.

``python -m pytest tests/browser/take_page_screenshots.py``; not collected without its name.
"""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F, Max
from PIL import Image
from playwright.sync_api import expect

from tests.browser.reading import go_offline, open_page
from tests.browser.take_screenshots import (  # noqa: F401 (fixtures)
    IMAGES,
    arabic_match,
    match,
    reporter,
)
from tests.servers import Uvicorn
from wagtail_live import posts
from wagtail_live.models import ChannelState
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
COLOURS = 128
# What any site has: a font, a width, and both schemes.
SITE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif }
body { max-width: 44rem; margin: 0 auto; padding: 1rem }
"""

NEWEST = 2  # minutes before the screenshot

pytestmark = pytest.mark.allow_console_errors(reason="offline")


def move_to_now(page):
    """Move the posts of a page, so that the newest one is a few minutes old."""
    posts_ = page.live_channel.posts
    newest = posts_.aggregate(newest=Max("created"))["newest"]
    shift = datetime.now(UTC) - timedelta(minutes=NEWEST) - newest
    posts_.update(created=F("created") + shift)
    return page


@pytest.fixture
def game(match):  # noqa: F811
    return move_to_now(match)


@pytest.fixture
def take(new_window):
    """Take a screenshot of a page, after some steps."""

    def take(
        name, page, act=lambda window: None, viewport=DESKTOP, query="", **options
    ):
        window = new_window(viewport=viewport, **options)
        site = SITE.replace("44rem", "70rem") if viewport == DESKTOP else SITE
        window.add_init_script(
            "addEventListener('DOMContentLoaded', () => {"
            "const style = document.createElement('style');"
            f"style.textContent = `{site}`; document.head.append(style) }})"
        )
        open_page(window, page, query)
        act(window)
        data = window.screenshot(animations="disabled")
        image = Image.open(io.BytesIO(data)).convert("RGB").quantize(COLOURS)
        image.save(IMAGES / f"page-{name}.png", optimize=True)

    return take


@pytest.mark.parametrize(
    ("width", "viewport"), [("phone", PHONE), ("desktop", DESKTOP)]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_width_and_scheme(take, game, width, viewport, scheme):
    take(f"{width}-{scheme}", game, viewport=viewport, color_scheme=scheme)


@pytest.mark.parametrize("state", ChannelState.values)
def test_state(take, game, state):
    coverage.set_state(game.live_channel, state, actor=SYSTEM)
    take(state.replace("_", "-"), game, viewport=PHONE)


def test_news(take, game):
    for minute in range(10):
        created = datetime.now(UTC) - timedelta(minutes=10 + minute)
        text = f"<p>{minute + 2} minutes before the kick-off.</p>"
        posts.publish(game.live_channel, text, created=created, actor=SYSTEM)

    def scroll(window):
        window.evaluate("window.scrollTo(0, 10_000)")
        for text in ("Yellow card.", "Another corner.", "Half-time."):
            posts.publish(game.live_channel, f"<p>{text}</p>", actor=SYSTEM)
        expect(window.locator(".live-blog__news")).to_have_text("3 new posts")

    take("news", game, scroll, viewport=PHONE)


def test_offline(take, game):
    def leave(window):
        go_offline(window)
        expect(window.get_by_text("You are offline")).to_be_visible()

    take("offline", game, leave, viewport=PHONE)


def test_permalink(take, game):
    post = game.live_posts[2]
    take("permalink", game, viewport=PHONE, query=f"?post={post.pk}")


def test_arabic(take, arabic_match, start_server):  # noqa: F811
    server = start_server(Uvicorn, settings={"LANGUAGE_CODE": "ar"})
    options = {"base_url": server.url, "locale": "ar"}
    take("arabic", move_to_now(arabic_match), viewport=PHONE, **options)

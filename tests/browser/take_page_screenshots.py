"""Screenshots of the reader's page in each state, in ``docs/images/``.

``python -m pytest tests/browser/take_page_screenshots.py``; not collected without its name.
"""

import io
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.reading import go_offline, open_page
from tests.browser.take_screenshots import IMAGES, KICK_OFF, match, reporter  # noqa: F401 (fixtures)
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

pytestmark = pytest.mark.allow_console_errors(reason="offline")


@pytest.fixture
def take(new_window):
    """Take a screenshot of a page, after some steps."""

    def take(
        name, page, act=lambda window: None, viewport=DESKTOP, query="", **options
    ):
        window = new_window(viewport=viewport, **options)
        window.add_init_script(
            "addEventListener('DOMContentLoaded', () => {"
            "const style = document.createElement('style');"
            f"style.textContent = `{SITE}`; document.head.append(style) }})"
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
def test_width_and_scheme(take, match, width, viewport, scheme):  # noqa: F811
    take(f"{width}-{scheme}", match, viewport=viewport, color_scheme=scheme)


@pytest.mark.parametrize("state", ChannelState.values)
def test_state(take, match, state):  # noqa: F811
    coverage.set_state(match.live_channel, state, actor=SYSTEM)
    take(state.replace("_", "-"), match, viewport=PHONE)


def test_news(take, match):  # noqa: F811
    for minute in range(10):
        created = KICK_OFF - timedelta(minutes=minute)
        text = f"<p>{10 - minute} minutes before the kick-off.</p>"
        posts.publish(match.live_channel, text, created=created, actor=SYSTEM)

    def scroll(window):
        window.evaluate("window.scrollTo(0, 10_000)")
        for text in ("Yellow card.", "Another corner.", "Half-time."):
            posts.publish(match.live_channel, f"<p>{text}</p>", actor=SYSTEM)
        expect(window.locator(".live-blog__news")).to_have_text("3 new posts")

    take("news", match, scroll, viewport=PHONE)


def test_offline(take, match):  # noqa: F811
    def leave(window):
        go_offline(window)
        expect(window.get_by_text("You are offline")).to_be_visible()

    take("offline", match, leave, viewport=PHONE)


def test_permalink(take, match):  # noqa: F811
    post = match.live_posts[2]
    take("permalink", match, viewport=PHONE, query=f"?post={post.pk}")


def test_arabic(take, match, start_server):  # noqa: F811
    server = start_server(Uvicorn, settings={"LANGUAGE_CODE": "ar"})
    options = {"base_url": server.url, "locale": "ar"}
    take("arabic", match, viewport=PHONE, **options)

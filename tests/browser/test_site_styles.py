"""The parts of the reader's page hold against a site's rules for elements; a site's rules
for classes, and its properties, win. The styles of the sites are in ``styles/``."""

import itertools
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.users.models import UserProfile

from tests.browser.reading import open_page
from tests.parallel import rest_nightly
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

STYLES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "styles").glob("*.css"))
}
LIVE = "<p>Goal for the Reds, see <a href='https://example.com/'>the report</a>.</p>"
TEXT = f"""{LIVE}<h2>Half-time</h2><ul><li>One</li><li>Two</li></ul><ol><li>First</li></ol>
<blockquote><p>We played well</p></blockquote><pre>a line of code</pre>"""
ADD_STYLE = """(css) => { const style = document.createElement("style");
  style.textContent = css; document.head.append(style) }"""
BOXES = """(selector) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility())
  .map((element) => { const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height, right: x + width, bottom: y + height } })"""

FORGET_NEW_FEATURES = """for (const sheet of document.styleSheets)
  [...sheet.cssRules].forEach((rule, index) =>
    rule instanceof CSSSupportsRule && sheet.deleteRule(index))"""


@pytest.fixture
def busy_page(match_page, reporter, media_root):
    """A page with every part, and an author with an avatar."""
    avatar = get_test_image_file("avatar.png", colour="teal", size=(200, 200))
    UserProfile.objects.create(user=reporter, avatar=avatar)
    image = get_image_model().objects.create(
        title="Ball", file=get_test_image_file(colour="orange")
    )
    channel = match_page.live_channel
    for number in range(52):
        post = posts.publish(
            channel,
            [("text", TEXT), ("image", image)] if number > 49 else LIVE,
            title=f"Event {number}",
            author=reporter,
            author_name="Ada Reporter",
            is_key_event=number % 20 == 0,
            actor=SYSTEM,
        )
    posts.edit(channel, post, title="The event", actor=SYSTEM)
    coverage.pin(channel, channel.posts.first(), actor=SYSTEM)
    coverage.summarise(channel, "<ul><li>One</li><li>Two</li></ul>", actor=SYSTEM)
    coverage.set_state(channel, "live", actor=SYSTEM)
    return match_page


@pytest.fixture
def open_styled(new_window, busy_page):
    """Open the page in a site with this style."""

    def open_styled(style, width=1280):
        window = new_window(viewport={"width": width, "height": 900})
        open_page(window, busy_page)
        # Before the stylesheet of the live blog, which is in the body.
        window.evaluate(ADD_STYLE, STYLES.get(style, style))
        return window

    return open_styled


def boxes(window, selector):
    found = window.evaluate(BOXES, selector)
    assert found, f"{selector} is not visible"
    return found


def box(window, selector):
    return boxes(window, selector)[0]


@pytest.mark.parametrize("style", rest_nightly(STYLES))
def test_parts_keep_their_measures(open_styled, style):
    window = open_styled(style)
    for width in (1280, 360, 320):
        window.set_viewport_size({"width": width, "height": 900})
        assert_measures(window, width)


def assert_measures(window, width):
    for avatar in boxes(window, ".live-post__author img"):
        assert (avatar["width"], avatar["height"]) == (24, 24)
    byline = box(window, ".live-blog__posts .live-post__byline")
    footer = box(window, ".live-blog__posts .live-post__footer")
    assert footer["height"] <= 40
    assert footer["y"] < byline["bottom"]
    assert footer["x"] >= byline["right"]
    for button in boxes(window, ".live-blog button"):
        assert 24 <= button["height"] <= 36
        assert button["width"] <= 160
    post = box(window, ".live-blog__posts > .live-post")
    assert post["width"] <= box(window, "live-blog")["width"]
    assert box(window, ".live-blog__posts .live-post__header")["height"] < 130
    for heading in boxes(window, ".live-blog__heading, .live-blog__label"):
        assert heading["height"] <= 56
    assert box(window, ".live-blog__key-points")["height"] < 150
    assert box(window, ".live-blog__key-events")["height"] < 320
    assert box(window, ".live-blog__pages")["height"] < 60
    image = box(window, ".live-post__image img")
    assert image["width"] == pytest.approx(post["width"], abs=1)
    assert window.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("style", rest_nightly(STYLES))
def test_text_has_paragraphs_lists_and_links(open_styled, style):
    window = open_styled(style)
    content = ".live-blog__posts .live-post__content"
    assert box(window, f"{content} h2")["y"] - box(window, f"{content} p")["bottom"] > 8
    expect(window.locator(f"{content} ul").first).to_have_css("list-style-type", "disc")
    ordered = window.locator(f"{content} ol").first
    expect(ordered).to_have_css("list-style-type", "decimal")
    link = window.locator(f"{content} p a").first
    if "a:link" not in STYLES[style]:  # else the site has styled its links
        expect(link).to_have_css("text-decoration-line", "underline")
    body = window.locator("live-blog").evaluate("e => getComputedStyle(e).fontSize")
    for text in ("p", "li", "blockquote p"):
        expect(window.locator(f"{content} {text}").first).to_have_css("font-size", body)


@pytest.mark.parametrize("style", rest_nightly(STYLES))
def test_colors_follow_the_theme_of_the_site(open_styled, busy_page, style):
    """Not the reader's system: a contrast of 4.5 in each combination."""
    window = open_styled(style)
    window.evaluate("window.scrollTo(0, 3000)")
    posts.publish(busy_page.live_channel, "<p>News</p>", actor=SYSTEM)
    expect(window.locator(".live-blog__news")).to_be_visible()
    for theme, scheme in itertools.product(("light", "dark"), repeat=2):
        window.emulate_media(color_scheme=scheme)
        set_theme(window, theme)
        assert not find_low_contrast(window), (theme, scheme)
    window.evaluate(FORGET_NEW_FEATURES)
    for theme in ("light", "dark"):
        set_theme(window, theme)
        assert not find_low_contrast(window), f"{theme}, in an older browser"


def set_theme(window, theme):
    window.evaluate(f"document.documentElement.dataset.theme = {theme!r}")
    window.evaluate("document.getAnimations().forEach((a) => a.cancel())")


@pytest.mark.allow_console_errors(reason="no images")
def test_an_image_keeps_its_space_before_it_is_loaded(new_window, busy_page):
    window = new_window()
    window.route("**/media/**", lambda route: route.abort())
    open_page(window, busy_page)
    image = box(window, ".live-post__image img")
    assert image["height"] == pytest.approx(image["width"] * 480 / 640, abs=1)


def find_low_contrast(window):
    options = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
    results = Axe().run(window, "live-blog", options=options)
    return [
        (node["target"], node["failureSummary"])
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]


def test_a_bare_page_is_readable(open_styled):
    """Lines of a readable length, at a distance from the edge of the window."""
    window = open_styled("bare")
    assert box(window, ".live-blog__posts")["width"] <= 44 * 16
    assert 12 <= box(window, ".live-blog__body")["x"] <= 24
    narrow = box(open_styled("bare", width=360), ".live-blog__posts")
    assert 12 <= narrow["x"] <= 20
    assert 12 <= 360 - narrow["right"] <= 20


def test_a_page_with_a_distance_from_the_edge_gets_no_more(open_styled):
    window = open_styled("body { margin: 0 } main { padding: 0 2rem }", width=360)
    assert box(window, ".live-blog__posts")["x"] == 32


OURS = """
:root { --live-blog-accent: rgb(0, 105, 92); --live-blog-on-accent: rgb(255, 255, 0);
  --live-blog-width: none; --live-blog-gap: 3rem }
.live-post__title { margin: 0 0 40px; font-size: 40px }
.live-post__author img { width: 48px; height: 48px }
.live-post__footer { grid-row: 4; grid-column: 1; padding: 20px }
.live-post { background: rgb(255, 255, 240) }
.live-blog__state-name { color: rgb(0, 0, 128) }
.live-blog .live-post__share { background: rgb(0, 0, 128); border-radius: 0 }
"""


def test_a_site_restyles_everything_before_or_after_our_stylesheet(open_styled):
    """By properties, by one class, and links and buttons by two."""
    window = open_styled(OURS)
    post = window.locator(".live-blog__posts .live-post").first
    expect(post).to_have_css("background-color", "rgb(255, 255, 240)")
    expect(post).to_have_css("padding-top", "48px")
    expect(post.locator(".live-post__title")).to_have_css("font-size", "40px")
    expect(post.locator(".live-post__title")).to_have_css("margin-bottom", "40px")
    expect(post.locator(".live-post__footer")).to_have_css("padding-top", "20px")
    expect(post.locator(".live-post__author img")).to_have_css("width", "48px")
    share = post.locator(".live-post__share")
    expect(share).to_have_css("background-color", "rgb(0, 0, 128)")
    expect(share).to_have_css("border-radius", "0px")
    label = window.locator(".live-blog__label")
    expect(label).to_have_css("color", "rgb(0, 105, 92)")
    state = window.locator(".live-blog__state-name")
    expect(state).to_have_css("color", "rgb(0, 0, 128)")
    news = window.locator(".live-blog__news")
    expect(news).to_have_css("background-color", "rgb(0, 105, 92)")
    expect(news).to_have_css("color", "rgb(255, 255, 0)")
    assert box(window, "live-blog")["width"] > 1200

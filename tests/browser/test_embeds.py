"""Embeds of other sites load when they are near or allowed, also in updates."""

import pytest
from django.conf import settings
from playwright.sync_api import expect
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed

from tests.browser.reading import open_page

WIDGET = """
<blockquote class="widget">A post elsewhere</blockquote>
<script>document.querySelector(".widget").textContent = "The widget";</script>
"""
# The page of a post on a server of Mastodon, which tries to change the site's page.
STATUS = """<body><p>A post.</p><script>
addEventListener("message", ({ data }) => {
  if (data.type === "setHeight")
    parent.postMessage({ type: "setHeight", id: data.id, height: 555 }, "*");
});
try { parent.document.title = "Attacked"; }
catch (error) { document.querySelector("p").append(` Refused: ${error.name}`); }
</script></body>"""
VIDEO = '<iframe srcdoc="Goal" title="Goal"></iframe>'
ELSEWHERE = "https://elsewhere.example/1"


def remember_embed(html, **fields):
    Embed.objects.create(
        url=ELSEWHERE,
        hash=get_embed_hash(ELSEWHERE),
        html=html,
        type="rich",
        title="A post elsewhere",
        provider_name="Elsewhere",
        **fields,
    )


@pytest.fixture
def strict_window(start_server, new_window):
    def open_window(**overrides):
        policy = "tests.browser.middleware.NoncePolicyMiddleware"
        middleware = [policy, *settings.MIDDLEWARE]
        server = start_server(settings={"MIDDLEWARE": middleware, **overrides})
        return new_window(base_url=server.url)

    return open_window


def test_scripts_of_embeds_run_in_the_page_and_in_updates(strict_window, match_page):
    window = strict_window()
    remember_embed(WIDGET)
    open_page(window, match_page)
    match_page.add_live_post([("embed", ELSEWHERE)])
    expect(window.get_by_text("The widget")).to_be_visible()
    open_page(window, match_page)
    expect(window.get_by_text("The widget")).to_be_visible()


def test_an_embed_waits_until_it_is_near_and_keeps_its_space(window, match_page):
    remember_embed(VIDEO, width=640, height=360)
    match_page.add_live_post([("embed", ELSEWHERE)])
    for number in range(40):
        match_page.add_live_post(f"<p>News {number}</p>")
    open_page(window, match_page)
    video = window.locator(".live-post__embed")
    expect(video.locator("iframe")).to_have_count(0)
    size = video.bounding_box()
    assert abs(size["width"] * 360 / 640 - size["height"]) < 2
    video.scroll_into_view_if_needed()
    expect(video.locator("iframe")).to_be_visible()
    box = video.bounding_box()
    assert (box["width"], box["height"]) == (size["width"], size["height"])


def test_an_embed_waits_for_the_readers_consent(strict_window, match_page):
    window = strict_window(WAGTAIL_LIVE_ASK_BEFORE_EMBEDS=True)
    remember_embed(WIDGET)
    match_page.add_live_post([("embed", ELSEWHERE)])
    open_page(window, match_page)
    expect(window.get_by_role("link", name="A post elsewhere")).to_be_visible()
    expect(window.locator(".widget")).to_have_count(0)
    window.get_by_role("button", name="Show content from Elsewhere").click()
    expect(window.get_by_text("The widget")).to_be_visible()


def test_an_embed_is_a_link_without_javascript(new_window, match_page):
    remember_embed(WIDGET)
    match_page.add_live_post([("embed", ELSEWHERE)])
    window = new_window(java_script_enabled=False)
    window.goto(match_page.url)
    expect(window.get_by_role("link", name="A post elsewhere")).to_be_visible()


def test_a_server_that_anybody_may_run_has_only_a_frame(window, match_page):
    link = "https://attacker.example/@ann/115000000000000000"
    window.route(
        f"{link}/embed",
        lambda route: route.fulfill(content_type="text/html", body=STATUS),
    )
    Embed.objects.create(
        url=link,
        hash=get_embed_hash(link),
        html="<script>document.title = 'Attacked'</script>",
        type="rich",
    )
    match_page.add_live_post([("embed", link)])
    open_page(window, match_page)
    frame = window.locator(".live-post__frame iframe")
    expect(frame).to_have_attribute("height", "555")
    size, column = frame.bounding_box(), window.locator("live-blog").bounding_box()
    assert (size["height"], size["width"] > column["width"] / 2) == (555, True)
    text = window.frame_locator(".live-post__frame iframe").locator("p")
    expect(text).to_have_text("A post. Refused: SecurityError")
    expect(window).not_to_have_title("Attacked")

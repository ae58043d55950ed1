"""A live blog in a frame on another site."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.reading import LAYOUT_SHIFTS
from wagtail_live.contrib.embed.snippets import make_snippet

HEIGHT = "document.querySelector('iframe').getBoundingClientRect().height"
ARTICLE = """<!doctype html><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><body style="max-width: 40rem; margin: auto">
<h1>Partner</h1>{}<p id="end">The end</p><div style="height: 2000px"></div>"""


@pytest.fixture(scope="module")
def partner():
    """The server of another site; ``article`` is the HTML of its page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.server.article.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def open_partner(window, site_server, partner, match_page):
    """Open an article of another site, with the code that editors copy."""

    def open_article():
        code = make_snippet(match_page.live_channel).html
        partner.article = ARTICLE.format(
            code.replace("http://localhost", site_server.url)
        )
        window.set_viewport_size({"width": 1000, "height": 900})
        window.add_init_script(LAYOUT_SHIFTS)
        window.goto(f"http://localhost:{partner.server_port}/")
        return window.frame_locator("iframe")

    return open_article


def test_a_blog_on_another_site(window, open_partner, site_server, match_page):
    match_page.add_live_post("Kick-off")
    frame = open_partner()
    expect(frame.locator(".live-blog__posts")).to_contain_text("Kick-off")
    # It is as high as its content.
    window.wait_for_function(f"{HEIGHT} < 700")
    low = window.evaluate(HEIGHT)
    content = frame.locator("html").evaluate(
        "html => html.getBoundingClientRect().height"
    )
    assert abs(low - content) <= 1
    # It follows, and grows with the blog, but not above its height.
    post = match_page.add_live_post("<p>Goal</p>" * 5)
    expect(frame.locator(f"#live-post-{post.pk}")).to_be_visible()
    window.wait_for_function(f"{HEIGHT} > {low}")
    match_page.add_live_post("<p>Text</p>" * 60)
    window.wait_for_function(f"{HEIGHT} === 800")
    # Links open in the top window.
    source = frame.locator(".live-embed__source")
    expect(source).to_have_attribute("href", f"{site_server.url}{match_page.url}")
    frame.locator(f"#live-post-{post.pk} .live-post__permalink").click()
    window.wait_for_url(f"{site_server.url}{match_page.url}?post={post.pk}#*")
    expect(window.locator(f"#live-post-{post.pk}")).to_be_in_viewport()


def test_a_long_blog_moves_nothing(window, open_partner, match_page):
    for number in range(12):
        match_page.add_live_post(f"<p>Post {number}</p>" * 5)
    frame = open_partner()
    expect(frame.locator("[data-post-id]")).to_have_count(12)
    window.evaluate("scrollTo(0, document.body.scrollHeight)")
    place = window.evaluate(
        "document.querySelector('#end').getBoundingClientRect().top"
    )
    match_page.add_live_post("News")
    expect(frame.locator("[data-post-id]")).to_have_count(13)
    assert window.evaluate(HEIGHT) == 800
    assert place == window.evaluate(
        "document.querySelector('#end').getBoundingClientRect().top"
    )
    assert window.evaluate("layoutShifts.length") == 0


def test_messages_of_others_are_ignored(window, open_partner, match_page):
    """Only the frame itself sizes the frame, and it answers only the window around it."""
    match_page.add_live_post("Kick-off")
    frame = open_partner()
    expect(frame.locator(".live-blog__posts")).to_contain_text("Kick-off")
    window.wait_for_function(f"{HEIGHT} < 700")
    before = window.evaluate(HEIGHT)
    window.evaluate(
        """() => {
          window.heard = [];
          addEventListener("message", ({ data }) => heard.push(data));
          const type = "wagtail-live-embed";
          const { contentWindow } = document.querySelector("iframe");
          const { origin } = new URL(document.querySelector("iframe").src);
          postMessage({ type, height: 500 }, "*");
          dispatchEvent(new MessageEvent("message", { data: { type, height: 600 }, origin }));
          dispatchEvent(new MessageEvent("message", {
            data: { type, height: 650 }, origin: "https://evil.example", source: contentWindow,
          }));
        }"""
    )
    window.wait_for_function("heard.length === 3")
    assert window.evaluate(HEIGHT) == before


def test_the_frame_on_a_phone(new_window, site_server, match_page):
    window = new_window(viewport={"width": 360, "height": 640})
    match_page.add_live_post("A long text that has to wrap on a phone. " * 5)
    window.goto(f"/wagtail_live/embed/{match_page.channel_id}/")
    width = window.evaluate("document.documentElement.scrollWidth")
    assert width <= 360

    box = window.locator(".live-embed__source").bounding_box()
    assert box["height"] >= 24

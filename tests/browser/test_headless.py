"""The example of a headless front end, on another origin."""

import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.servers.site import ROOT

GUIDE = ROOT / "docs" / "headless.md"
EXAMPLE = re.compile(r"^```html\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def front_end(tmp_path):
    """Another web server; its folder is ``tmp_path``."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path))

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fail_once(window, path):
    """Answer the first request with an error, as a site that is being updated."""

    def fail(route):
        route.fulfill(status=503)

    window.route(path, fail, times=1)


@pytest.mark.allow_console_errors(reason="the site fails once")
@pytest.mark.parametrize("fails", [False, True])
def test_the_example(front_end, start_server, new_window, match_page, tmp_path, fails):
    first = match_page.add_live_post("<p>Kick-off</p>")
    server = start_server(settings={"WAGTAIL_LIVE_ALLOWED_ORIGINS": [front_end]})
    (example,) = EXAMPLE.findall(GUIDE.read_text())
    page = example.replace("https://www.example.com", server.url)
    page = page.replace("Kq3vX0bT9aLm", match_page.channel_id)
    (tmp_path / "index.html").write_text(f'<link rel="icon" href="data:,">{page}')
    window = new_window(base_url=front_end)
    if fails:
        for path in ("**/stream/**", "**/posts/", "**/updates/**"):
            fail_once(window, path)
    window.goto("/")
    posts = window.locator("article")
    expect(posts).to_have_text(["Kick-off"])
    second = match_page.add_live_post("<p>Goal!</p>")
    expect(posts).to_have_text(["Goal!", "Kick-off"])
    match_page.update_live_post(first, content="<p>Kick-off at 12:03</p>")
    expect(posts).to_have_text(["Goal!", "Kick-off at 12:03"])
    match_page.delete_live_post(second)
    expect(posts).to_have_text(["Kick-off at 12:03"])

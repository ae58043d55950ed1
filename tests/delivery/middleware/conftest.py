"""The same site twice: with the middleware, and answered by Django alone."""

from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub

# Django's middleware adds what the site has set, and each server its own date.
OF_DJANGO = {
    "date",
    "cross-origin-opener-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
}
GET_UPDATES = "/wagtail_live/get-updates/{}/"


class Sites:
    """The same site with the middleware and without it."""

    def __init__(self, behind, plain):
        self.behind = behind
        self.plain = plain

    def get(self, path, **options):
        """Return the answer of both, which must be the same."""
        return self.request("GET", path, **options)

    def request(self, method, path, **options):
        behind, plain = (
            httpx.request(method, site.url + path, timeout=20, **options)
            for site in (self.behind, self.plain)
        )
        assert seen(behind) == seen(plain)
        return behind


def seen(answer):
    headers = {
        name: value for name, value in answer.headers.items() if name not in OF_DJANGO
    }
    if "location" in headers:
        headers["location"] = urlsplit(headers["location"]).path  # but not the port
    return answer.status_code, answer.content, headers


@contextmanager
def both_sites(**options):
    """The first remembers, in ``passed_on``, what the middleware leaves to Django."""
    passed_on = []

    def wrap(application):
        async def django(scope, receive, send):
            passed_on.append(scope["path"])
            await application(scope, receive, send)

        return LiveUpdatesMiddleware(django)

    with ExitStack() as stack:
        behind = stack.enter_context(SiteInProcess(wrap, **options))
        plain = stack.enter_context(SiteInProcess(**options))
        behind.passed_on = passed_on
        yield Sites(behind, plain)


@pytest.fixture(scope="module")
def running_sites():
    with both_sites() as sites:
        yield sites


@pytest.fixture
def sites(transactional_db, settings, running_sites):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.1
    running_sites.behind.passed_on.clear()
    yield running_sites
    close_hub()


@pytest.fixture
def start(match_page):
    """The cursor before anything was posted."""
    return repr(match_page.last_update_timestamp)


@pytest.fixture
def posted(match_page, start):
    match_page.add_live_post("<p>Kick-off</p>")
    hidden = match_page.add_live_post("<p>Own goal</p>")
    match_page.update_live_post(hidden, show=False)
    match_page.add_live_post("<p>„Tor!“</p>")
    return match_page


def poll(page, cursor, **parameters):
    query = urlencode({"last_update_ts": cursor, **parameters})
    return f"{GET_UPDATES.format(page.channel_id)}?{query}"

"""Badges and teasers on other pages, and the dot in a hidden tab."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.middleware import PasswordMiddleware
from tests.browser.reading import hide_tab, open_page, show_tab
from tests.servers import Gunicorn
from tests.settings import MIDDLEWARE
from tests.testapp.models import ArticlePage, MatchPage
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

ICON = "[...document.querySelectorAll('link[rel~=icon]')].map(({ href }) => href)"


def test_a_section_follows_all_of_its_live_pages_with_one_request(
    new_window, start_server, home_page
):
    section = home_page.add_child(instance=ArticlePage(title="Sport", slug="sport"))
    first, second = (
        section.add_child(instance=MatchPage(title=name, slug=name.lower()))
        for name in ("First", "Second")
    )
    first.add_live_post("<p>Kick-off</p>")
    middleware = ["tests.browser.middleware.PasswordMiddleware", *MIDDLEWARE]
    settings = {"WAGTAIL_LIVE_POLLING_INTERVAL": 500, "MIDDLEWARE": middleware}
    server = start_server(Gunicorn, settings=settings)
    password = PasswordMiddleware.credentials
    window = new_window(base_url=server.url, http_credentials=password)
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    open_page(window, section)
    badges, teasers = window.locator("live-badge"), window.locator("live-teaser")
    expect(badges).to_have_text(["Live", ""])
    expect(teasers.first).to_contain_text("Kick-off")
    channel = second.live_channel
    for number in range(4):
        posts.publish(channel, "…", title=f"Goal {number}", actor=SYSTEM)
    expect(badges).to_have_text(["Live", "Live"])
    links = teasers.nth(1).get_by_role("link")
    expect(links).to_have_text(["Goal 3", "Goal 2", "Goal 1"])
    coverage.set_state(first.live_channel, "ended", actor=SYSTEM)
    expect(badges).to_have_text(["", "Live"])
    polls = [urlsplit(url) for url in asked if "/summaries/" in url]
    assert all(len(parse_qs(poll.query)["channel"]) == 2 for poll in polls)
    assert not [url for url in asked if "/poll/" in url or "/stream/" in url]
    links.first.click()
    expect(window.locator(".live-post--marked")).to_contain_text("Goal 3")


def test_a_hidden_tab_has_a_dot_while_posts_are_unread(window, match_page):
    open_page(window, match_page)
    assert window.evaluate(ICON) == []
    hide_tab(window)
    match_page.add_live_post("<p>Goal</p>")
    window.wait_for_function(f"{ICON}.join().includes('unread.png')")
    show_tab(window)
    window.wait_for_function(f"{ICON}.length === 0")

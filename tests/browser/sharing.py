"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: a post is
shared in the browser, on a desktop and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, send
from tests.browser.test_accessibility import find_violations
from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.contrib.sharing.copying import share
from wagtail_live.contrib.sharing.models import SharedPost
from wagtail_live.permissions import SYSTEM

WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
SCREENS = pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])


@pytest.fixture
def north(home_page):
    page = MatchPage(title="Storm in the north", slug="north")
    return home_page.add_child(instance=page)


@pytest.fixture
def post(north):
    return posts.publish(north.live_channel, "<p>A tree fell</p>", actor=SYSTEM)


def check(window, screen):
    width = window.evaluate("document.documentElement.scrollWidth")
    assert width <= screen["viewport"]["width"]
    assert find_violations(window) == []


@SCREENS
def test_a_post_is_shared(new_window, reporter, north, match_page, post, screen):
    window = new_window(reporter, **screen)
    reader = new_window()
    reader.goto(match_page.url)
    desk = Desk(window, north)
    menu = desk.post("A tree").get_by_role("button", name="Actions", exact=True)
    if menu.is_visible():
        menu.click()
    expect(desk.post("A tree").get_by_role("link", name="Copy to")).to_be_visible()
    desk.post("A tree").get_by_role("link", name="Share with another").click()
    expect(window.get_by_label("Match")).to_be_visible()
    check(window, screen)
    window.get_by_label("Search by title").fill("mat")
    window.keyboard.press("Enter")
    window.get_by_label("Match").check()
    window.get_by_role("button", name="Share", exact=True).click()
    expect(window.get_by_text("Post shared with “Match”.")).to_be_visible()
    expect(reader.get_by_text("A tree fell")).to_be_visible()
    source = reader.get_by_role("link", name="Storm in the north")
    expect(source).to_be_visible()
    assert find_violations(reader) == []
    window.get_by_role("link", name="Open the post").click()
    expect(window.get_by_text("This post follows its original on")).to_be_visible()
    check(window, screen)
    desk = Desk(window, north)
    send(desk.edit("A tree", "Two trees fell"))
    expect(reader.get_by_text("Two trees fell")).to_be_visible()
    window.goto(f"{desk.url}{post.pk}/share/")
    expect(window.get_by_text("linked", exact=True)).to_be_visible()
    check(window, screen)
    source.click()
    expect(reader).to_have_url(re.compile(f"{north.url}.*{post.pk}"))


@SCREENS
def test_an_edit_ends_the_link(new_window, reporter, match_page, post, screen):
    share(post, match_page.live_channel, actor=SYSTEM)
    window = new_window(reporter, **screen)
    desk = Desk(window, match_page)
    form = desk.edit("A tree", "Ours now")
    expect(window.get_by_text("If you edit, hide or delete it here")).to_be_visible()
    check(window, screen)
    send(form)
    expect(desk.post("Ours now")).to_be_visible()
    expect(window.get_by_text("This post follows its original")).to_have_count(0)
    assert SharedPost.objects.get().ended == "edited"

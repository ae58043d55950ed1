"""The links to the desk in Wagtail's page editor and userbar have an icon and words."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

LINE = 48  # pixels: as high as Wagtail's own buttons and menu items
ICON = 20
DRAWN_WIDTH = "svg => Math.min(svg.getBBox().width, svg.getBoundingClientRect().width)"
TEMPLATE = """{% load wagtail_live_tags wagtailuserbar %}<!doctype html>
<title>{{ page.title }}</title>{% live_posts page %}{% wagtailuserbar %}"""


def assert_readable(link):
    expect(link).to_be_visible()
    box = link.bounding_box()
    assert box["height"] <= LINE
    words = "link => { const range = document.createRange(); range.selectNodeContents(link);"
    assert link.evaluate(words + " return range.getBoundingClientRect().width }") > 50


def assert_icon_is_drawn(icon):
    assert icon.bounding_box()["width"] <= ICON
    assert icon.evaluate(DRAWN_WIDTH) > 0


@pytest.fixture
def editor(new_window, reporter, match_page):
    window = new_window(reporter)
    window.goto(reverse("wagtailadmin_pages:edit", args=[match_page.pk]))
    return window


def test_the_panel_of_the_page_editor(editor, match_page):
    link = editor.locator("main").get_by_role("link", name="Live desk")
    assert_readable(link)
    link.click()
    desk = reverse("wagtail_live:index", args=[match_page.pk])
    editor.wait_for_url(f"**{desk}")


def test_the_menu_in_the_header_of_the_page_editor(editor):
    header = editor.locator("#w-slim-header-buttons")
    header.get_by_role("button", name="Actions").click()
    link = header.get_by_role("link", name="Live desk")
    assert_readable(link)
    assert_icon_is_drawn(link.locator("svg"))


def test_the_userbar_of_the_page(
    start_server, new_window, reporter, match_page, tmp_path
):
    template = tmp_path / "testapp" / "match_page.html"
    template.parent.mkdir()
    template.write_text(TEMPLATE)
    templates = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]
    server = start_server(settings={"TEMPLATES": templates})
    window = new_window(reporter, base_url=server.url)
    window.goto(match_page.url)
    window.locator("#wagtail-userbar-trigger").click()
    link = window.get_by_role("menuitem", name="Live desk")
    assert_readable(link)
    assert_icon_is_drawn(link.locator("svg"))

"""Rules for every state of the desk: policy, small screens, accessibility."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible, send
from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.slow

WIDE = """[...document.querySelectorAll("live-desk *")]
  .filter((element) => element.checkVisibility() && !element.closest(".w-sr-only"))
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .map((element) => element.className)"""


@pytest.fixture
def desk(new_window, reporter, busy_page):
    return Desk(new_window(reporter), busy_page)


def edit(desk):
    desk.edit("To be checked", "Checked")


def delete(desk):
    desk.press("Hidden", "Delete")
    expect(desk.window.get_by_role("button", name="Undo")).to_be_visible()


def end(desk):
    head = desk.window.locator(".live-desk__head")
    head.get_by_role("button", name="End", exact=True).click()
    expect(head.get_by_role("timer")).to_contain_text("Ending in")
    head.get_by_role("button", name="Undo").click()


def fail(desk):
    send(desk.composer, "Publish")
    expect(desk.composer).to_contain_text("This field is required")


def conflict(desk):
    form = desk.edit("To be checked", "Mine")
    post = LivePost.objects.submitted().get()
    posts.edit(post.channel, post, content="<p>Theirs</p>", actor=SYSTEM)
    send(form)
    expect(desk.window.locator(".live-desk__conflict")).to_be_visible()


def summarise(desk):
    desk.window.get_by_role("button", name="Key points").click()
    form = desk.window.locator("live-post-form[data-kind=summary]")
    expect(form.locator("[contenteditable=true]")).to_be_focused()


def schedule(desk):
    more = desk.composer.get_by_role("button", name="More")
    if more.is_visible():
        more.click()
    desk.composer.get_by_text("Schedule…").click()


STATES = [lambda desk: None, edit, delete, end, fail, conflict, summarise]


def test_axe_finds_nothing_on_an_empty_and_an_ending_page(
    new_window, reporter, match_page
):
    window = new_window(reporter, reduced_motion="reduce")
    desk = Desk(window, match_page)
    assert_accessible(window)
    desk.publish("Goal")
    window.get_by_role("button", name="End", exact=True).click()
    expect(window.get_by_role("timer")).to_be_visible()
    assert_accessible(window)
    desk.editor.press_sequentially("Half-time")
    send(desk.composer, "Preview")
    expect(window.get_by_role("dialog", name="Preview")).to_be_visible()
    assert_accessible(window)


@pytest.mark.allow_console_errors(reason="409 and 422")
def test_nothing_is_wider_than_a_phone(new_window, reporter, busy_page):
    window = new_window(reporter, viewport={"width": 360, "height": 740})
    for reach in [*STATES, schedule]:
        desk = Desk(window, busy_page)
        reach(desk)
        assert not window.evaluate(WIDE), reach


@pytest.mark.allow_console_errors(reason="409 and 422")
def test_no_script_of_ours_needs_more_than_the_sites_own_files(
    start_server, new_window, reporter, busy_page
):
    middleware = [*settings.MIDDLEWARE, "tests.browser.middleware.StrictScriptPolicy"]
    server = start_server(settings={"MIDDLEWARE": middleware})
    window = new_window(reporter, base_url=server.url)
    window.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " (window.violations ??= []).push(event.sourceFile + event.violatedDirective))"
    )
    for reach in [*STATES, schedule]:
        desk = Desk(window, busy_page)
        reach(desk)
        assert not window.evaluate("window.violations"), reach
    desk = Desk(window, busy_page)
    desk.publish("Kick-off")
    desk.editor.press_sequentially("Half-time")
    send(desk.composer, "Preview")
    frame = window.frame_locator(".live-desk__preview iframe")
    expect(frame.get_by_text("Half-time")).to_be_visible()
    assert not window.evaluate("window.violations")

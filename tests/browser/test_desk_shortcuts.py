"""The keys of the desk, and the dialog that lists them."""

import pytest
from playwright.sync_api import expect
from wagtail.users.models import UserProfile

from tests.browser.desk import Desk, assert_accessible


@pytest.fixture
def shortcuts(desk):
    return desk.window.get_by_role("dialog", name="Keyboard shortcuts")


def leave_composer(desk):
    desk.window.keyboard.press("Escape")
    expect(desk.editor).not_to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_mark_lists_the_shortcuts(desk, shortcuts, scheme):
    desk.window.emulate_media(color_scheme=scheme)
    desk.window.keyboard.press("?")
    expect(desk.editor).to_have_text("?")
    leave_composer(desk)
    desk.window.keyboard.press("?")
    expect(shortcuts).to_be_visible()
    expect(desk.window.get_by_role("dialog")).to_have_count(1)
    expect(shortcuts).to_contain_text("Ctrl")
    assert_accessible(desk.window)
    desk.window.keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    desk.window.get_by_role("button", name="Keyboard shortcuts").click()
    expect(shortcuts).to_be_visible()


def test_posts_are_changed_by_key(match_page, desk):
    match_page.add_live_post("<p>First</p>")
    match_page.add_live_post("<p>Second</p>")
    first, second, press = (
        desk.post("First"),
        desk.post("Second"),
        desk.window.keyboard.press,
    )
    expect(second).to_be_visible()
    leave_composer(desk)
    press("j")
    expect(second).to_be_focused()
    press("ArrowDown")
    expect(first).to_be_focused()
    press("k")
    expect(first.locator("header")).to_contain_text("Key event")
    expect(first).to_be_focused()
    press("p")
    expect(first.locator("header")).to_contain_text("Pinned")
    press("ArrowUp")
    press("h")
    expect(second).to_contain_text("Hidden")
    press("Delete")
    expect(second).to_have_count(0)
    press("Enter")
    expect(second).to_be_focused()
    press("n")
    expect(desk.editor).to_be_focused()


def test_e_edits_the_post_that_has_the_focus(match_page, desk):
    match_page.add_live_post("<p>Goal</p>")
    expect(desk.post("Goal")).to_be_visible()
    leave_composer(desk)
    desk.window.keyboard.press("j")
    desk.window.keyboard.press("e")
    form = desk.window.locator("article live-post-form")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    desk.window.keyboard.press("e")
    expect(form.locator("[contenteditable=true]")).to_have_text("eGoal")


def test_arrow_up_in_an_empty_composer_edits_the_reporters_last_post(desk, other):
    desk.publish("Mine")
    other.publish("Theirs")
    expect(desk.post("Theirs")).to_be_visible()
    desk.editor.press_sequentially("Text")
    desk.window.keyboard.press("ArrowUp")
    expect(desk.window.locator("article live-post-form")).to_have_count(0)
    desk.window.keyboard.press("Control+A")
    desk.window.keyboard.press("Delete")
    desk.window.keyboard.press("ArrowUp")
    expect(desk.post("Mine").locator("[contenteditable=true]")).to_be_focused()


def test_the_new_post_is_made_a_key_event_and_pinned_by_key(desk):
    desk.editor.press_sequentially("Goal")
    desk.window.keyboard.press("Alt+Shift+K")
    expect(desk.window.locator(".live-desk__status")).to_have_text("Key event: on")
    desk.window.keyboard.press("Alt+Shift+P")
    desk.window.keyboard.press("Control+Enter")
    header = desk.post("Goal").locator("header")
    expect(header.get_by_text("Pinned")).to_be_visible()
    expect(header.get_by_text("Key event")).to_be_visible()


def test_an_account_without_shortcuts_has_none_of_a_single_key(
    new_window, reporter, match_page
):
    profile = UserProfile.get_for_user(reporter)
    profile.keyboard_shortcuts = False
    profile.save()
    match_page.add_live_post("<p>Goal</p>")
    desk = Desk(new_window(reporter), match_page)
    leave_composer(desk)
    desk.post("Goal").focus()
    for key in ("h", "?", "e"):
        desk.window.keyboard.press(key)
    expect(desk.window.get_by_role("dialog")).to_have_count(0)
    expect(desk.post("Goal")).to_contain_text("Published")
    desk.window.get_by_role("button", name="Keyboard shortcuts").click()
    expect(desk.window.get_by_role("dialog")).to_contain_text("turned off")

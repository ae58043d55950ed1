"""The desk by keyboard alone, and as a screen reader has it."""

import re

import pytest
from playwright.sync_api import expect

from wagtail_live import posts
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

STATUS = """() => {
  window.spoken = [];
  const place = document.querySelector(".live-desk__status");
  new MutationObserver(() => spoken.push(place.textContent)).observe(place, { childList: true });
}"""
FOCUS = """() => {
  const { activeElement } = document;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement);
  const isSeen = outlineStyle !== "none" && outlineWidth !== "0px";
  return [activeElement.tagName, isSeen || boxShadow !== "none" || activeElement.isContentEditable];
}"""


@pytest.fixture
def keys(desk):
    return desk.window.keyboard


def tab_to(desk, name, key="Tab"):
    """Press Tab until a button or field with this name has the focus, which is seen."""
    for _ in range(80):
        desk.window.keyboard.press(key)
        tag, is_seen = desk.window.evaluate(FOCUS)
        assert tag != "BODY"
        focused = desk.window.locator(":focus")
        if focused.count() and re.search(name, focused.aria_snapshot()):
            assert is_seen, name
            return focused
    raise AssertionError(f"{name} is not reached")


@pytest.mark.allow_console_errors(reason="409 and 422")
def test_a_post_is_written_edited_deleted_and_restored_by_keyboard(desk, keys):
    desk.window.evaluate(STATUS)
    keys.type("Gaol")
    keys.press("Control+Enter")
    desk.expect("Gaol")
    expect(desk.editor).to_be_focused()
    tab_to(desk, 'button "Edit"')
    keys.press("Enter")
    form = desk.posts.first.locator("live-post-form")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    keys.press("Control+A")
    keys.type("Goal")
    keys.press("Control+Enter")
    desk.expect("Goal")
    edit = desk.post("Goal").get_by_role("button", name="Edit")
    expect(edit).to_be_focused()
    assert desk.window.evaluate("spoken").count("Saved.") == 2
    keys.press("Enter")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    keys.press("Escape")
    expect(edit).to_be_focused()
    tab_to(desk, 'button "Delete"')
    keys.press("Enter")
    undo = desk.window.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(undo).to_have_accessible_description("Post deleted.")
    keys.press("Enter")
    expect(desk.post("Goal")).to_be_focused()
    assert desk.window.evaluate("spoken")[-1] == "Post restored."


@pytest.mark.allow_console_errors(reason="409")
def test_a_conflict_is_solved_by_keyboard(desk, keys):
    desk.publish("Gaol")
    form = desk.edit("Gaol", "My goal")
    post = LivePost.objects.get()
    posts.edit(post.channel, post, content="<p>Their goal</p>", actor=SYSTEM)
    keys.press("Control+Enter")
    conflict = desk.window.get_by_role("alertdialog", name="Someone else has changed")
    expect(conflict).to_be_focused()
    tree = conflict.aria_snapshot()
    assert 'region "Their version"' in tree
    assert 'region "Your version"' in tree
    assert "deletion: Their" in tree
    assert "insertion: My" in tree
    expect(conflict).to_have_accessible_description(re.compile("changed at"))
    keys.press("Tab")
    expect(conflict.get_by_role("button", name="Continue editing")).to_be_focused()
    keys.press("Escape")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    expect(form.locator("[contenteditable=true]")).to_have_text("My goal")
    keys.press("Control+Enter")
    expect(conflict).to_be_focused()
    tab_to(desk, 'button "Use theirs"')
    keys.press("Enter")
    desk.expect("Their goal")
    edit = desk.post("Their goal").get_by_role("button", name="Edit")
    expect(edit).to_be_focused()


@pytest.mark.allow_console_errors(reason="422")
def test_the_focus_goes_to_the_field_with_the_error(desk, keys):
    desk.publish("Goal")
    form = desk.edit("Goal", "Goal!")
    title = form.get_by_label("Title")
    title.evaluate("(field) => field.removeAttribute('maxlength')")
    title.fill("Long " * 60)
    keys.press("Control+Enter")
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description(re.compile("at most 255 characters"))


@pytest.mark.allow_console_errors(reason="422")
def test_the_focus_goes_to_a_text_that_is_missing(desk, keys):
    desk.composer.get_by_label("Title").fill("Kick-off")
    keys.press("Control+Enter")
    expect(desk.editor).to_be_focused()
    expect(desk.editor).to_have_accessible_description(
        re.compile("This field is required")
    )


def test_a_post_of_a_colleague_that_disappears_leaves_the_focus_at_the_next(
    desk, match_page
):
    desk.publish("Kick-off")
    desk.publish("Goal")
    desk.post("Goal").get_by_role("button", name="Hide").focus()
    match_page.delete_live_post(match_page.live_posts[0])
    desk.expect("Kick-off")
    expect(desk.post("Kick-off").locator(":focus")).to_have_count(1)

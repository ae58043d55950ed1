"""What was typed and not sent is there again after a reload, in its own tab."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, send
from tests.testapp.models import MatchPage

pytestmark = pytest.mark.slow

# The time that a tab has to come back, for slow machines.
LONGER_GRACE = """const wait = setTimeout;
window.setTimeout = (run, time, ...values) => wait(run, time === 3000 ? 8000 : time, ...values);"""


def test_a_draft_is_back_after_a_reload(desk):
    desk.editor.press_sequentially("A long thought")
    desk.composer.get_by_label("Title").fill("Thoughts")
    desk.composer.get_by_label("Key event").check()
    desk.window.reload()
    expect(desk.editor).to_have_text("A long thought")
    expect(desk.editor).to_be_focused()
    expect(desk.composer.get_by_label("Title")).to_have_value("Thoughts")
    expect(desk.composer.get_by_label("Key event")).to_be_checked()
    send(desk.composer, "Publish")
    expect(desk.post("A long thought")).to_contain_text("Key event")
    desk.open()
    expect(desk.editor).to_have_text("")


def test_what_was_typed_in_the_last_moment_is_kept(desk):
    desk.window.keyboard.type("Goal in the last minut")
    desk.window.keyboard.press("e")
    desk.window.goto("about:blank")
    desk.open()
    expect(desk.editor).to_have_text("Goal in the last minute")


def test_a_text_without_keys_is_kept(desk):
    """Dictation and emoji pickers press none."""
    desk.window.keyboard.insert_text("Dictated goal")
    expect(desk.editor).to_have_text("Dictated goal")
    desk.open()
    expect(desk.editor).to_have_text("Dictated goal")


def test_the_form_of_a_text_is_emptied_in_place(desk):
    desk.window.locator(".live-desk__spare live-composer").wait_for(state="attached")
    form = desk.composer.element_handle()
    desk.publish("Goal")
    expect(desk.editor).to_have_text("")
    assert form.evaluate("(form) => form.isConnected && form.checkVisibility()")


def test_a_closed_tab_leaves_its_draft_to_the_next(desk, match_page):
    desk.window.keyboard.type("Goal")
    expect(desk.editor).to_have_text("Goal")
    context = desk.window.context
    window = context.new_page()
    desk.window.close()
    second = Desk(window, match_page)
    expect(second.editor).to_have_text("Goal")
    second.send(" of the month")
    second.expect("Goal of the month")


def test_a_tab_that_is_restored_while_another_opens_keeps_its_draft(desk, match_page):
    desk.window.keyboard.type("Goal")
    expect(desk.editor).to_have_text("Goal")
    window = desk.window.context.new_page()
    window.add_init_script(LONGER_GRACE)
    desk.window.goto("about:blank")
    other = Desk(window, match_page)
    desk.open()
    expect(desk.editor).to_have_text("Goal")
    window.evaluate("document.querySelector('live-desk-drafts').ready")
    expect(other.editor).to_have_text("")
    expect(other.unsent).to_have_count(0)
    desk.send(" of the month")
    desk.expect("Goal of the month")


@pytest.fixture
def sleeping(desk, match_page):
    """A tab with a text that the browser has put to sleep, and one that has a copy of it."""
    desk.window.keyboard.type("Goal")
    expect(desk.editor).to_have_text("Goal")
    window = desk.window.context.new_page()
    desk.window.goto("about:blank")  # which keeps the storage of the tab's session
    copy = Desk(window, match_page)
    expect(copy.editor).to_have_text("Goal")
    return desk, copy


def test_a_tab_that_wakes_up_late_has_its_draft_back(sleeping, match_page):
    desk, copy = sleeping
    desk.open()
    expect(desk.editor).to_have_text("Goal")
    expect(copy.editor).to_have_text("")
    copy.window.reload()
    copy.window.evaluate("document.querySelector('live-desk-drafts').ready")
    expect(copy.editor).to_have_text("")
    desk.send(" of the month")
    desk.expect("Goal of the month")
    assert match_page.live_posts.count() == 1


def test_a_copy_that_goes_on_is_another_text(sleeping, match_page):
    desk, copy = sleeping
    copy.editor.press_sequentially(" by the Reds")
    desk.open()
    expect(desk.editor).to_have_text("Goal")
    desk.send(" of the month")
    expect(copy.editor).to_have_text("Goal by the Reds")
    copy.open()
    copy.send()
    copy.expect("Goal by the Reds", "Goal of the month")


def test_a_copy_of_a_tab_that_is_gone_is_another_text(sleeping, match_page):
    desk, copy = sleeping
    copy.editor.press_sequentially(" by the Reds")
    expect(copy.editor).to_have_text("Goal by the Reds")
    copy.window.close()
    desk.open()
    expect(desk.editor).to_have_text("Goal")
    expect(desk.unsent).to_contain_text("Goal by the Reds")
    desk.send()
    expect(desk.unsent).to_have_count(1)
    desk.unsent.get_by_role("button", name="Edit").click()
    expect(desk.editor).to_have_text("Goal by the Reds")
    desk.send()
    desk.expect("Goal by the Reds", "Goal")
    assert match_page.live_posts.count() == 2


def test_a_copy_in_the_outbox_goes_back(desk, match_page):
    desk.window.keyboard.type("Goal")
    expect(desk.editor).to_have_text("Goal")
    window = desk.window.context.new_page()
    window.goto(desk.url)
    desk.window.goto("about:blank")
    copy = Desk(window, match_page)
    copy.editor.press_sequentially("Meanwhile")
    expect(copy.unsent).to_contain_text("Goal")
    desk.open()
    expect(desk.editor).to_have_text("Goal")
    expect(copy.unsent).to_have_count(0)
    expect(copy.editor).to_have_text("Meanwhile")


@pytest.mark.parametrize("action", ["send", "delete"])
def test_a_tab_that_wakes_up_knows_of_its_copy(sleeping, action):
    desk, copy = sleeping
    if action == "send":
        copy.send(" of the month")
        copy.expect("Goal of the month")
    else:
        copy.editor.click()
        copy.window.keyboard.press("Control+A")
        copy.window.keyboard.press("Delete")
        expect(copy.editor).to_have_text("")
        copy.window.reload()
        copy.window.evaluate("document.querySelector('live-desk-drafts').ready")
        expect(copy.editor).to_have_text("")
    desk.open()
    # Who has deleted the copy may want the text where it was.
    expect(desk.editor).to_have_text("" if action == "send" else "Goal")


def test_two_tabs_have_a_draft_each(desk, match_page):
    desk.window.keyboard.type("First tab")
    second = Desk(desk.window.context.new_page(), match_page)
    expect(second.editor).to_have_text("")
    second.window.keyboard.type("Second tab")
    for each, text in ((desk, "First tab"), (second, "Second tab")):
        each.window.reload()
        expect(each.editor).to_have_text(text)
    desk.send()
    second.window.reload()
    expect(second.editor).to_have_text("Second tab")


def test_a_copied_tab_does_not_share_the_draft(desk, match_page):
    desk.window.keyboard.type("First tab")
    storage = desk.window.evaluate("JSON.stringify({ ...sessionStorage })")
    window = desk.window.context.new_page()
    window.add_init_script(f"Object.assign(sessionStorage, {storage})")
    copy = Desk(window, match_page)
    expect(copy.editor).to_have_text("")
    copy.window.keyboard.type("Copy")
    desk.window.reload()
    expect(desk.editor).to_have_text("First tab")


def test_two_pages_have_a_draft_each(desk, home_page):
    page = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    desk.window.keyboard.type("One page")
    elsewhere = Desk(desk.window.context.new_page(), page)
    expect(elsewhere.editor).to_have_text("")
    elsewhere.window.keyboard.type("Other page")
    desk.window.reload()
    expect(desk.editor).to_have_text("One page")


def test_the_edit_of_a_post_is_open_again_after_a_reload(desk):
    desk.publish("Gaol")
    desk.edit("Gaol", "Goal")
    desk.window.reload()
    form = desk.window.locator("article live-post-form")
    expect(form.locator("[contenteditable=true]")).to_have_text("Goal")
    send(form)
    desk.expect("Goal")
    desk.window.reload()
    expect(desk.editor).to_be_visible()
    expect(form).to_have_count(0)


def test_key_points_are_there_again_after_a_reload(desk):
    form = desk.window.locator("live-post-form[data-kind=summary]")
    for press in (lambda: desk.window.keyboard.type("Reds lead"), lambda: None):
        desk.window.get_by_role("button", name="Key points").click()
        expect(form.locator("[contenteditable=true]")).to_be_focused()
        press()
        expect(form.locator("[contenteditable=true]")).to_have_text("Reds lead")
        desk.window.reload()


@pytest.mark.allow_console_errors(reason="409")
def test_a_kept_edit_does_not_overwrite_a_newer_version(desk, match_page):
    desk.publish("Gaol")
    desk.edit("Gaol", "Mine")
    desk.window.goto("about:blank")
    match_page.update_live_post(match_page.live_posts.get(), content="<p>Theirs</p>")
    desk.window.goto(desk.url)
    expect(desk.post("Theirs")).to_contain_text("You have unsaved changes")
    desk.press("Theirs", "Edit")
    form = desk.window.locator("article live-post-form")
    expect(form.locator("[contenteditable=true]")).to_have_text("Mine")
    send(form)
    expect(desk.window.locator(".live-desk__conflict")).to_contain_text("Theirs")
    assert match_page.live_posts.get().text == "Theirs"


def test_typing_goes_on_while_an_edit_is_saved(desk, match_page):
    desk.publish("Gaol")
    form = desk.edit("Gaol", "Goal")
    held = []
    desk.window.route("**/save/", lambda route: held.append(route), times=1)
    desk.window.keyboard.press("Control+Enter")
    desk.window.keyboard.type(" and more")
    with desk.window.expect_response("**/save/"):
        held.pop().continue_()
    expect(form.locator("[contenteditable=true]")).to_have_text("Goal and more")
    desk.window.keyboard.press("Control+Enter")
    desk.expect("Goal and more")
    assert match_page.live_posts.get().text == "Goal and more"

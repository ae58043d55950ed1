"""Posts that wait for an editor: counted, announced and marked on the editor's desk."""

from playwright.sync_api import expect

from tests.admin.desk.requests import user_who_may
from tests.browser.desk import Desk, assert_accessible, send
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

ANNOUNCEMENTS = """() => {
  window.announced = [];
  const status = document.querySelector(".live-desk__status");
  const note = () => window.announced.push(status.textContent);
  new MutationObserver(note).observe(status, { childList: true });
}"""


def test_an_editor_sees_and_hears_of_a_submitted_post(desk, new_window, match_page):
    posts.publish(
        match_page.live_channel, "Old", show=False, submitted=True, actor=SYSTEM
    )
    desk.open()
    queue = desk.window.get_by_role("button", name="awaiting review")
    expect(queue).to_have_text("1 post awaiting review")
    desk.window.evaluate(ANNOUNCEMENTS)
    rita = Desk(
        new_window(user_who_may(match_page, "change_page", name="rita")), match_page
    )
    rita.editor.press_sequentially("Goal")
    send(rita.composer, "Submit to editor")
    expect(queue).to_have_text("2 posts awaiting review")
    desk.window.wait_for_function("announced.includes('2 posts awaiting review')")
    post = desk.post("Goal")
    expect(post.get_by_text("Submitted", exact=True)).to_be_visible()
    expect(post).to_have_css("border-inline-start-width", "4px")
    assert_accessible(desk.window)
    desk.press("Goal", "Publish now")
    expect(queue).to_have_text("1 post awaiting review")
    queue.click()
    desk.expect("Old")
    expect(rita.window.get_by_role("button", name="awaiting review")).to_be_hidden()

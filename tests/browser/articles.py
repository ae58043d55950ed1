"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: a page is
made of a post on a phone."""

from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible
from tests.browser.test_accessibility import find_violations
from tests.contrib.news.models import StoryPage
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

DRAFTAIL = "public-DraftEditor-content"
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}


def test_a_page_is_made_on_a_phone(new_window, reporter, match_page):
    channel = match_page.live_channel
    table = {"rows": [["Reds", "1"]]}
    content = [("text", "<p>Ada <i>scores</i></p>"), ("table", table)]
    post = posts.publish(channel, content, title="Reds lead", actor=SYSTEM)
    window = new_window(reporter, **PHONE)
    desk = Desk(window, match_page)
    desk.post("Ada").get_by_role("button", name="Actions", exact=True).click()
    item = desk.post("Ada").get_by_role("link", name="Make a page of this post")
    expect(item).to_be_visible()
    assert item.bounding_box()["height"] >= 44
    item.press("Enter")
    expect(window.locator("#id_title")).to_have_value("Reds lead")
    expect(window.get_by_text("Became text: Table.")).to_be_visible()
    expect(window.locator("[contenteditable=true]").first).to_contain_text("Ada scores")
    wish = window.get_by_label("Link to this page from the live post")
    wish.check()
    # Wagtail doesn't name its rich text editors.
    problems = [each for each in find_violations(window) if DRAFTAIL not in each[1]]
    assert problems == []
    window.get_by_role("button", name="Save draft").click()
    expect(window.get_by_text("created.")).to_be_visible()
    page = StoryPage.objects.get()
    page.get_latest_revision().publish()
    desk.open()
    expect(desk.post("Ada")).to_contain_text("Read the article: Reds lead")
    window.goto(f"{desk.url}{post.pk}/article/")
    expect(
        window.get_by_role("button", name="Don’t link from the post")
    ).to_be_visible()
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    assert_accessible(window)

"""The preview of a post on its page."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import assert_accessible
from wagtail_live.models import LivePost

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
WIDTH = "frame => frame.contentWindow.innerWidth"


@pytest.fixture
def frame(desk):
    return desk.window.frame_locator(".live-desk__preview iframe")


def preview(desk, text="Nearly there"):
    desk.editor.press_sequentially(text)
    desk.composer.get_by_role("button", name="Preview", exact=True).click()


def test_a_post_is_previewed_on_its_page(match_page, desk, frame):
    match_page.add_live_post("<p>Kick-off</p>")
    expect(desk.post("Kick-off")).to_be_visible()
    requests = []
    preview(desk)
    desk.window.on("request", lambda request: requests.append(request.url))
    expect(frame.get_by_role("heading", name=match_page.title)).to_be_visible()
    expect(frame.locator(".live-post__content")).to_have_text(
        ["Nearly there", "Kick-off"]
    )
    expect(frame.locator("script, [last-update]")).to_have_count(0)
    assert_accessible(desk.window)
    assert not [url for url in requests if "get-updates" in url or "stream" in url]
    assert LivePost.objects.count() == 1


def test_it_has_the_widths_of_a_phone_and_a_desktop(desk):
    preview(desk)
    frame = desk.window.locator(".live-desk__preview iframe")
    for name, width in [("Phone", 375), ("Desktop", 1280)]:
        button = desk.window.get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        assert frame.evaluate(WIDTH) == width


def test_a_change_of_a_post_is_previewed_in_its_place(match_page, desk, frame):
    for text in ("First", "Second", "Third"):
        match_page.add_live_post(f"<p>{text}</p>")
    form = desk.edit("Second", "Changed")
    form.get_by_role("button", name="Preview", exact=True).click()
    expect(frame.locator(".live-post__content")).to_have_text(
        ["Third", "Changed", "First"]
    )

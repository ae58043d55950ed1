"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: suggestions
on the desk of a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible
from tests.receivers.image_files import make_image
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def suggest(window, kind, button, use="Accept", form=None):
    """Ask by the keyboard, look at the suggestion, and accept or dismiss it."""
    place = (form or window).locator(f"live-suggestion[data-kind={kind}]")
    place.get_by_role("button", name=button).press("Enter")
    result = place.get_by_role("group", name="Suggestion")
    expect(result).to_be_visible()
    expect(result).to_be_focused()
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    if kind == "translation":
        assert_accessible(window)
    text = result.locator(".live-suggestion__text").inner_text()
    place.get_by_role("button", name=use).press("Enter")
    expect(result).to_be_hidden()
    return text


@pytest.mark.allow_console_errors  # the provider fails
def test_an_editor_decides(new_window, reporter, match_page):
    channel = match_page.live_channel
    image = add_image(make_image(size=(500, 400)), "Ball", reporter)
    image.contextual_alt_text = ""
    content = [("text", "<p>Goal by Ada</p>"), ("image", image)]
    post = posts.publish(channel, content, title="Goal!", actor=SYSTEM)
    window = new_window(reporter, **PHONE)
    desk = Desk(window, match_page)

    window.get_by_role("button", name="Key points").click()
    text = suggest(window, "key_points", "Suggest key points", "Dismiss")
    assert "Ada scores <b>once</b>" in text
    suggest(window, "key_points", "Suggest key points")
    summary = window.locator("live-post-form[data-kind=summary]")
    expect(summary.locator("[contenteditable=true]")).to_contain_text("Ada scores")
    channel.refresh_from_db()
    assert channel.summary == ""  # nothing is saved by itself
    summary.get_by_role("button", name="Save").click()
    expect(window.locator(".live-desk__summary")).to_contain_text("Reds & Blues play")

    desk.press("Goal by", "Edit")
    form = window.locator(f"live-post-form[data-post='{post.pk}']")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    suggest(window, "alt_text", "Suggest alt text", "Dismiss", form)
    expect(form.locator("[name$=-alt_text]")).to_have_value("")
    suggest(window, "alt_text", "Suggest alt text", form=form)
    expect(form.locator("[name$=-alt_text]")).to_have_value('A ball on "Ball"')
    form.get_by_role("button", name="More", exact=True).click()
    translation = form.locator("live-suggestion[data-kind=translation]")
    translation.get_by_label("Language").select_option("de")
    suggest(window, "translation", "Suggest translation", form=form)
    expect(form.locator("[contenteditable=true]")).to_contain_text("Tor (de) by Ada")
    expect(form.locator("[name$=-title]")).to_have_value("Tor (de)!")
    assert LivePost.objects.get().text.startswith("Goal by Ada")
    window.keyboard.press("Control+z")
    expect(form.locator("[contenteditable=true]")).to_contain_text("Goal by Ada")
    desk.rewrite(form, "Fail")
    translation.get_by_role("button", name="Suggest translation").click()
    status = translation.get_by_role("status")
    expect(status).to_have_text(re.compile("The assistant has no suggestion now."))
    form.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.post("Fail")).to_be_visible()

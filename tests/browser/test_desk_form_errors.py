"""Errors of the desk's forms stand beside their fields in words, in the form and for a post
that was sent: its line says the reason, and *Edit* leads to the field."""

import json
import re

import pytest
from playwright.sync_api import expect
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.browser.desk import assert_accessible, send
from wagtail_live.models import LivePost

pytestmark = [
    pytest.mark.allow_console_errors(reason="the 413 and 422 that are tested"),
    pytest.mark.slow,
]

LINK = '<p><a href="mailto:">Our report</a></p>'
NO_COLOUR = "rgba(0, 0, 0, 0)"
OTHER = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"


@pytest.fixture
def image():
    return get_image_model().objects.create(title="Ball", file=get_test_image_file())


def make_long(desk):
    desk.paste("Goal " * 21_000)
    return "The text is too long. The limit is 100000 characters", ".live-desk__block"


def schedule_in_the_past(desk):
    desk.editor.press_sequentially("Goal")
    desk.composer.get_by_text("Schedule…").click()
    desk.composer.locator("[name$=go_live_at]").fill("2020-01-01T12:00")
    return "Choose a time in the future.", ".live-desk__schedule"


def break_link(desk):
    desk.paste("Our report", html=LINK)
    expect(desk.editor.locator("a")).to_have_count(1)
    return "The URL of the link “Our report” is not valid.", ".live-desk__block"


def break_embed(desk):
    desk.editor.press_sequentially("Goal")
    desk.composer.get_by_role("button", name="Embed").click()
    desk.composer.locator("input[type=url]").fill("a video")
    return "Enter a valid URL.", ".live-desk__block"


def remove_name(desk):
    desk.editor.press_sequentially("Goal")
    field = desk.composer.locator("input[name$=coauthors]")
    field.evaluate(
        "(field, value) => { field.value = value }", json.dumps([{"name": " "}])
    )
    return "An author has no name.", "live-desk-author"


CASES = [make_long, schedule_in_the_past, break_link, break_embed, remove_name]


def get_error(place, words):
    return place.locator("[data-field-errors] .error-message").filter(has_text=words)


@pytest.mark.parametrize("case", CASES)
def test_a_new_post_says_what_is_wrong_at_its_field(desk, case):
    words, place = case(desk)
    is_scheduled = case is schedule_in_the_past
    desk.window.route("**/save/", lambda route: route.abort())
    send(desk.composer, "Schedule" if is_scheduled else "Publish")
    expect(desk.unsent).to_have_count(1)
    desk.editor.first.press_sequentially("Meanwhile")
    desk.window.unroute("**/save/")
    desk.window.evaluate("dispatchEvent(new Event('online'))")
    reason = desk.unsent.locator(".live-desk__reason")
    expect(reason).to_contain_text(words)
    expect(reason).not_to_contain_text("due to errors")
    desk.unsent.first.get_by_role("button", name="Edit").click()
    error = get_error(desk.composer.locator(place), words)
    expect(error).to_be_visible()
    expect(desk.composer.get_by_text(words)).to_have_count(1)
    problem = desk.composer.locator(".live-desk__problem")
    expect(problem).to_contain_text(re.compile("saved. There is 1 error."))
    assert_accessible(desk.window)
    desk.composer.get_by_label("Title").focus()
    problem.get_by_role("button", name="Go to the first error").click()
    field = desk.window.locator(":focus")
    expect(field).to_have_accessible_description(re.compile(re.escape(words)))
    if case is not remove_name:
        expect(field).to_have_attribute("aria-invalid", "true")
    if case is break_link:
        editor = desk.composer.locator(".Draftail-Editor")
        expect(editor).not_to_have_css("border-color", NO_COLOUR)
    expect(desk.unsent).to_have_count(1)  # what was written meanwhile
    expect(desk.unsent).to_contain_text("Meanwhile")
    assert not LivePost.objects.exists()


def test_an_edit_says_what_is_wrong_at_its_fields(desk, image, match_page):
    """An image that was deleted meanwhile, and a text that is too long."""
    match_page.add_live_post([("text", "Kick-off"), ("image", image)])
    form = desk.edit("Kick-off", "Corrected")
    image.delete()
    send(form)
    words = "The image was deleted. Choose another, or delete this block."
    problem = form.locator(".live-desk__problem")
    summary = "The post could not be saved. There is 1 error."
    expect(problem).to_have_text(f"{summary} Go to the first error")
    expect(get_error(form.locator(".live-desk__block--photo"), words)).to_be_visible()
    expect(form.get_by_text(words)).to_have_count(1)
    chooser = form.locator(".live-desk__photo :focus")
    expect(form.locator("[data-chooser-title]")).to_have_text("Deleted image")
    expect(form.locator(".Draftail-Editor")).to_have_css("border-color", NO_COLOUR)
    expect(chooser).to_have_accessible_description(re.compile(re.escape(words)))
    expect(form.locator("[contenteditable=true]")).to_have_text("Corrected")
    field = form.locator("[name$=title]")
    field.evaluate("(field) => field.removeAttribute('maxlength')")
    field.fill("a" * 100_001)
    send(form)
    title = form.locator(".live-desk__title")
    expect(get_error(title, "The text is too long")).to_be_visible()
    expect(desk.window.locator(":focus")).to_have_attribute("name", re.compile("title"))
    send(form)
    expect(get_error(title, "The text is too long")).to_have_count(1)
    expect(form.get_by_text("The text is too long")).to_have_count(1)
    form.locator("[name$=correction]").fill("b" * 2_000)
    field.fill("a" * 256)
    send(form)
    expect(problem).to_contain_text("The post could not be saved. There are ")
    snapshot = problem.aria_snapshot()
    assert snapshot.startswith("- alert:")
    assert 'button "Go to the first error"' in snapshot


def test_the_url_of_a_link_is_checked_where_it_is_typed(desk):
    desk.editor.press_sequentially("Goal")
    desk.window.keyboard.press("Control+A")
    desk.composer.locator("[data-format=LINK]").click()
    dialog = desk.window.locator(".modal-dialog")
    dialog.get_by_role("link", name="External link").click()
    dialog.get_by_label("URL").fill("a report")
    dialog.get_by_role("button", name="Insert link").click()
    expect(dialog.locator(".error-message")).to_contain_text("Enter a valid URL")


def test_a_url_that_can_not_be_embedded_is_pointed_out(desk):
    """It is published as a link, and the reporter knows it before."""
    desk.composer.get_by_role("button", name="Embed").click()
    field = desk.composer.locator("input[type=url]")
    field.fill("https://example.com/news")
    desk.window.keyboard.press("Tab")
    note = desk.composer.get_by_role("status").filter(has_text="can’t embed this URL")
    expect(note).to_be_visible()
    expect(field).to_have_accessible_description(re.compile("can’t embed this URL"))
    answer = {"json": {"is_known": True, "is_found": False}}
    desk.window.route("**/embed/?*", lambda route: route.fulfill(**answer))
    field.fill(OTHER)
    desk.window.keyboard.press("Tab")
    expect(note).to_have_count(0)
    expect(desk.composer).to_contain_text("No embed was found for this URL. Check it")
    desk.window.unroute("**/embed/?*")
    answer["json"]["is_found"] = True
    desk.window.route("**/embed/?*", lambda route: route.fulfill(**answer))
    field.fill(f"{OTHER}&t=1")
    desk.window.keyboard.press("Tab")
    expect(desk.composer).not_to_contain_text("No embed was found")

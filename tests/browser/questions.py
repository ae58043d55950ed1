"""Tests that tests/contrib/questions/test_questions.py runs in a process with other
settings: the form and the inbox in Chromium."""

import re

import pytest
from playwright.sync_api import expect

from wagtail_live.contrib.questions import inbox
from wagtail_live.contrib.questions.models import Question, QuestionBox

FIELD = "Your question"
SEND = "Send question"


@pytest.fixture
def page(match_page):
    QuestionBox.objects.create(channel=match_page.live_channel, is_open=True)
    return match_page


def open_form(window, page):
    """Open the page, and wait as long as people need for a question."""
    window.goto(page.url)
    window.wait_for_timeout(inbox.MIN_SECONDS * 1000)
    window.get_by_label(FIELD).fill("Who is on the bench?")
    window.get_by_label(re.compile("Your name")).fill("Ann")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_asks_and_an_editor_answers(new_window, reporter, page, javascript):
    size = {"width": 360, "height": 640}
    window = new_window(java_script_enabled=javascript, viewport=size)
    desk = new_window(reporter)
    desk.goto(f"/admin/live/{page.pk}/")
    expect(desk.get_by_role("link", name="Questions", exact=True)).to_be_visible()
    open_form(window, page)
    expect(window.locator("[name=website]")).to_be_hidden()
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    window.get_by_role("button", name=SEND).click()
    status = window.get_by_role("status").filter(has_text="Thank you")
    expect(status).to_be_visible()
    inbox_button = desk.get_by_role("link", name="Questions (1)")
    expect(inbox_button).to_be_visible()
    expect(desk.locator(".live-desk__status")).to_have_text("Questions (1)")
    if javascript:
        expect(window.get_by_label(FIELD)).to_have_value("")
    else:
        window.get_by_role("link", name="Back to the live blog").click()
        expect(window.locator("live-blog")).to_be_visible()
    assert Question.objects.get().name == "Ann"
    editor = new_window(reporter)
    editor.goto(f"/admin/live/{page.pk}/questions/")
    expect(editor.locator(".live-inbox__question")).to_contain_text("Who is on the")
    editor.get_by_role("link", name="Answer", exact=True).click()
    editor.get_by_label("Answer").fill("Nobody knows.")
    editor.get_by_role("button", name="Publish", exact=True).click()
    expect(editor.get_by_text("Answer published.")).to_be_visible()
    expect(desk.get_by_role("link", name="Questions", exact=True)).to_be_visible()
    if not javascript:
        window.reload()
    post = window.locator(".live-blog__posts .live-post")
    expect(post).to_contain_text("Who is on the bench?")
    expect(post).to_contain_text("Nobody knows.")


@pytest.mark.allow_console_errors
def test_a_refused_question_is_kept(new_window, page):
    window = new_window()
    open_form(window, page)
    QuestionBox.objects.update(is_open=False)
    window.get_by_role("button", name=SEND).click()
    status = window.locator(".live-questions__status")
    expect(status).to_have_text("Questions are closed.")
    expect(window.get_by_label(FIELD)).to_have_value("Who is on the bench?")

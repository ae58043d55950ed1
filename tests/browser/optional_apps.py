"""Tests that tests/contrib/questions/test_questions.py runs in a process with other
settings: axe finds no problem in what the optional apps show, on phones and in the dark."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.push import SUBSCRIBE
from tests.browser.test_accessibility import (
    SCREENS,
    assert_accessible,
    find_violations,
)
from tests.contrib.push.service import Browser
from wagtail_live.contrib.questions.models import Question, QuestionBox

PHONE, *_, WIDE = SCREENS


@pytest.fixture
def page(match_page):
    QuestionBox.objects.create(channel=match_page.live_channel, is_open=True)
    match_page.add_live_post("<p>Kick-off</p>")
    return match_page


def check(window, screen):
    """Check that axe finds nothing, and that nothing is wider than the screen."""
    width = window.evaluate("document.documentElement.scrollWidth")
    assert width <= screen["viewport"]["width"]
    assert find_violations(window) == []


@pytest.mark.allow_console_errors  # a question is refused
@pytest.mark.parametrize("screen", SCREENS)
def test_what_readers_see(new_window, page, screen):
    window = new_window(**screen)
    window.context.grant_permissions(["notifications"])
    data = json.dumps(Browser("http://push.example/send/abc").subscription)
    window.add_init_script(f"({SUBSCRIBE})({data});")
    window.goto(page.url)
    window.locator(".live-push__button").click()
    expect(window.locator(".live-push__status")).not_to_be_empty()
    window.get_by_label("Your question").fill("Who is on the bench?")
    window.get_by_role("button", name="Send question").click()
    expect(window.locator(".live-questions__status")).not_to_be_empty()
    assert_accessible(window)  # with the site's dark colours
    window.goto(f"/wagtail_live/embed/{page.channel_id}/")
    expect(window.locator("live-blog")).to_contain_text("Kick-off")
    check(window, screen)


@pytest.mark.allow_console_errors  # a question is refused
@pytest.mark.parametrize("screen", [PHONE, WIDE])
def test_what_readers_without_javascript_see(new_window, page, screen):
    """The pages are opened with JavaScript, which axe needs."""
    window = new_window(**screen)
    window.goto(page.url)
    window.locator("live-questions").evaluate(
        "element => { element.replaceWith(...element.childNodes); }"
    )
    window.locator(".live-questions__form").evaluate(
        "form => { form.noValidate = true; form.submit(); }"
    )
    expect(window.get_by_role("alert")).to_be_visible()
    check(window, screen)
    window.goto(f"/wagtail_live/questions/{page.channel_id}/sent/")
    check(window, screen)


@pytest.mark.parametrize("screen", [PHONE, WIDE])
def test_what_editors_see(new_window, reporter, page, screen):
    for number in range(2):
        Question.objects.create(
            channel=page.live_channel, text=f"Question {number}?\nReally?", name="Ann"
        )
    window = new_window(reporter, **screen)
    for path in ("", f"{Question.objects.first().pk}/answer/"):
        window.goto(f"/admin/live/{page.pk}/questions/{path}")
        window.get_by_role("button").first.wait_for()
        check(window, screen)

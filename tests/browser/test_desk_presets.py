"""Presets on the desk: the bar above the form, and their keys."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.testapp.models import ScorePage


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=ScorePage(title="Final", slug="final"))
    page.update_stage(home=2, away=1)
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_a_preset_starts_a_post(page, new_window, reporter, width):
    window = new_window(reporter, viewport={"width": width, "height": 740})
    desk = Desk(window, page)
    goal, voices = (
        desk.composer.locator(f"[data-preset={n}]") for n in ("goal", "quote")
    )
    title = desk.composer.get_by_label("Title")
    press = window.keyboard.press
    if width == 360:
        goal.click()
    else:
        press("Escape")
        press("?")
        expect(window.get_by_role("dialog")).to_contain_text("Start a post: Goal")
        press("Escape")
        press("1")
    expect(title).to_have_value("Goal! 2:1")
    expect(goal).to_have_attribute("aria-pressed", "true")
    expect(desk.editor).to_be_focused()
    checked = Axe().run(window, {"include": [[".live-desk__composer"]]})
    assert checked.violations_count == 0, checked.generate_report()

    press("Alt+Shift+Q")
    expect(title).to_have_value("")
    expect(desk.composer.locator("[name$=quote]").first).to_be_attached()
    expect(goal).to_have_attribute("aria-pressed", "false")
    voices.click()
    expect(desk.composer.locator(".live-desk__block:visible")).to_have_count(1)

    window.get_by_label("Home").first.fill("3")
    goal.click()
    expect(title).to_have_value("Goal! 3:1")
    desk.editor.press_sequentially("Ann scores")
    press("Control+Enter")
    expect(desk.post("Ann scores")).to_contain_text("Goal! 3:1")
    expect(desk.post("Ann scores").locator("header")).to_contain_text("Key event")
    expect(goal).to_have_attribute("aria-pressed", "false")
    expect(title).to_have_value("")

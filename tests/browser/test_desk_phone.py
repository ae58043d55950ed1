"""The desk on a phone: its header, the menu of a post, and targets for fingers."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, assert_accessible

PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
}
SMALL = """[...document.querySelectorAll("live-desk :is(button, a, input, select, summary)")]
  .filter((target) => target.checkVisibility() && !target.closest("live-post-form"))
  .filter((target) => !target.closest(".live-desk__content, .w-sr-only"))
  .map((target) => [target.outerHTML, target.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44)
  .map(([html]) => html)"""
OUTSIDE = """(menu) => {
  const { left, right, top, bottom } = menu.getBoundingClientRect();
  return left < 0 || right > innerWidth || top < 0 || bottom > innerHeight;
}"""


@pytest.fixture(params=["light", "dark"])
def phone(request, new_window, reporter, busy_page):
    window = new_window(reporter, color_scheme=request.param, **PHONE)
    return Desk(window, busy_page)


def test_the_header_names_the_event_and_its_state(phone, busy_page):
    title = phone.window.get_by_role("heading", level=1)
    expect(title).to_be_in_viewport()
    expect(title.get_by_text(busy_page.title)).to_be_in_viewport(ratio=1)
    expect(title).to_contain_text("Live")
    phone.window.get_by_role("button", name="Pause").tap()
    expect(title).to_contain_text("Paused")


def test_targets_are_large_enough_for_fingers(phone):
    assert not phone.window.evaluate(SMALL)


def test_the_actions_on_a_post_are_in_a_menu(phone):
    goal, press = phone.post("Goal"), phone.window.keyboard.press
    expect(goal.get_by_role("button")).to_have_count(1)
    toggle = goal.get_by_role("button", name="Actions")
    toggle.tap()
    menu = goal.locator(".live-desk__menu")
    expect(menu).to_be_visible()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    assert_accessible(phone.window)
    expect(goal.get_by_role("button", name="Edit")).to_be_focused()
    press("ArrowDown")
    expect(goal.get_by_role("button", name="Hide")).to_be_focused()
    press("End")
    expect(goal.get_by_role("button", name="Delete")).to_be_focused()
    press("ArrowDown")
    expect(goal.get_by_role("button", name="Edit")).to_be_focused()
    press("Escape")
    expect(menu).to_be_hidden()
    expect(toggle).to_be_focused()
    phone.press("Goal", "Hide")
    expect(goal).to_contain_text("Hidden")
    expect(toggle).to_be_focused()
    phone.window.locator("h1").tap()
    expect(menu).to_be_hidden()


def test_a_menu_is_not_cut_off(phone, busy_page):
    busy_page.add_live_post("<p>From elsewhere</p>")
    expect(phone.post("From elsewhere")).to_be_visible()
    for post in phone.posts.all():
        post.get_by_role("button", name="Actions").tap()
        menu = post.locator(".live-desk__menu")
        expect(menu).to_be_visible()
        assert not menu.evaluate(OUTSIDE)
        phone.window.keyboard.press("Escape")


def test_a_menu_stays_open_when_its_post_changes(phone, busy_page):
    goal = phone.post("Goal")
    goal.get_by_role("button", name="Actions").tap()
    busy_page.update_live_post(busy_page.live_posts.get(), content="<p>Goal!</p>")
    expect(goal).to_contain_text("Goal!")
    expect(goal.get_by_role("button", name="Edit")).to_be_focused()


def test_a_narrow_window_shows_the_photo_button_of_an_edited_post(
    new_window, reporter, busy_page
):
    """Its name gives way to its icon, and a mouse has smaller buttons than a finger."""
    window = new_window(reporter, viewport={"width": 560, "height": 740})
    desk = Desk(window, busy_page)
    form = desk.edit("Goal", "Goal!")
    file, cancel = form.locator(".live-desk__file"), form.locator("[data-cancel]")
    assert file.bounding_box()["height"] == cancel.bounding_box()["height"]
    assert file.locator("svg").bounding_box()["height"] > 16

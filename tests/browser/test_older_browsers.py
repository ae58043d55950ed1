"""Browsers of 2023, such as Firefox 115: no ``:has()``, no properties for ARIA."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import open_page, top_of
from tests.servers.site import ROOT
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

STYLES = ROOT / "wagtail_live/static/wagtail_live/live-blog.css"
WITHOUT_ARIA = """
for (const name of Object.getOwnPropertyNames(Element.prototype)) {
  if (name.startsWith("aria")) delete Element.prototype[name];
}
"""
LEFT = "element => element.getBoundingClientRect().left"


def test_states_and_columns_without_has_and_aria_properties(new_window, match_page):
    assert ":has(" not in STYLES.read_text()
    channel = match_page.live_channel
    window = new_window(viewport={"width": 1600, "height": 900})
    window.add_init_script(WITHOUT_ARIA)
    open_page(window, match_page)
    order = window.locator(".live-blog__order")
    expect(order).to_be_hidden()
    expect(window.locator(".live-blog__pages")).to_be_hidden()
    for number in range(3):
        match_page.add_live_post(f"Minute {number}")
    expect(order).to_be_visible()
    article = window.locator("[data-post-id]").first
    state = window.locator(".live-blog__state")
    assert article.evaluate(LEFT) == pytest.approx(state.evaluate(LEFT), abs=1)
    expect(article).to_have_attribute("aria-posinset", "1")
    expect(article).to_have_attribute("aria-setsize", "3")
    order.click()
    expect(order).to_have_attribute("aria-pressed", "true")
    key = posts.publish(channel, "Goal", is_key_event=True, actor=SYSTEM)
    side = window.locator(".live-blog__side")
    expect(side).to_be_visible()
    box = side.bounding_box()
    assert article.evaluate(LEFT) >= box["x"] + box["width"]
    assert top_of(side) < top_of(window.locator(f"#live-post-{key.pk}"))
    window.get_by_role("button", name="Key events only").click()
    toggle = window.locator(".live-blog__only-key-events")
    expect(toggle).to_have_attribute("aria-pressed", "true")

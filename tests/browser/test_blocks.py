"""Galleries and tables on the reader's page, by keyboard and by touch."""

import pytest
from playwright.sync_api import expect
from wagtail.rich_text import RichText

from tests.browser.reading import open_page
from tests.browser.test_accessibility import find_violations
from tests.images.test_broken_files import make_image
from wagtail_live.images import add_image

ROWS = [["Team", *(f"Match {number}" for number in range(1, 13))], ["Reds", *range(12)]]
SWIPE = """(figure, distance) => {
  const fire = (type, clientX) => figure.dispatchEvent(
    new PointerEvent(type, { clientX, clientY: 200, pointerId: 5, bubbles: true }));
  fire("pointerdown", 200);
  fire("pointerup", 200 + distance);
}"""


@pytest.fixture
def album(match_page):
    images = []
    for number in range(1, 4):
        image = add_image(make_image(size=(500, 400)), f"Photo {number}")
        image.contextual_alt_text = f"Alt {number}"
        image.live_caption = f"Caption {number}"
        images.append(image)
    match_page.add_live_post([("gallery", images)])
    return images


def test_a_gallery_in_full(new_window, match_page, album):
    loaded = []
    window = new_window()
    window.on("request", lambda request: loaded.append(request.url))
    open_page(window, match_page)
    assert not any("live-blog-gallery" in url for url in loaded)
    tile = window.get_by_role("link", name="Alt 2")
    tile.focus()
    window.keyboard.press("Enter")
    viewer = window.get_by_role("dialog", name="Gallery of 3 images")
    image = viewer.get_by_role("img")
    expect(image).to_have_attribute("alt", "Alt 2")
    expect(viewer.get_by_text("Caption 2")).to_be_visible()
    assert find_violations(window) == []
    window.keyboard.press("ArrowRight")
    expect(viewer.get_by_text("Image 3 of 3")).to_be_visible()
    window.keyboard.press("ArrowRight")
    expect(image).to_have_attribute("alt", "Alt 1")
    window.keyboard.press("ArrowLeft")
    expect(image).to_have_attribute("alt", "Alt 3")
    viewer.get_by_role("button", name="Previous image").click()
    expect(image).to_have_attribute("alt", "Alt 2")
    viewer.locator("figure").evaluate(SWIPE, -80)
    expect(image).to_have_attribute("alt", "Alt 3")
    viewer.locator("figure").evaluate(SWIPE, -10)
    expect(image).to_have_attribute("alt", "Alt 3")
    # The post changes while it is looked at.
    post = match_page.live_posts.get()
    match_page.update_live_post(
        post, content=[("text", RichText("<p>Goal</p>")), ("gallery", album)]
    )
    expect(window.get_by_text("Goal")).to_be_attached()
    window.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(tile).to_be_focused()
    tile.click()
    viewer.get_by_role("button", name="Close").click()
    expect(tile).to_be_focused()


def test_a_wide_table_scrolls_by_keyboard(new_window, match_page):
    match_page.add_live_post([("table", {"caption": "Results", "rows": ROWS})])
    window = new_window(viewport={"width": 360, "height": 740})
    open_page(window, match_page)
    region = window.get_by_role("group", name="Results")
    region.focus()
    window.keyboard.press("ArrowRight")
    window.wait_for_function(
        "() => document.querySelector('.live-post__table').scrollLeft > 0"
    )
    width = window.evaluate("document.documentElement.scrollWidth")
    assert width == 360
    assert find_violations(window) == []

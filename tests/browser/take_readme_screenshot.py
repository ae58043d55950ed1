"""The screenshot in the README: the live desk and the reader's page, side by side.

``python -m pytest tests/browser/take_readme_screenshot.py``; not collected without its name.
"""

from io import BytesIO

from PIL import Image

from tests.browser.desk import Desk
from tests.browser.reading import open_page
from tests.browser.take_screenshots import IMAGES, match, reporter  # noqa: F401

HEIGHT = 760
DESK = {"width": 900, "height": HEIGHT}
READER = {"width": 480, "height": HEIGHT}
STYLE = """
body { margin: 0 1.5rem; font-family: system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 1rem 0 .5rem; }
"""


def test_take(new_window, match, reporter):  # noqa: F811
    desk = new_window(reporter, viewport=DESK)
    Desk(desk, match)
    reader = open_page(new_window(viewport=READER), match)
    reader.add_style_tag(content=STYLE)
    images = [
        Image.open(BytesIO(window.screenshot(animations="disabled")))
        for window in (desk, reader)
    ]
    both = Image.new("RGB", (DESK["width"] + READER["width"], HEIGHT))
    both.paste(images[0], (0, 0))
    both.paste(images[1], (DESK["width"], 0))
    both.save(IMAGES / "desk-and-page.png", optimize=True)

"""Pictures of what each property of the stylesheet changes, in ``docs/images/``: the page
without it, and with it.

``python -m pytest tests/browser/take_style_pictures.py``; not collected without its name.
"""

import io

from PIL import Image

from tests.browser.reading import open_page
from tests.browser.take_page_screenshots import COLOURS, SITE
from tests.browser.take_screenshots import IMAGES, match, reporter  # noqa: F401 (fixtures)

COLUMN, WIDE, SCALE = (520, 640), (1280, 800), 0.5
PROPERTIES = {
    "accent": ("#00695c", COLUMN),
    "on-accent": ("#ffe082", COLUMN),
    "line": "#c2185b",
    "muted": "#6a1b9a",
    "tint": "#e3f2fd",
    "message": "#0d47a1",
    "on-message": "#ffe082",
    "width": ("30em", WIDE),
    "side": ("26rem", WIDE),
    "top": ("5rem", COLUMN),
    "padding": "3rem",
    "radius": "1.5rem",
    "gap": "3.5rem",
    "font-size": "1.25em",
    "small": "1.125em",
    "title": "2.25em",
    "title-weight": "400",
    "heading": "2em",
    "layer": "9",
}
MESSAGES = """(isScrolled) => {
  document.documentElement.style.colorScheme = "light";
  for (const [name, text] of [["news", "3 new posts"], ["connection", "You are offline."]]) {
    const part = document.querySelector(`.live-blog__${name}`);
    part.hidden = false;
    part.textContent = text;
  }
  document.querySelector(".live-blog__pinned").scrollIntoView();
  window.scrollBy(0, isScrolled ? 300 : 0);
}"""
BAR = """#bar { position: fixed; z-index: 5; inset: 0 40% auto 0; height: 5rem;
  background: #90a4ae; color: #000 }"""
ADD_STYLE = """(css) => { const style = document.createElement("style");
  style.textContent = css; document.head.append(style); return style }"""


def test_properties(new_window, match):  # noqa: F811
    for name, given in PROPERTIES.items():
        value, (width, height) = given if isinstance(given, tuple) else (given, COLUMN)
        window = new_window(viewport={"width": width, "height": height})
        open_page(window, match)
        is_wide = width == WIDE[0]
        site = SITE.replace("44rem", "76rem") if is_wide else SITE
        window.evaluate(ADD_STYLE, site + (BAR if name == "layer" else ""))
        if name == "layer":
            window.evaluate(
                "document.body.insertAdjacentHTML('afterbegin', '<div id=bar></div>')"
            )
        if not is_wide:
            window.evaluate(MESSAGES, name in ("top", "layer"))
        before = take(window)
        window.evaluate(ADD_STYLE, f":root {{ --live-blog-{name}: {value} }}")
        save(name, before, take(window))
        window.close()


def take(window):
    image = Image.open(io.BytesIO(window.screenshot(animations="disabled")))
    size = [round(side * SCALE) for side in image.size]
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def save(name, before, after):
    both = Image.new("RGB", (before.width * 2 + 8, before.height), "#888")
    both.paste(before, (0, 0))
    both.paste(after, (before.width + 8, 0))
    both.quantize(COLOURS).save(IMAGES / f"style-{name}.png", optimize=True)

"""The film of desk and page for the README and the documentation, in ``docs/_static/``.

``python -m pytest tests/browser/take_film.py``; not collected without its name. It reports
a part of the demo's launch.
"""

import runpy
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.film import DESK, PHONE, SCALE, Film
from tests.browser.reading import POST, open_page
from tests.browser.take_screenshots import by, rename, reporter  # noqa: F401 (fixture)
from wagtail_live import cursors, posts
from wagtail_live.permissions import SYSTEM

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "demo"
FOLDER = ROOT / "docs" / "_static"
TITLE = "Ternen 4 goes to space"
EARLIER = {"crew": 21, "balloon1": 9}  # minutes ago
WIND = "First balloon data: ten metres per second at four kilometres."
LIFT_OFF = "It clears the rail in half a second!"
ALT = "The rocket above its flame"


@pytest.fixture
def event():
    """The steps of the demo's event, by name."""
    steps = runpy.run_path(str(DEMO / "launch/event.py"))["EVENT"]
    return {step.entry: step for step in steps if step.action == "post"}


@pytest.fixture
def photo(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(DEMO)
    from launch.drawings import DRAWINGS

    file = tmp_path / "Lift-off.jpg"
    file.write_bytes(DRAWINGS["liftoff"].draw().jpeg().getvalue())
    yield file
    for name in [name for name in sys.modules if name.split(".")[0] == "launch"]:
        del sys.modules[name]


@pytest.fixture
def launch(match_page, reporter, event):  # noqa: F811
    rename(match_page, TITLE)
    for name, minutes in EARLIER.items():
        posts.publish(
            match_page.live_channel,
            f"<p>{event[name].text}</p>",
            created=cursors.now() - timedelta(minutes=minutes),
            **by(reporter),
            actor=SYSTEM,
        )
    return match_page


@pytest.fixture
def desk(new_window, launch, reporter):  # noqa: F811
    return Desk(new_window(reporter, viewport=DESK, device_scale_factor=SCALE), launch)


@pytest.fixture
def reader(new_window, launch):
    window = new_window(viewport=PHONE, device_scale_factor=SCALE)
    open_page(window, launch)
    window.add_style_tag(path=DEMO / "launch/static/launch/courier.css")
    return window


def test_take(desk, reader, photo):
    film = Film(desk.window, reader)
    film.caption = "A reporter writes …"
    film.shoot(1500)
    report(film, desk, reader)
    correct(film, desk, reader)
    pin(film, desk, reader)
    add_photo(film, desk, reader, photo)
    FOLDER.mkdir(exist_ok=True)
    film.frames[-1].quantize().save(FOLDER / "film.png", optimize=True)
    film.save(FOLDER / "film.webp", quality=70, method=4, minimize_size=True)


def report(film, desk, reader):
    film.type(WIND)
    publish(film, desk, WIND)
    expect(reader.locator(POST).first).to_contain_text(WIND)
    film.caption = "… and readers see it at once."
    film.shoot(2000)


def correct(film, desk, reader):
    film.say("A correction arrives as quickly.")
    post = desk.post(WIND)
    film.click(post.get_by_role("button", name="Actions", exact=True), 500)
    film.click(post.get_by_role("button", name="Edit", exact=True))
    form = desk.window.locator("live-post-form[data-post]")
    expect(form.locator("[contenteditable=true]")).to_be_focused()
    film.shoot(600, desk.window)
    select(desk.window, WIND, "ten")
    film.shoot(600, desk.window)
    film.type("fourteen")
    film.click(form.get_by_role("button", name="Save", exact=True))
    expect(reader.locator(POST).first).to_contain_text("fourteen")
    expect(form).to_have_count(0)
    film.shoot(2000)


def pin(film, desk, reader):
    film.say("A key event, pinned to the top of the page.")
    film.click(desk.editor)
    film.type(LIFT_OFF)
    film.click(desk.composer.get_by_label("Title"))
    film.type("Lift-off!")
    film.click(desk.composer.get_by_role("button", name="More"))
    film.click(desk.composer.get_by_text("Key event", exact=True))
    film.click(desk.composer.get_by_text("Pin", exact=True))
    publish(film, desk, LIFT_OFF)
    expect(reader.locator(".live-blog__pinned")).to_contain_text("Lift-off!")
    film.shoot(2000)


def add_photo(film, desk, reader, photo):
    film.say("A photo, which is uploaded while its alt text is written.")
    film.move_to(desk.composer.get_by_text("Photo", exact=True))
    desk.composer.locator("[data-photos]").set_input_files(photo)
    wait_for_image(desk.composer.locator("live-photo img"))
    film.shoot(600, desk.window)
    film.click(desk.composer.get_by_label("Alt text"))
    film.type(ALT)
    publish(film, desk, "")
    image = reader.locator(POST).first.locator("img")
    wait_for_image(image)
    wait_for_image(desk.posts.first.locator("img"))
    film.shoot(600)
    bottom = image.evaluate("(image) => image.getBoundingClientRect().bottom + scrollY")
    film.caption = "All readers see it. Nobody reloads the page."
    film.scroll_to(reader, bottom + 24 - PHONE["height"])
    film.hold(3000)


def publish(film, desk, text):
    film.click(desk.composer.get_by_role("button", name="Publish", exact=True))
    expect(desk.posts.first.locator(".live-desk__content")).to_contain_text(text)


def select(window, text, word):
    """Select a word of the text in the focused editor."""
    window.keyboard.press("Control+Home")
    for _ in text.partition(word)[0]:
        window.keyboard.press("ArrowRight")
    for _ in word:
        window.keyboard.press("Shift+ArrowRight")


def wait_for_image(image):
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)

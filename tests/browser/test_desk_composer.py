"""The composer: one text first, and everything else in a bar and a menu."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, send
from tests.browser.test_accessibility import assert_accessible
from tests.receivers.image_files import make_image
from wagtail_live.blocks import get_words
from wagtail_live.models import LivePost

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
FINGER = 44  # pixels
KEYBOARD = 300  # pixels
CHROME = (
    ".c-sf-add-button, .w-panel__anchor, .w-panel__toggle, [data-streamfield-action]"
)
OPEN_KEYBOARD = """(height) => {
  const viewport = window.visualViewport;
  Object.defineProperty(viewport, "height", { value: innerHeight - height });
  viewport.dispatchEvent(new Event("resize"));
}"""
SMALL = f"""(form) => [...form.querySelectorAll("button, label.button, input, summary, select")]
  .filter((element) => element.checkVisibility() && !element.matches(".w-sr-only"))
  .filter((element) => {{
    const {{ width, height }} = element.getBoundingClientRect();
    return width < {FINGER} || height < {FINGER};
  }})
  .map((element) => element.outerHTML)"""


@pytest.fixture
def phone(new_window, reporter, match_page):
    return Desk(new_window(reporter, **PHONE), match_page)


def choose_photos(desk, *names):
    with desk.window.expect_file_chooser() as chosen:
        desk.composer.get_by_text("Photo", exact=True).click()
    files = [
        {
            "name": name,
            "mimeType": "image/png",
            "buffer": make_image("PNG", color=color),
        }
        for name, color in zip(names, ("red", "green", "blue"), strict=False)
    ]
    chosen.value.set_files(files)


def types(post):
    return [block.block_type for block in post.content]


def tool(desk, name):
    bar = desk.composer.get_by_role("group", name="Add to the post")
    return bar.get_by_role("button", name=name, exact=True)


def test_an_empty_composer_is_one_text_without_tools(desk):
    expect(desk.editor).to_be_focused()
    for element in desk.composer.locator(CHROME).all():
        expect(element).to_be_hidden()
    expect(desk.composer.get_by_role("button", name="Publish")).to_be_visible()
    expect(desk.composer.get_by_text("Photo", exact=True)).to_be_visible()
    assert_accessible(desk.window)


def test_tools_are_there_on_demand(desk):
    desk.composer.get_by_role("button", name="Arrange blocks").click()
    expect(desk.composer.locator(".c-sf-add-button").first).to_be_visible()
    expect(desk.composer.get_by_title("Duplicate")).to_be_visible()
    desk.composer.get_by_role("button", name="Arrange blocks").click()
    expect(desk.composer.get_by_title("Duplicate")).to_be_hidden()
    expect(desk.composer.locator(".c-sf-add-button").first).to_be_hidden()


def test_a_title_is_above_the_text_when_there_is_one(desk):
    title = desk.composer.get_by_label("Title")
    before = desk.editor.bounding_box()["y"]
    assert title.bounding_box()["y"] > before
    title.fill("1–0!")
    assert title.bounding_box()["y"] < desk.editor.bounding_box()["y"]
    desk.editor.press_sequentially("From a corner")
    desk.send()
    expect(desk.post("From a corner").get_by_role("heading")).to_have_text("1–0!")


def test_two_taps_publish_a_photo(phone, reader):
    choose_photos(phone, "Ball.png")
    phone.composer.get_by_role("button", name="Publish", exact=True).tap()
    expect(reader.locator(".live-post__content img")).to_be_visible()
    assert types(LivePost.objects.get()) == ["image"]


def assert_nothing_covers(field):
    """Assert that nothing is over the ends of a field, where its block has tools."""
    field.hover()
    on_top = """(field, x, { left, top, width } = field.getBoundingClientRect()) =>
      document.elementFromPoint(left + width * x, top + 4) === field"""
    assert all(field.evaluate(on_top, x) for x in (0.02, 0.98))


def test_photos_are_chosen_while_writing(desk):
    desk.editor.press_sequentially("Look:")
    long_name = "IMG_20311123_112233_HDR_PRO"
    choose_photos(desk, "One.png", f"{long_name}.png")
    titles = desk.composer.locator("[data-chooser-title]")
    expect(titles).to_have_text(["One", long_name])
    note = desk.composer.get_by_text("Photos that you add together become a gallery.")
    expect(note).to_have_count(1)
    desk.composer.get_by_label("Caption", exact=True).first.fill("Kick-off")
    assert_nothing_covers(desk.composer.get_by_label("Alt text", exact=True).last)
    desk.editor.last.press_sequentially("What a goal")
    # The pointer may be above a button of the new blocks; its tooltip fades away.
    desk.window.mouse.move(0, 0)
    expect(desk.window.locator(".tippy-content")).to_have_count(0)
    assert_accessible(desk.window)
    send(desk.composer, "Publish")
    expect(desk.posts).to_have_count(1)
    post = LivePost.objects.get()
    assert types(post) == ["text", "gallery", "text"]
    images = post.content[1].value
    assert [image.title for image in images] == ["One", long_name]
    assert [image.contextual_alt_text for image in images] == ["", ""]
    assert [get_words(image)["caption"] for image in images] == ["Kick-off", ""]


def test_words_are_typed_while_a_photo_is_uploaded(desk, reader):
    held = []
    desk.window.route("**/image/", lambda route: held.append(route))
    choose_photos(desk, "IMG_2031.png")
    expect(desk.composer.locator("live-photo progress")).to_be_visible()
    for label, text in (("Alt text", "A ball"), ("Caption", "1–0!"), ("Credit", "Ada")):
        desk.composer.get_by_label(label, exact=True).fill(text)
    held.pop().continue_()
    expect(desk.composer.locator("[data-chooser-title]")).to_have_text("IMG_2031")
    expect(desk.composer.get_by_label("Alt text")).to_have_value("A ball")
    expect(desk.composer.locator("live-alt-note")).to_have_count(0)
    send(desk.composer, "Publish")
    content = reader.locator(".live-post__content")
    expect(content.get_by_role("img", name="A ball")).to_be_visible()
    expect(content.locator("figcaption")).to_have_text("1–0! Ada")


def test_a_missing_alt_text_is_pointed_out_once_and_stops_nobody(desk, match_page):
    choose_photos(desk, "IMG_2031.png")
    note = desk.composer.locator("live-alt-note")
    expect(note).to_contain_text("no alt text")
    expect(note.get_by_role("button")).to_have_count(0)  # the field is above
    alt_text = desk.composer.get_by_label("Alt text", exact=True)
    alt_text.fill("A ball")
    expect(note).to_have_count(0)
    alt_text.fill("")
    send(desk.composer, "Publish")
    expect(desk.posts).to_have_count(1)
    expect(desk.window.locator("live-alt-note")).to_have_count(0)
    assert 'alt=""' in match_page.live_posts.get().content.render_as_block()


def test_a_missing_alt_text_is_added_after_the_photo_was_published(desk, match_page):
    held = []
    desk.window.route("**/image/", lambda route: held.append(route))
    choose_photos(desk, "IMG_2031.png")
    send(desk.composer, "Publish")
    note = desk.window.locator("live-alt-note")
    expect(note).to_contain_text("no alt text")
    held.pop().continue_()
    note.get_by_role("button", name="Add alt text").click()
    form = desk.window.locator("article live-post-form")
    expect(form.get_by_label("Alt text", exact=True)).to_be_focused()
    desk.window.keyboard.type("A ball")
    send(form)
    expect(desk.posts.get_by_role("img", name="A ball")).to_be_visible()


def test_the_bar_adds_blocks_and_formats(desk):
    desk.editor.press_sequentially("Offside!")
    tool(desk, "Quote").click()
    expect(desk.editor).to_be_focused()
    expect(desk.editor.locator("blockquote")).to_have_text("Offside!")
    tool(desk, "Embed").click()
    url = desk.composer.locator("input[type=url]")
    expect(url).to_be_focused()
    url.fill("https://example.com/")
    desk.send()
    expect(desk.posts).to_have_count(1)
    post = LivePost.objects.get()
    assert types(post) == ["text", "embed"]
    assert post.content[0].value.source.startswith("<blockquote")


def test_a_block_that_was_left_empty_is_not_part_of_the_post(desk):
    desk.editor.press_sequentially("Goal")
    tool(desk, "Embed").click()
    desk.editor.first.click()
    desk.send()
    expect(desk.posts).to_have_count(1)
    assert types(LivePost.objects.get()) == ["text"]


def test_the_menu_is_used_by_keys_and_named_for_screen_readers(desk):
    desk.window.keyboard.type("/")
    options = desk.composer.get_by_role("option")
    expect(options.get_by_text("Embed")).to_be_visible()
    desk.window.keyboard.press("ArrowDown")
    chosen = desk.composer.locator("[role=option][aria-selected=true]")
    expect(desk.editor).to_have_attribute(
        "aria-activedescendant", chosen.get_attribute("id")
    )
    assert_accessible(desk.window)
    desk.window.keyboard.type("emb")
    expect(options).to_have_count(1)
    expect(desk.editor).to_have_attribute(
        "aria-activedescendant", options.get_attribute("id")
    )
    desk.window.keyboard.press("Enter")
    expect(desk.composer.locator("input[type=url]")).to_be_focused()
    expect(desk.editor).to_have_text("")
    expect(desk.editor).not_to_have_attribute("aria-activedescendant", "")


def test_escape_closes_the_menu_alone(desk):
    desk.publish("Gaol")
    form = desk.edit("Gaol", "")
    desk.window.keyboard.type("/")
    expect(form.get_by_role("option").first).to_be_visible()
    desk.window.keyboard.press("Escape")
    expect(form.get_by_role("option")).to_have_count(0)
    expect(form.locator("[contenteditable=true]")).to_be_focused()


def test_fingers_reach_everything_on_a_phone(phone):
    form = phone.composer.locator("live-post-form")
    phone.paste(images=[("Ball.png", make_image("PNG"))])
    expect(phone.composer.locator("[data-chooser-title]")).to_have_text("Ball")
    expect(phone.composer.get_by_text("Ctrl+Enter")).to_be_hidden()
    expect(phone.composer.get_by_role("button", name="Save draft")).to_be_hidden()
    more = phone.composer.get_by_role("button", name="More", exact=True)
    more.tap()
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(phone.composer.get_by_role("button", name="Save draft")).to_be_visible()
    assert form.evaluate(SMALL) == []
    width = "document.documentElement.scrollWidth"
    assert phone.window.evaluate(width) == PHONE["viewport"]["width"]
    assert_accessible(phone.window)


def test_publish_stays_above_the_keyboard_of_a_phone(phone):
    for number in range(30):
        phone.window.keyboard.type(f"Line {number}")
        phone.window.keyboard.press("Enter")
    phone.window.evaluate(OPEN_KEYBOARD, KEYBOARD)
    publish = phone.composer.get_by_role("button", name="Publish", exact=True)
    box = publish.bounding_box()
    assert box["y"] > 0
    assert box["y"] + box["height"] <= PHONE["viewport"]["height"] - KEYBOARD

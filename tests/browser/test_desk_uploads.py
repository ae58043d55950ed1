"""Images that are pasted, and links: they are shown at once and sent in the background."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.desk import send
from tests.receivers.image_files import make_image
from wagtail_live.images.formats import can_read_heif
from wagtail_live.models import LivePost

pytestmark = pytest.mark.slow

VIDEO = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"


@pytest.fixture
def photos(desk):
    return desk.composer.locator("live-photo")


class SlowUploads:
    """Holds uploads back until ``open``."""

    path = "**/image/"

    def __init__(self, desk):
        self.held, self.is_open = [], False
        desk.window.route(self.path, self.hold)

    def hold(self, route):
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self):
        self.is_open = True
        while self.held:
            self.held.pop().continue_()


@pytest.mark.parametrize(
    ("file_format", "name", "media_type"),
    [("PNG", "Ball.png", "image/png"), ("HEIF", "Ball.HEIC", "")],
)
def test_a_pasted_image_becomes_part_of_the_post(
    desk, reader, file_format, name, media_type
):
    """Also one of an iPhone, whose type is not known on most systems."""
    assert can_read_heif()
    desk.editor.press_sequentially("Look:")
    desk.paste(images=[(name, make_image(file_format))], media_type=media_type)
    expect(desk.composer.locator("[data-chooser-title]")).to_have_text("Ball")
    send(desk.composer, "Publish")
    expect(reader.locator(".live-post__content img")).to_be_visible()
    expect(reader.locator(".live-post__content")).to_contain_text("Look:")


def test_a_photo_is_shown_at_once_and_published_when_it_is_up(desk, photos, reader):
    uploads = SlowUploads(desk)
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    expect(photos.locator("img")).to_be_visible()
    expect(photos.locator("progress")).to_be_visible()
    desk.send()
    expect(desk.unsent).to_contain_text("Publishing when the photo is uploaded")
    expect(desk.unsent.locator("img")).to_be_visible()
    desk.send("Next")
    expect(desk.editor).to_have_text("")
    uploads.open()
    expect(desk.posts).to_have_count(2)
    expect(desk.posts.last.locator("img")).to_be_visible()
    expect(reader.locator(".live-post__content img")).to_be_visible()
    assert [post.text for post in LivePost.objects.order_by("updated_at")][1] == "Next"


def test_a_post_is_published_without_its_photo(desk):
    SlowUploads(desk)
    desk.editor.press_sequentially("Goal")
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    desk.send()
    desk.unsent.get_by_role("button", name="Publish without the photo").click()
    desk.expect("Goal")


def test_a_photo_alone_is_a_post(desk, reader):
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    desk.send()
    expect(reader.locator(".live-post__content img")).to_be_visible()
    (block,) = LivePost.objects.get().content
    assert block.block_type == "image"


def test_a_link_alone_is_a_post(desk):
    desk.paste(VIDEO)
    expect(desk.composer.locator("input[type=url]")).to_have_value(VIDEO)
    desk.send()
    expect(desk.posts).to_have_count(1)
    (block,) = LivePost.objects.get().content
    assert block.block_type == "embed"


def test_a_photo_takes_the_place_of_an_empty_text(desk):
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    expect(desk.composer.locator("[data-chooser-title]")).to_have_text("Ball")
    desk.send("The ball")
    expect(desk.posts).to_have_count(1)
    types = [block.block_type for block in LivePost.objects.get().content]
    assert types == ["image", "text"]


def test_several_photos_are_in_their_order(desk):
    names = [f"Photo{number}.png" for number in range(5)]
    colours = ["red", "green", "blue", "white", "black"]
    images = [make_image("PNG", color=colour) for colour in colours]
    desk.paste(images=list(zip(names, images, strict=True)))
    desk.send()
    expect(desk.posts).to_have_count(1)
    titles = [image.title for image in LivePost.objects.get().images]
    assert titles == [name.removesuffix(".png") for name in names]


def make_photos(count):
    """Return photos of 12 megapixels, as a phone takes them."""
    for number in range(count):
        image = Image.effect_noise((40, 30), 100).resize((4000, 3000))
        output = BytesIO()
        image.convert("RGB").save(output, "JPEG", quality=90)
        yield f"Photo{number}.jpg", output.getvalue()


def test_writing_goes_on_while_five_large_photos_are_uploaded(desk, photos, reader):
    uploads = SlowUploads(desk)
    images = list(make_photos(5))
    desk.editor.press_sequentially("Five goals")
    desk.paste(images=images, media_type="image/jpeg")
    desk.window.keyboard.type(" and photos")
    expect(photos).to_have_count(5)
    expect(desk.editor.first).to_have_text("Five goals and photos")
    desk.send()
    expect(desk.unsent).to_contain_text("Publishing when the photo is uploaded")
    expect(desk.unsent.locator("img")).to_have_count(5)
    desk.window.wait_for_function(
        "[...document.querySelectorAll('live-unsent-post img')]"
        ".every((image) => image.naturalWidth === 320)"
    )
    desk.window.keyboard.type("Meanwhile")
    expect(desk.editor).to_have_text("Meanwhile")
    uploads.open()
    expect(desk.unsent).to_have_count(0)
    expect(reader.locator(".live-post__content img")).to_have_count(5)
    post = LivePost.objects.get()
    assert [block.block_type for block in post.content] == ["text", "gallery"]
    titles = [image.title for image in post.images]
    assert titles == [f"Photo{number}" for number in range(5)]


@pytest.mark.allow_console_errors(reason="409")
def test_a_conflict_while_a_photo_is_uploaded_loses_nothing(desk, other):
    desk.publish("Gaol")
    other.expect("Gaol")
    form = desk.edit("Gaol", "My goal")
    uploads = SlowUploads(desk)
    data = {"name": "Ball.png", "mimeType": "image/png", "buffer": make_image("PNG")}
    form.locator("[data-photos]").set_input_files([data])
    photo = form.locator("live-photo")
    expect(photo).to_be_visible()
    send(form)
    expect(form).to_contain_text("when the photo")
    send(other.edit("Gaol", "Their goal"))
    other.expect("Their goal")
    uploads.open()
    conflict = desk.window.locator(".live-desk__conflict")
    expect(conflict).to_contain_text("Their goal")
    mine = conflict.get_by_role("region", name="Your version")
    expect(mine).to_contain_text("My goal")
    expect(mine.locator("ins img")).to_be_visible()
    conflict.get_by_role("button", name="Continue editing").click()
    expect(form.locator("[data-chooser-title]")).to_have_text("Ball")
    desk.window.reload()  # which opens the edit again
    form = desk.window.locator("article live-post-form")
    expect(form.locator("[data-chooser-title]")).to_have_text("Ball")
    expect(form.locator("[contenteditable=true]").first).to_have_text("My goal")
    send(form)
    conflict.get_by_role("button", name="Keep mine").click()
    expect(form).to_have_count(0)
    expect(other.post("My goal").locator("img")).to_be_visible()
    (_, image) = LivePost.objects.get().content
    assert image.value.title == "Ball"


@pytest.mark.allow_console_errors(reason="no connection")
def test_photos_that_are_not_up_survive_a_reload(desk, photos, reader):
    desk.window.route("**/image/", lambda route: route.abort())
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    desk.send()
    expect(desk.unsent).to_have_count(1)
    desk.paste(images=[("Goal.png", make_image("PNG", color="blue"))])
    expect(photos).to_have_count(1)
    desk.window.reload()
    expect(photos.locator("img")).to_be_visible()
    expect(desk.unsent.locator("img")).to_be_visible()
    desk.window.unroute("**/image/")
    expect(reader.locator(".live-post__content img")).to_be_visible()
    expect(photos).to_have_count(0)
    desk.send()
    expect(desk.posts).to_have_count(2)
    titles = [
        post.content[0].value.title for post in LivePost.objects.order_by("updated_at")
    ]
    assert titles == ["Ball", "Goal"]


@pytest.mark.allow_console_errors(reason="422")
def test_a_file_that_is_no_image_says_so_at_its_place(desk, photos):
    desk.editor.press_sequentially("Goal")
    desk.paste(images=[("Ball.png", b"<script>")])
    expect(photos).to_contain_text("Ball.png: The image must be")
    desk.send()
    expect(desk.unsent).to_contain_text("Ball.png: The image must be")
    desk.unsent.get_by_role("button", name="Publish without the photo").click()
    desk.expect("Goal")


@pytest.mark.allow_console_errors(reason="413")
def test_a_file_that_a_proxy_refuses_is_named_with_the_limit(desk, photos):
    page = {"status": 413, "content_type": "text/html", "body": "Too large"}
    desk.window.route("**/image/", lambda route: route.fulfill(**page))
    desk.paste(images=[("Ball.png", make_image("PNG"))])
    expect(photos).to_contain_text("“Ball.png” is too large")
    expect(photos).to_contain_text("up to 25 MB, but a server in front of it rejected")
    expect(photos.get_by_role("button", name="Try again")).to_be_visible()


def test_a_link_on_a_line_of_its_own_is_embedded_where_it_can_be(desk):
    desk.paste("https://example.com/news")
    expect(desk.editor).to_have_text("https://example.com/news")
    desk.window.keyboard.press("Control+A")
    desk.window.keyboard.press("Delete")
    desk.paste(VIDEO)
    expect(desk.composer.locator("input[type=url]")).to_have_value(VIDEO)
    expect(desk.editor).to_have_text("")

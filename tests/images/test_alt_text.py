"""The alt text of an image in a post is never the name of a file."""

import pytest
from wagtail.images import get_image_model

from tests.receivers.image_files import make_image
from wagtail_live.api.content import from_json
from wagtail_live.blocks import LiveImageBlock
from wagtail_live.images import add_image
from wagtail_live.renditions import find_alt_text, is_file_name

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("IMG_2031", "original_images/img_2031.jpg"),
        ("IMG 2031", "original_images/img-2031_a1B2c3D.jpg"),
        ("Über uns", "uber-uns.webp"),
        ("Goal.JPEG", "whatever.png"),
        ("Goal.heic", "goal.jpg"),
        ("صورة", "image.jpg"),
        ("Image", "image_A1b2C3d.jpg"),
        ("long name " * 12, "long-name-" * 8 + ".jpg"),
    ],
)
def test_names_of_files(text, name):
    assert is_file_name(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The goalkeeper falls", "img_2031.jpg"),
        ("Goal", "goal-in-the-last-minute.jpg"),
        ("هدف", "img-2031.jpg"),
    ],
)
def test_other_texts(text, name):
    assert not is_file_name(text, name)


def test_a_title_that_somebody_wrote_and_a_description_are_used():
    image = add_image(make_image("PNG"), "IMG_2031", name="IMG_2031.png")
    assert find_alt_text(image) == ""
    image.title = "The goalkeeper falls"
    assert find_alt_text(image) == "The goalkeeper falls"
    image.description = "The goalkeeper falls over the ball"
    assert find_alt_text(image) == "The goalkeeper falls over the ball"


def test_a_post_shows_words_and_no_name_of_a_file(match_page):
    image = add_image(make_image("PNG"), "IMG_2031", name="IMG_2031.png")
    post = match_page.add_live_post([("image", image)])
    assert 'alt=""' in post.content.render_as_block()
    value = {"image": image, "caption": "1–0!", "credit": "A. <Keller>"}
    post = match_page.add_live_post([("image", value)])
    html = post.content.render_as_block()
    assert "IMG_2031" not in html
    assert 'dir="auto"><span>1–0!</span>' in html
    assert "A. &lt;Keller&gt;" in html
    assert "1–0!" in post.text


def test_words_are_kept_as_stored_and_as_in_a_form():
    image = add_image(make_image("PNG"), "IMG_2031", name="IMG_2031.png")
    block = LiveImageBlock()
    words = {"alt_text": "A ball", "caption": "The ball", "credit": "Ada"}
    stored = {"image": image.pk, "decorative": False, **words}
    value = block.to_python(stored)
    assert block.get_prep_value(value) == stored
    (other,) = block.bulk_to_python([stored])
    assert block.get_prep_value(block.clean(other)) == stored
    state = block.get_form_state(value)
    assert {name: state[name] for name in words} == words
    data = {"image": str(image.pk), **words}
    fields = {f"image-{name}": text for name, text in data.items()}
    assert (
        block.get_prep_value(block.value_from_datadict(fields, {}, "image")) == stored
    )


def test_an_image_without_words():
    """As other image blocks have stored it."""
    image = add_image(make_image("PNG"), "IMG_2031", name="IMG_2031.png")
    block = LiveImageBlock()
    values = [block.to_python(image.pk), *block.bulk_to_python([image.pk])]
    assert [block.clean(value).contextual_alt_text for value in values] == ["", ""]


def test_the_api_takes_and_gives_words(match_page):
    image = add_image(make_image("PNG"), "IMG_2031", name="IMG_2031.png")
    data = [{"type": "image", "value": {"image": image.pk, "caption": "1–0!"}}]
    content = from_json(data, user=None)
    (child,) = content
    assert child.value.live_caption == "1–0!"
    assert child.value.contextual_alt_text == ""
    assert get_image_model().objects.get().title == "IMG_2031"

"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: the blocks
of a post become those of a page."""

import pytest
from wagtail import blocks
from wagtail.blocks import StreamBlock
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText

from tests.contrib.news.models import AllBlocks, BriefPage, StoryPage
from tests.receivers.image_files import make_image
from wagtail_live.contrib.article.conversion import convert
from wagtail_live.images import add_image

pytestmark = pytest.mark.django_db
STORY = StoryPage._meta.get_field("body").stream_block
BRIEF = BriefPage._meta.get_field("parts").stream_block
TABLE = {"caption": "Standings", "rows": [["Team", "Points"], ["Reds", "7"]]}
QUOTE = {"quote": "We won.", "name": "Ada", "role": "captain"}


@pytest.fixture
def image():
    image = add_image(make_image(size=(50, 40)), "Ball")
    image.contextual_alt_text, image.decorative = "A ball", False
    image.live_caption, image.live_credit = "The ball", "Ada"
    return image


def change(content, target=STORY):
    """Return the stored blocks of the page, without their ids, and the notes."""
    body, notes = convert(AllBlocks().normalize(content), target)
    return [(each["type"], each["value"]) for each in body.get_prep_value()], notes


def test_blocks_with_the_same_name_and_type_stay(image):
    content = [
        ("text", RichText("<h3>Goal</h3><p><b>Ada</b> scores</p>")),
        ("image", image),
        ("embed", "https://www.youtube.com/watch?v=1"),
        ("quote", QUOTE),
        ("gallery", [image, image]),
        ("table", TABLE),
        ("score", {"home": "Reds", "goals": 2}),
    ]
    body, notes = change(content, AllBlocks())
    post = AllBlocks().normalize(content).get_prep_value()
    assert notes == []
    assert body[:4] == [(each["type"], each["value"]) for each in post][:4]
    assert [name for name, _ in body] == [name for name, _ in content]
    assert body[-1] == ("score", {"home": "Reds", "goals": 2})


def test_text_says_which_formats_the_page_does_not_have():
    html = '<p>A <i>slow</i> <a href="https://example.com/">start</a></p><ul><li>One</li></ul>'
    body, notes = change([("text", RichText(html))])
    assert body == [("text", html)]
    assert notes == [
        "The text of the page does not have the format “Italic”.",
        "The text of the page does not have the format “List”.",
    ]


def test_words_of_an_image_stay_below_it(image):
    body, notes = change([("image", image)])
    stored = {"image": image.pk, "alt_text": "A ball", "decorative": False}
    assert body == [("image", stored), ("text", "<p>The ball</p><p>Ada</p>")]
    assert notes == []


def test_images_find_a_block_with_an_image(image):
    body, notes = change([("gallery", [image, image])], BRIEF)
    assert body[::2] == [("photo", {"picture": image.pk})] * 2
    assert notes == [
        "The page takes the alt text from the library. Left out: “A ball”."
    ]


def test_a_gallery_becomes_a_list_of_images(image):
    target = StreamBlock([("photos", blocks.ListBlock(ImageBlock()))])
    body, notes = change([("gallery", [image, image])], target)
    [(name, stored)] = body
    assert name == "photos"
    assert [each["value"]["alt_text"] for each in stored] == ["A ball"] * 2
    text = "The ball Ada The ball Ada"
    assert notes == [f"Left out, because the page has no block for text: “{text}”."]


def test_quotes():
    text = "<blockquote>We won.</blockquote><p>— Ada, captain</p>"
    assert change([("quote", QUOTE)]) == ([("text", text)], [])
    plain = StreamBlock(
        [("quote", blocks.BlockQuoteBlock()), ("text", blocks.RichTextBlock())]
    )
    said = [("quote", "We won."), ("text", "<p>— Ada, captain</p>")]
    assert change([("quote", QUOTE)], plain) == (said, [])
    own = blocks.StructBlock(
        [("text", blocks.TextBlock()), ("author", blocks.CharBlock())]
    )
    filled = {"text": "We won.", "author": "Ada, captain"}
    target = StreamBlock([("saying", own)])
    assert change([("quote", QUOTE)], target) == ([("saying", filled)], [])


def test_tables():
    body, notes = change([("table", TABLE)])
    lines = "<p>Standings</p><p>Team | Points</p><p>Reds | 7</p>"
    assert (body, notes) == ([("text", lines)], ["Became text: Table."])
    [(_, stored)], notes = change(
        [("table", TABLE)], StreamBlock([("grid", TableBlock())])
    )
    assert stored["data"] == TABLE["rows"]
    assert stored["table_header_choice"] == "row"
    assert stored["table_caption"] == "Standings"
    assert notes == []


def test_blocks_of_the_site_become_words():
    body, notes = change([("score", {"home": "Reds", "goals": 2})])
    assert body == [("text", "<p>Reds</p><p>Goals: 2</p>")]
    assert notes == ["Became text: Score."]


def test_embeds_and_marks_become_links():
    content = [
        ("embed", "https://example.com/a?b&c"),
        ("sponsored", {"sponsor": "A & B", "link": "https://example.com/"}),
    ]
    target = StreamBlock([("text", blocks.RichTextBlock())])
    body, notes = change(content, target)
    link = '<p><a href="https://example.com/a?b&amp;c">https://example.com/a?b&amp;c</a></p>'
    sponsor = '<p><a href="https://example.com/">Sponsored by A &amp; B</a></p>'
    assert body == [("text", link), ("text", sponsor)]
    assert notes == ["Became text: Embed."]


def test_what_has_no_place_is_named(image):
    target = StreamBlock([("image", ImageBlock())])
    body, notes = change([("text", RichText("<p>Goal!</p>")), ("quote", QUOTE)], target)
    assert body == []
    assert notes == [
        "Left out, because the page has no block for it: Text “Goal!”.",
        "Left out, because the page has no block for it: Quote with name “We won. Ada captain”.",
    ]


def test_plain_text_says_what_it_leaves_out():
    html = '<p><b>Goal</b> by <a href="https://example.com/">Ada</a></p>'
    body, notes = change([("text", RichText(html))], BRIEF)
    assert body == [("paragraph", "Goal by Ada")]
    assert notes == ["The text of the page is plain. Left out: Bold, Link."]

"""The desk refuses texts that are too long before it converts them."""

import json

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from tests.admin.desk.requests import form_data, url
from tests.linear import is_linear
from wagtail_live.rich_text import MAX_LENGTH, NotRichText, TooLong, check_fields

pytestmark = pytest.mark.slow

LINK = {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://a.example"}}
FEATURES = ["bold", "italic", "link", "ol", "ul", "blockquote", "strikethrough"]


def state(*blocks):
    return json.dumps({"blocks": blocks, "entityMap": {"0": LINK}})


def block(text="", kind="unstyled", depth=0, styles=(), links=()):
    return {
        "key": "abcde",
        "text": text,
        "type": kind,
        "depth": depth,
        "inlineStyleRanges": [
            {"offset": start, "length": length, "style": style}
            for start, length, style in styles
        ],
        "entityRanges": [
            {"offset": start, "length": length, "key": key}
            for start, length, key in links
        ],
    }


SHAPES = {
    "paragraphs": lambda text: [block(text[:9]) for _ in range(len(text) // 40)],
    "lines": lambda text: [block("a\n" * 900) for _ in range(len(text) // 1_900)],
    "styles": lambda text: [
        block(text[:9_000], styles=[(at, 9, "BOLD") for at in range(0, 9_000, 10)])
        for _ in range(len(text) // 10_000)
    ],
    "links": lambda text: [
        block(text[:9_000], links=[(at, 9, 0) for at in range(0, 9_000, 10)])
        for _ in range(len(text) // 10_000)
    ],
    "lists": lambda text: [
        block(text[:9], "ordered-list-item", at % 5) for at in range(len(text) // 40)
    ],
    "tags": lambda text: [block("<b>" * (len(text) // 4))],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_to_convert_grows_with_the_length(shape):
    converter = ContentstateConverter(FEATURES)

    def convert(text):
        value = state(*SHAPES[shape](text))
        check_fields([value])
        converter.from_database_format(converter.to_database_format(value))

    convert("a" * 100)
    assert is_linear(convert, "a", MAX_LENGTH)


@pytest.mark.parametrize(
    "value",
    [
        "a" * (MAX_LENGTH + 1),
        state(block("a" * 60_000), block("a" * 60_000)),
        state(*[block()] * 5_000),
        state(block("\n" * 1_001)),
        state(block("a" * 1_001, styles=[(at, 1, "BOLD") for at in range(1_001)])),
    ],
)
def test_too_much_text_is_refused(value):
    with pytest.raises(TooLong):
        check_fields([value])


@pytest.mark.parametrize(
    "blocks",
    [
        *([block(depth=11)], [block(depth=10**9)], [block(depth=-1)]),
        [block("a" * 99, styles=[(at, 99 - at, "BOLD") for at in range(99)])],
        [block("abc", links=[(0, 2, 0), (1, 2, 0)])],
        *([block("a", links=[(0, 1, 5)])], [block("a", links=[("x", 1, 0)])]),
        *([1], [None], 1, None, "x", [{"text": 1}], [{"depth": "1"}]),
        *([{"inlineStyleRanges": 1}], [{"entityRanges": [{}]}]),
    ],
)
def test_what_the_editor_does_not_send_is_refused(blocks):
    with pytest.raises(NotRichText):
        check_fields([json.dumps({"blocks": blocks, "entityMap": {}})])


def test_other_json_is_only_text():
    check_fields(['{"a": 1}', "{", '{"blocks', "[1]", ""])


@pytest.mark.django_db
def test_a_reporter_sees_why_a_long_text_is_not_saved(match_page, admin_client):
    long = form_data(f"<p>{'a' * 60_000}</p><p>{'b' * 60_000}</p>")
    response = admin_client.post(url("add", match_page), long)
    assert response.status_code == 413
    assert "The limit is 100000 characters" in response.json()["error"]
    preview = admin_client.post(url("preview_new", match_page), long)
    assert preview.status_code == 413
    assert not match_page.live_channel.posts.exists()
    fine = form_data(f"<p>{'a' * 60_000}</p>")
    assert admin_client.post(url("add", match_page), fine).status_code == 200


@pytest.mark.django_db
def test_tags_count_too(match_page, admin_client):
    data = form_data("<ul>" + "<li><b>a</b></li>" * 5_000 + "</ul>")
    response = admin_client.post(url("add", match_page), data)
    assert response.status_code == 413
    assert response.json()["error"].startswith("The text is too long")


@pytest.mark.django_db
def test_damaged_rich_text_is_not_valid(match_page, admin_client):
    data = form_data() | {"content-0-value": state(block(depth=10**9))}
    response = admin_client.post(url("add", match_page), data)
    assert (response.status_code, response.json()) == (
        400,
        {"error": "The text is not valid."},
    )

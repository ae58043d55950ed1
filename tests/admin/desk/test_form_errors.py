"""The errors of a form name the field and what to do, in words and in one line."""

import json

import pytest
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.test.utils.form_data import nested_form_data

from tests.admin.desk.requests import form_data, url
from wagtail_live.admin.desk.links import find_invalid_link
from wagtail_live.models import LivePost
from wagtail_live.rich_text import MAX_LENGTH

pytestmark = pytest.mark.django_db

DELETED = "The image was deleted. Choose another, or delete this block."


@pytest.fixture
def save(client, publisher, match_page):
    """Send the form of a new post that is refused; return the JSON of the response."""

    def save(data, name="add"):
        response = client.post(url(name, match_page), data)
        assert response.status_code in (413, 422), response.content
        assert not LivePost.objects.exists()
        return response.json()

    return save


def with_block(kind, **values):
    """Return a form whose second block has these values."""
    fields = {f"content-1-{name}": value for name, value in values.items()}
    place = {"deleted": "", "order": "1", "type": kind, "id": "b"}
    place = {f"content-1-{name}": value for name, value in place.items()}
    return form_data() | {"content-count": "2"} | place | fields


def link(address):
    return form_data(f'<p>A <a href="{address}">good <b>goal</b></a></p>')


def test_an_image_that_was_deleted(save, match_page):
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    key = image.pk
    image.delete()
    fields = {"value-image": key, "value-alt_text": "A ball", "value-caption": "Ours"}
    result = save(with_block("image", **fields))
    assert result["error"] == f"The post could not be saved. Image: {DELETED}"
    assert "A ball" in result["html"]
    assert "Ours" in result["html"]
    preview = save(with_block("image", **fields), "preview_new")
    assert preview["error"].endswith(f"Image: {DELETED}")


@pytest.mark.parametrize("kind", ["image", "gallery"])
def test_an_image_of_a_post_that_was_deleted(client, publisher, match_page, kind):
    """The form names it, keeps its words, and says so as often as it is saved."""
    image = get_image_model().objects.create(title="Ball", file=get_test_image_file())
    image.contextual_alt_text, image.decorative = "A ball", False
    key, value = image.pk, image if kind == "image" else [image]
    post = match_page.add_live_post([(kind, value)])
    image.delete()
    shown = client.get(url("form", match_page, post.pk)).json()["html"]
    assert "Deleted image" in shown
    assert "A ball" in shown
    block = {"type": kind, "id": "b", "deleted": "", "order": "0"}
    image_data = {"image": key, "alt_text": "A ball", "caption": "", "credit": ""}
    item = {"deleted": "", "order": "0", "id": "c", "value": image_data}
    block["value"] = image_data if kind == "image" else {"count": 1, "0": item}
    content = nested_form_data({f"post-{post.pk}-content": {"count": 1, "0": block}})
    data = form_data(text="", post=post, action="save") | content
    for _attempt in range(2):
        response = client.post(url("save", match_page, post.pk), data)
        assert response.status_code == 422
        assert f"Image: {DELETED}" in response.json()["error"]
        assert "Deleted image" in response.json()["html"]


@pytest.mark.parametrize("kind", ["image", "embed"])
def test_a_block_that_lacks_its_content(save, kind):
    fields = {"value-image": ""} if kind == "image" else {"value": ""}
    result = save(with_block(kind, **fields))
    assert result["error"].endswith(f"{kind.title()}: This field is required.")


def test_the_url_of_an_embed(save):
    result = save(with_block("embed", value="a video"))
    assert result["error"].endswith("Embed: Enter a valid URL.")


@pytest.mark.parametrize("address", ["http://", "www.example.com", "http:/goal"])
def test_the_url_of_a_link(save, address):
    data = link(address) | with_block("text", value=form_data()["content-0-value"])
    data["content-0-value"] = link(address)["content-0-value"]
    assert save(data)["error"] == (
        "The post could not be saved. "
        "Text: The URL of the link “good goal” is not valid. Correct it."
    )


@pytest.mark.parametrize(
    "address",
    [
        *("https://example.com/a?b=c#d", "http://intranet:8000/", "ftp://example.com"),
        *("mailto:ann@example.com", "tel:+44123", "/news/", "#top"),
    ],
)
def test_links_that_lead_somewhere(client, publisher, match_page, address):
    assert client.post(url("add", match_page), link(address)).status_code == 200


def test_links_within_the_site_are_not_checked():
    assert find_invalid_link('<a linktype="page" id="3">Home</a>') is None
    assert find_invalid_link("<a>Javascript</a>") == "Javascript"
    assert find_invalid_link('<a href="https://[::1">Six</a>') == "Six"


def test_the_field_of_a_text_that_is_too_long_is_named(save):
    result = save(form_data(f"<p>{'a' * MAX_LENGTH}a</p>"))
    assert result["fields"] == {"content-0-value": result["error"]}
    title = save(form_data(title="b" * (MAX_LENGTH + 1)))
    assert title["fields"] == {"title": title["error"]}


def test_a_paragraph_with_too_many_lines(save):
    lines = {"key": "a", "type": "unstyled", "text": "a\n" * 1_001}
    state = json.dumps({"blocks": [lines], "entityMap": {}})
    result = save(form_data() | {"content-0-value": state})
    assert result["error"].startswith("A paragraph has too many lines")
    assert "1000" in result["error"]


def test_an_author_without_a_name(save):
    result = save(form_data(coauthors=json.dumps([{"name": " "}])))
    assert "Author: An author has no name. Choose the author again" in result["error"]
    assert "An author has no name" in result["html"]


def test_a_title_that_is_too_long(save):
    result = save(form_data(title="b" * 256))
    assert "Title: Ensure this value has at most 255 characters" in result["error"]
    assert result["summary"] == "The post could not be saved."
    assert result["count"] == 1
    result = save(link("http://") | {"title": "b" * 256})
    assert result["count"] == 2

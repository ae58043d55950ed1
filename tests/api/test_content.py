"""The content of posts, as clients send and receive it."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.blocks import (
    CharBlock,
    ListBlock,
    RawHTMLBlock,
    RichTextBlock,
    StructBlock,
)
from wagtail.images import get_image_model
from wagtail.rich_text import RichText

from wagtail_live.api.serializers import PostSerializer
from wagtail_live.blocks import LivePostBlock

pytestmark = pytest.mark.django_db

GPS = 0x8825


class Quote(StructBlock):
    words = RichTextBlock()
    speakers = ListBlock(CharBlock())


class OtherBlocks(LivePostBlock):
    quote = Quote()
    raw = RawHTMLBlock()


def make_image(file_format="JPEG", size=(1600, 900)):
    file, exif = BytesIO(), Image.Exif()
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    Image.new("RGB", size, "red").save(file, file_format, exif=exif)
    return file.getvalue()


def upload(api, data, name="goal.jpg", secret=None, **headers):
    fields = {"file": SimpleUploadedFile(name, data), "title": "Goal"}
    authorization = f"Bearer {secret or api.secret}"
    return api.client.post(
        f"{api.root}images/",
        fields,
        headers={"Authorization": authorization, **headers},
    )


def test_an_image_is_uploaded_and_shown_in_a_post(api):
    answer = upload(api, make_image())
    assert answer.status_code == 201
    image = answer.json()
    assert (image["width"], image["height"]) == (1600, 900)
    block = image["block"]
    block["value"]["alt_text"] = "The goal"
    post = api.add({"content": [block, {"type": "text", "value": "Goal"}]}).json()
    [shown, text] = post["content"]
    assert shown["value"]["image"] == image["id"]
    assert shown["value"]["alt_text"] == "The goal"
    assert [one["width"] for one in shown["value"]["renditions"]] == [480, 960, 1440]
    assert text["value"] == "<p>Goal</p>"
    assert 'alt="The goal"' in post["html"]


@pytest.mark.parametrize("kind", ["image", "gallery"])
def test_a_post_with_an_image_that_was_deleted(api, kind):
    block = upload(api, make_image()).json()["block"]
    if kind == "gallery":
        block = {"type": kind, "value": [block["value"]]}
    post = api.add({"content": [block]}).json()
    get_image_model().objects.get().delete()
    content = api.get(f"posts/{post['id']}/").json()["content"]
    response = api.edit(post["id"], {"content": content})
    assert response.status_code == 400
    words = "The image was deleted. Choose another, or delete this block."
    assert words in response.content.decode()


def test_an_image_loses_its_metadata(api):
    upload(api, make_image())
    with get_image_model().objects.get().file.open() as file:
        assert GPS not in Image.open(file).getexif()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.png", b"<html></html>"),
        ("a.jpg", make_image()[:500]),
        ("a.bmp", make_image("BMP")),
        ("a.png", b""),
    ],
)
def test_a_file_that_is_not_an_image_is_refused(api, name, data):
    response = upload(api, data, name)
    assert response.status_code == 400
    assert response.json()["errors"]["file"]
    assert not get_image_model().objects.exists()


def test_the_same_key_makes_one_image(api):
    key = {"Idempotency-Key": "1"}
    first, second = (upload(api, make_image(), **key) for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert upload(api, make_image(size=(10, 10)), **key).status_code == 422
    assert get_image_model().objects.count() == 1


def test_adding_images_needs_wagtails_permission(api, issue, reporter):
    secret = issue(user=reporter)
    assert upload(api, make_image(), secret=secret).status_code == 201
    for group in reporter.groups.all():
        group.collection_permissions.all().delete()
    assert upload(api, make_image(), secret=secret).status_code == 403


def test_an_unknown_image(api):
    response = api.add({"content": [{"type": "image", "value": 1}]})
    assert response.json()["errors"]["content"] == ["block 1: Image not found."]


def test_unchanged_blocks_keep_their_value(api, match_page, home_page):
    internal = f'<p>See <a linktype="page" id="{home_page.pk}">home</a></p>'
    post = match_page.add_live_post([("text", RichText(internal)), ("text", "Gaol")])
    content = api.get(f"posts/{post.pk}/").json()["content"]
    assert 'href="http://testserver/"' in content[0]["value"]
    content[1]["value"] = "<p>Goal</p>"
    edited = api.edit(post.pk, {"content": content}).json()["content"]
    assert edited == content
    post.refresh_from_db()
    assert post.content[0].value.source == internal


def test_other_blocks_of_a_site(api, settings):
    settings.WAGTAIL_LIVE_POST_BLOCK = "tests.api.test_content.OtherBlocks"
    words = '<p onclick="x">Well <script>y</script>played</p>'
    value = {"words": words, "speakers": ["Ann"]}
    post = api.add({"content": [{"type": "quote", "value": value}]}).json()
    said = post["content"][0]["value"]
    assert said["words"] == "<p>Well played</p>"
    assert said["speakers"] == ["Ann"]
    for wrong in ({"words": 1}, {"speakers": "Ann"}, [], "x", None):
        block = {"type": "quote", "value": wrong}
        assert api.add({"content": [block]}).status_code == 400, wrong
    raw = api.add({"content": [{"type": "raw", "value": "<script></script>"}]})
    assert raw.json()["errors"]["content"] == [
        "block 1: Raw HTML blocks are not accepted."
    ]


@pytest.mark.parametrize(
    "content",
    [
        "<ul><li>" * 12_501,
        [{"type": "text", "value": "a" * 60_000}] * 2,
        [{"type": "text", "value": "<"}, {"type": "x" * 9, "value": ["a" * 100_000]}],
    ],
)
def test_text_beyond_the_limit_is_refused_before_it_is_parsed(api, content, match_page):
    response = api.add({"content": content})
    assert response.status_code == 422
    assert "The limit is 100000." in response.json()["detail"]
    post = api.add({"content": "a" * 99_000}).json()
    assert api.edit(post["id"], {"content": content}).status_code == 422
    assert match_page.live_posts.count() == 1


def test_key_points_beyond_the_limit_are_refused(api):
    assert api("patch", data={"summary": "a" * 100_001}).status_code == 422
    assert api("patch", data={"summary": "a" * 9_000}).status_code == 200


def test_the_numbers_of_a_list_are_kept(api):
    html = '<ol start="24"><li>Minute: Tor!</li><li value="31">Gelb</li></ol>'
    post = api.add({"content": html}).json()
    assert html in post["html"]
    assert post["content"][0]["value"] == html


def test_an_image_that_has_been_deleted_is_not_added_again(api):
    key = {"Idempotency-Key": "1"}
    upload(api, make_image(), **key)
    get_image_model().objects.get().delete()
    assert upload(api, make_image(), **key).status_code == 410


def test_the_user_who_chooses_images_must_be_given():
    with pytest.raises(KeyError, match="user"):
        PostSerializer(data={"content": "<p>Goal</p>"}).is_valid()

"""Galleries, quotes and the mark of sponsored posts, as readers and programs get them."""

import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import RequestFactory
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex
from wagtail.test.utils.form_data import nested_form_data, streamfield

from tests.admin.desk.requests import url
from tests.api.test_content import make_image
from tests.page.vocabulary import find_errors
from wagtail_live.models import LivePost
from wagtail_live.page.rendering import render_post
from wagtail_live.page.structured_data import get_structured_data
from wagtail_live.page.timeline import get_posts_page

QUOTE = {"quote": "We won.", "name": "Ada", "role": "Captain"}
SPONSORED = {"sponsor": "Example Bank", "link": "https://bank.example/"}


@pytest.fixture
def images(db):
    return [
        get_image_model().objects.create(
            title=f"Photo {number}",
            description=f"Photo {number}",
            file=SimpleUploadedFile(f"{number}.jpg", make_image(size=(1600, 900))),
        )
        for number in range(3)
    ]


@pytest.fixture
def gallery(images):
    return [
        {"image": image.pk, "alt_text": f"Alt {place}", "caption": f"Caption {place}"}
        for place, image in enumerate(images)
    ]


def test_the_api(api, gallery, images):
    blocks = [
        {"type": "gallery", "value": gallery},
        {"type": "quote", "value": QUOTE},
        {"type": "sponsored", "value": SPONSORED},
    ]
    response = api.add({"content": blocks})
    assert response.status_code == 201, response.content
    shown = response.json()["content"]
    assert [block["type"] for block in shown] == ["gallery", "quote", "sponsored"]
    first = shown[0]["value"][0]
    assert first["image"] == images[0].pk
    assert first["caption"] == "Caption 0"
    assert first["renditions"][0]["url"].startswith("http")
    assert shown[1]["value"] == QUOTE
    post = LivePost.objects.get()
    again = api.edit(post.pk, {"content": shown})
    assert again.status_code == 200
    assert again.json()["content"] == shown
    assert [image.pk for image in post.images] == [image.pk for image in images]
    assert "Caption 2" in post.text
    assert "We won. Ada Captain Example Bank" in post.text
    assert ReferenceIndex.get_references_to(images[2]).count() == 1
    for value in ([], [{"image": 0}], "1", [{"image": images[0].pk}] * 51):
        refused = api.add({"content": [{"type": "gallery", "value": value}]})
        assert refused.status_code == 400, value
    refused = api.add({"content": [{"type": "quote", "value": {"name": "Ada"}}]})
    assert refused.status_code == 400


def test_readers_feeds_and_structured_data(client, match_page, images):
    content = [("gallery", images), ("quote", QUOTE), ("sponsored", SPONSORED)]
    images[0].live_caption, images[0].live_credit = "The goal", "Ann"
    post = match_page.add_live_post(content)
    html = render_post(post)
    assert html.count('data-action="gallery"') == 3
    assert 'aria-label="Gallery of 3 images"' in html
    assert '<a href="https://bank.example/" rel="sponsored noopener"' in html
    assert html.count("<figcaption") == 2  # of the first image, and of the quote
    page = client.get(match_page.url).content.decode()
    for part in ('"caption": "The goal"', '"creditText": "Ann"', '"sponsor": [{'):
        assert part in page
    request = RequestFactory().get(f"/?post={post.pk}")
    head = Template("{% load wagtail_live_tags %}{% live_head page %}")
    shared = head.render(Context({"page": match_page, "request": request}))
    assert '<meta property="og:image:alt" content="Photo 0">' in shared
    for name in ("atom", "json"):
        feed = client.get(f"/wagtail_live/feed/{match_page.channel_id}/{name}/")
        text = feed.content.decode()
        assert "Example Bank" in text
        assert text.count("http://testserver/media/images/") >= 3


def test_the_form_of_the_desk(client, reporter, match_page, images):
    image = {"image": images[0].pk, "alt_text": "", "caption": "Caption", "credit": ""}
    items = {
        "count": "1",
        "0-type": "item",
        "0-order": "0",
        "0-deleted": "",
        "0-id": "",
    }
    fields = {f"0-value-{name}": value for name, value in image.items()}
    content = streamfield([("gallery", items | fields), ("quote", QUOTE)])
    data = nested_form_data({"content": content, "title": "", "author_name": ""})
    client.force_login(reporter)
    response = client.post(url("add", match_page), {**data, "action": "publish"})
    assert response.status_code == 200, response.content
    [shown, _] = LivePost.objects.get().content
    assert [each.live_caption for each in shown.value] == ["Caption"]
    post_id = LivePost.objects.get().pk
    form = client.get(url("form", match_page, post_id))
    assert "Caption" in form.json()["html"]


@pytest.mark.parametrize(
    ("ids", "types"),
    [
        (["photos-a-0", "photos-a-1", "photos-a-2"], ["gallery"]),
        (["photos-a-0", "photos-a-1", "photos-b-0"], ["gallery", "image"]),
        (["photos-a-0", "", "photos-a-1"], ["image", "image", "image"]),
        (["photos-a-0", "x", "photos-b-0"], ["image", "image", "image"]),
    ],
)
def test_photos_that_were_added_together(
    client, reporter, match_page, images, ids, types
):
    content = streamfield(
        [
            (
                "image",
                {
                    "image": image.pk,
                    "alt_text": "",
                    "caption": str(place),
                    "credit": "",
                },
            )
            for place, image in enumerate(images)
        ]
    )
    for place, id in enumerate(ids):
        content[str(place)]["id"] = id
    data = nested_form_data({"content": content, "title": "", "author_name": ""})
    client.force_login(reporter)
    response = client.post(url("add", match_page), {**data, "action": "publish"})
    assert response.status_code == 200, response.content
    post = LivePost.objects.get()
    assert [block.block_type for block in post.content] == types
    assert [image.live_caption for image in post.images] == ["0", "1", "2"]


def test_a_page_of_galleries_takes_few_queries(
    client, match_page, images, django_assert_max_num_queries
):
    table = [["Team", "Points"], ["Reds", 7]]
    content = [("gallery", images), ("table", table), ("image", images[0])]
    for number in range(50):
        match_page.add_live_post([*content, ("embed", "https://a.example/")])
        if not number:
            client.get(match_page.url)  # makes the renditions
    client.get(match_page.url)
    with django_assert_max_num_queries(14):
        html = client.get(match_page.url).content.decode()
    assert html.count("data-gallery ") == 50


def test_a_missing_file_leaves_the_others(match_page, images):
    post = match_page.add_live_post([("gallery", images)])
    cache.clear()  # of renditions
    images[1].file.storage.delete(images[1].file.name)
    html = render_post(LivePost.objects.get(pk=post.pk))
    assert html.count("<img") == 3
    assert html.count("not-found") == 2


def test_the_structured_data_have_the_shapes_of_schema_org(match_page, gallery):
    stream = LivePost._meta.get_field("content").stream_block
    value = stream.child_blocks["gallery"].to_python(gallery)
    match_page.add_live_post([("gallery", value), ("quote", QUOTE)])
    posts, *_ = get_posts_page(match_page.live_channel.posts.visible(), None)
    data = get_structured_data(match_page, match_page.live_channel, posts)
    data = json.loads(json.dumps(data))
    assert list(find_errors(data)) == []
    [update] = data["liveBlogUpdate"]
    assert [image["caption"] for image in update["image"]] == [
        f"Caption {place}" for place in range(3)
    ]
    assert {image["@type"] for image in update["image"]} == {"ImageObject"}
    [quotation] = update["hasPart"]
    assert (quotation["@type"], quotation["text"]) == ("Quotation", "We won.")
    speaker = {"@type": "Person", "name": "Ada", "jobTitle": "Captain"}
    assert quotation["creator"] == speaker

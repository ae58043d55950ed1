"""A post whose image is missing or damaged is shown with a broken image, and stops
nothing else: as after a database was restored without its files."""

import json
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from wagtail.blocks import ListBlock
from wagtail.images.blocks import ImageChooserBlock

from tests.admin.desk.requests import url, url_of_post
from tests.receivers.image_files import make_image
from wagtail_live.api.serializers import describe_post
from wagtail_live.blocks import LivePostBlock
from wagtail_live.delivery import history
from wagtail_live.images import add_image
from wagtail_live.models import LivePost
from wagtail_live.page import updates

pytestmark = pytest.mark.django_db

BROKEN = 'src="/media/not-found"'


class BlocksOfASite(LivePostBlock):
    gallery = ListBlock(ImageChooserBlock())


def damage(path):
    path.write_bytes(path.read_bytes()[:200])


BREAK = {
    "missing": Path.unlink,
    "truncated": damage,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_bytes(b"\xff\xd8\xff\xe0 no longer an image"),
}


@pytest.fixture(params=BREAK)
def broken(request):
    image = add_image(make_image(size=(500, 400)), "Broken")
    BREAK[request.param](Path(image.file.path))
    return image


@pytest.fixture
def whole(db):
    return add_image(make_image(size=(500, 400)), "Whole")


@pytest.fixture
def post(match_page, whole, broken):
    """A post between others whose image is broken."""
    match_page.add_live_post([("text", "Before"), ("image", whole)])
    post = match_page.add_live_post([("text", "Goal"), ("image", broken)])
    match_page.add_live_post("After")
    return post


def read(client, path, **query):
    response = client.get(path, query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_shows_all_posts(client, match_page, post, whole):
    html = read(client, match_page.url)
    assert all(word in html for word in ("Before", "Goal", "After", BROKEN))
    assert f'src="{whole.get_rendition("width-480").url}"' in html
    assert "Goal" in read(client, match_page.url, post=post.pk)


def test_structured_data_names_only_images_that_exist(client, match_page, post, whole):
    html = read(client, match_page.url)
    script = re.search(r'"application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = json.loads(script[1])
    assert len(data["liveBlogUpdate"]) == 3
    urls = data["image"] + [
        url for each in data["liveBlogUpdate"] for url in each.get("image", [])
    ]
    assert len(urls) == 4
    assert all("whole" in url for url in urls)


def test_the_head_of_a_post(rf, match_page, post):
    request = rf.get("/", {"post": post.pk})
    template = Template("{% load wagtail_live_tags %}{% live_head page %}")
    html = template.render(Context({"page": match_page, "request": request}))
    assert "og:title" in html
    assert "og:image" not in html


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_feeds(client, match_page, post, kind):
    feed = read(client, f"/wagtail_live/feed/{match_page.channel_id}/{kind}/")
    assert all(word in feed for word in ("Before", "Goal", "After", "not-found"))


@pytest.mark.parametrize("name", ["get-updates", "poll"])
def test_updates(client, match_page, post, name):
    path = f"/wagtail_live/{name}/{match_page.channel_id}/"
    answer = json.loads(read(client, path, last_update_ts=1))
    assert len(answer["updates"]) == 3
    assert BROKEN in answer["updates"][str(post.pk)]["content"]


def test_what_the_hub_delivers(match_page, post):
    changes = updates.Changes([*match_page.live_posts], [])
    rendered = history.render_changes(match_page.live_channel, changes)
    assert len(rendered) == 3


def test_the_api_and_webhooks(client, match_page, post):
    path = f"/wagtail_live/api/v1/channels/{match_page.channel_id}/posts/"
    shown = {each["id"]: each for each in json.loads(read(client, path))["posts"]}
    assert len(shown) == 3
    assert shown[str(post.pk)]["content"][1]["value"]["renditions"] == []
    html = describe_post(post)["html"]
    assert BROKEN.replace('"/', '"http://localhost/') in html


def test_the_desk(admin_client, match_page, post, whole):
    match_page.update_live_post(post, content=[("text", "Goal!"), ("image", whole)])
    older, newer = post.revisions.order_by("pk").values_list("pk", flat=True)
    match_page.update_live_post(post, content=[("text", "Goal"), ("image", whole)])
    for path in (
        url("index", match_page),
        url("form", match_page, post.pk),
        url_of_post("history", post),
        url_of_post("compare", post, older, newer),
        url_of_post("revert", post, older),
    ):
        read(admin_client, path)


def test_the_form_of_the_post(admin_client, match_page, post):
    assert "Goal" in read(admin_client, url("form", match_page, post.pk))
    assert "Goal" in read(admin_client, url("index", match_page))


def test_a_rendition_without_its_file(client, match_page, whole):
    """As in Wagtail: readers get a broken image, or the one that a cache still has."""
    match_page.add_live_post([("text", "Goal"), ("image", whole)])
    read(client, match_page.url)
    for rendition in whole.renditions.all():
        rendition.file.storage.delete(rendition.file.name)
    assert "Goal" in read(client, match_page.url)


def test_an_image_that_was_deleted(client, match_page, whole):
    match_page.add_live_post([("text", "Goal"), ("image", whole)])
    whole.delete()
    assert "Goal" in read(client, match_page.url)


def test_blocks_of_a_site(client, match_page, settings, broken, whole):
    settings.WAGTAIL_LIVE_POST_BLOCK = f"{__name__}.BlocksOfASite"
    match_page.add_live_post([("text", "Before"), ("gallery", [broken, whole])])
    match_page.add_live_post([("text", "After"), ("gallery", [whole])])
    html = read(client, match_page.url)
    assert "Before" in html
    assert "After" in html
    assert LivePost.objects.count() == 2

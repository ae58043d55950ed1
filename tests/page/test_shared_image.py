"""The image that a page is shared with, in Open Graph and in structured data."""

import json
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.template import Context, Template

from tests.receivers.image_files import make_image
from tests.testapp.models import LiveArticlePage
from wagtail_live import posts
from wagtail_live.images import add_image
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(home_page):
    page = home_page.add_child(instance=LiveArticlePage(title="Flood", slug="flood"))
    page.add_live_post("Without an image")
    yield page
    cache.clear()  # of renditions: the next test has images with the same ids


@pytest.fixture
def read(rf):
    """Return the image and alt text in Open Graph, and the images in structured data."""

    def read(page, query=""):
        request = rf.get(f"/flood/{query}")
        request.user = AnonymousUser()
        tags = "{% load wagtail_live_tags %}{% live_head page %}{% live_posts page %}"
        html = Template(tags).render(Context({"page": page, "request": request}))
        shown = re.findall(r'property="og:image(?:|:alt)" content="([^"]*)"', html)
        data = json.loads(re.search(r'ld\+json">(.*?)</script>', html)[1])
        return shown, data.get("image", [])

    return read


def add(title):
    return add_image(make_image(size=(500, 400)), title)


def name_of(image):
    return image.file.name.rpartition("/")[2].rpartition(".")[0]


def publish(page, image, **options):
    content = [("text", "Look"), ("image", image)]
    return posts.publish(page.live_channel, content, actor=SYSTEM, **options)


def test_the_page_is_shared_with_its_own_image_or_that_of_the_newest_key_event(
    page, read
):
    assert read(page) == ([], [])
    bridge, dam, boat, river = map(add, ["Bridge", "Dam", "Boat", "River"])
    publish(page, bridge, is_key_event=True)
    publish(page, dam, is_key_event=True)
    post = publish(page, boat)
    [url, _], images = read(page)
    assert url.startswith("http://testserver/")
    assert all(name_of(dam) in each for each in [url, *images])
    page.lead_image = river
    page.save()
    [url, alt], images = read(page)
    assert alt == ""  # the title is the name of the file
    assert all(name_of(river) in each for each in [url, *images])
    assert name_of(boat) in read(page, f"?post={post.pk}")[0][0]
    # A post without an image is shared with that of the page.
    text = page.live_posts.last()
    assert name_of(river) in read(page, f"?post={text.pk}")[0][0]
    river.file.storage.delete(river.file.name)
    river.get_renditions("fill-1200x630")["fill-1200x630"].delete()
    assert name_of(dam) in read(page)[0][0]

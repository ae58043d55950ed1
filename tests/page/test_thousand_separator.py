"""Numbers in attributes are for programs, however the site shows numbers to people."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from wagtail.embeds.embeds import get_embed_hash
from wagtail.embeds.models import Embed
from wagtail.images import get_image_model

from tests.api.test_content import make_image
from wagtail_live.models import LivePost

pytestmark = pytest.mark.django_db

SEPARATED = re.compile(r'[\w-]+="[^"]*\d[.,]\d{3}\b[^"]*"')
VIDEO = "https://www.youtube.com/watch?v=jNQXAC9IVRw"
TAGS = "{% live_head page %}{% live_posts page %}{% live_badge page %}{% live_teaser page %}"


@pytest.fixture
def busy_page(match_page, settings):
    settings.USE_THOUSAND_SEPARATOR = True
    settings.LANGUAGE_CODE = "de"
    image = get_image_model().objects.create(
        title="Photo", file=SimpleUploadedFile("1.jpg", make_image(size=(2400, 1350)))
    )
    Embed.objects.create(
        url=VIDEO,
        hash=get_embed_hash(VIDEO),
        type="video",
        html="<iframe></iframe>",
        width=1280,
        height=1720,
    )
    items = [{"image": image, "alt_text": "", "caption": "", "credit": ""}] * 2
    content = [("image", image), ("gallery", items), ("embed", VIDEO)]
    match_page.add_live_post(content)
    return match_page


def test_the_page_and_the_badges(client, busy_page):
    template = Template("{% load wagtail_live_tags %}" + TAGS)
    html = template.render(Context({"page": busy_page}))
    assert "1280" in html
    assert SEPARATED.findall(html) == []


def test_the_desk(admin_client, admin_user, busy_page):
    LivePost.objects.update(author_id=admin_user.pk)
    url = reverse("wagtail_live:index", args=[busy_page.pk])
    html = admin_client.get(url).content.decode()
    assert "data-max-file-size=" in html
    assert SEPARATED.findall(html) == []

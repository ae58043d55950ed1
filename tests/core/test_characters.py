"""Characters that XML, UTF-8 or a reader's eye can't take, by every way in and out."""

import json
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.urls import reverse
from wagtail.rich_text import RichText
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.api.calling import Caller
from tests.receivers.newsroom import make_image
from wagtail_live import posts
from wagtail_live.api.models import ApiToken
from wagtail_live.images import add_image
from wagtail_live.models import LivePost, Source
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
BAD = "\x01\x0b\x1f\x85\u202e\ufffe"


def entry_of(client, page):
    response = client.get(f"/wagtail_live/feed/{page.channel_id}/atom/")
    return ElementTree.fromstring(response.content).find(f"{ATOM}entry")


def write_on_desk(client, admin_client, page):
    content = streamfield([("text", rich_text(f"<p>Text{BAD}pasted</p>"))])
    fields = {"title": f"Title{BAD}pasted", "author_name": f"Ann{BAD}B"}
    data = nested_form_data({"content": content, **fields})
    url = reverse("wagtail_live:add", args=[page.pk])
    assert admin_client.post(url, {**data, "action": "publish"}).status_code == 200


def send_to_api(client, admin_client, page):
    _, secret = ApiToken.objects.issue([page.live_channel], name="Test")
    references = "".join(f"&#{ord(sign)};" for sign in BAD.replace("\x85", ""))
    data = {
        "content": f"<p>Text{references}pasted</p>",
        "title": f"Title{BAD}\ud83dpasted",
        "author_name": f"Ann{BAD}B",
    }
    response = Caller(client, page.channel_id, secret).add(json.dumps(data))
    assert response.status_code == 201


def call_python(client, admin_client, page):
    posts.publish(
        page.live_channel,
        [("text", RichText(f"<p>Text{BAD}pasted</p>"))],
        title=f"Title{BAD}pasted",
        author_name=f"Ann{BAD}B",
        actor=SYSTEM,
    )


@pytest.mark.parametrize("write", [write_on_desk, send_to_api, call_python])
def test_by_every_way_in(write, client, admin_client, match_page):
    write(client, admin_client, match_page)
    entry = entry_of(client, match_page)
    assert entry.findtext(f"{ATOM}title") == "Title pasted"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ann B"
    assert match_page.live_posts.get().text == "Text pasted"
    assert not set(BAD) & set(client.get(match_page.url).content.decode())


def test_an_edit_is_cleaned_too(client, match_page):
    post = match_page.add_live_post("Goal")
    channel = match_page.live_channel
    content = [("text", RichText(f"<p>Own{BAD}goal</p>"))]
    post = posts.edit(channel, post, title="a\vb", content=content, actor=SYSTEM)
    assert (post.title, post.text) == ("a b", "Own goal")


def test_key_points_alt_texts_and_labels(match_page):
    channel = match_page.live_channel
    channel = coverage.summarise(channel, f"<p>1{BAD}0</p>", actor=SYSTEM)
    assert channel.summary == "<p>1<br><br>0</p>"
    image = add_image(make_image(1), f"The{BAD}ball")
    image.contextual_alt_text, image.decorative = f"The{BAD}ball", False
    post = match_page.add_live_post([("image", image)])
    post.refresh_from_db()
    assert post.images[0].title == "The ball"
    assert post.images[0].contextual_alt_text == "The\n\nball"
    assert post.headline == "The ball"
    source = Source(receiver="stand", external_id="C1", channel=channel)
    source.label = f"The{BAD}stand"
    source.full_clean()
    assert source.label == "The stand"


def test_rows_stored_before_break_no_feed(client, match_page):
    post = match_page.add_live_post("Goal")
    text = "<p>Goal\x0b\ufffe&#11;</p>"
    if connection.vendor == "sqlite":
        text += "\ud83d"  # PostgreSQL refuses it in JSON, too
    content = [{"type": "text", "value": text}]
    LivePost.objects.filter(pk=post.pk).update(
        title="A\x0bB", author_name="C\x01D\ufffe", content=content
    )
    assert entry_of(client, match_page).findtext(f"{ATOM}title") == "A\nB"
    url = f"/wagtail_live/feed/{match_page.channel_id}/json/"
    [item] = client.get(url).json()["items"]
    assert (item["title"], item["authors"]) == ("A\nB", [{"name": "CD"}])
    page = client.get(match_page.url).content.decode()
    [_, script] = page.split('<script type="application/ld+json">')
    [update] = json.loads(script.split("</script>")[0])["liveBlogUpdate"]
    assert update["headline"] == "A\nB"
    assert update["articleBody"] == "Goal"
    api = client.get(f"/wagtail_live/api/v1/channels/{match_page.channel_id}/posts/")
    assert api.status_code == 200


def test_a_search_for_odd_characters(admin_client, match_page):
    match_page.add_live_post("Goal")
    url = reverse("wagtail_live:posts", args=[match_page.pk])
    for words in ("\x01", "\ufffe", "Goal\x0b"):
        assert admin_client.get(url, {"q": words}).status_code == 200

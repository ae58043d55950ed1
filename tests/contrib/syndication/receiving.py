"""Tests that tests/contrib/test_sharing.py runs in a process with other settings: webhooks of
other sites become posts."""

import json
from datetime import timedelta
from itertools import permutations

import pytest
from django.test import Client
from django.urls import reverse

from tests.contrib.syndication.payloads import SECRET, signed, text, update
from wagtail_live import posts
from wagtail_live.background import threads
from wagtail_live.contrib.sharing.copying import share
from wagtail_live.contrib.sharing.following import follow_due
from wagtail_live.cursors import now
from wagtail_live.models import (
    FailedDelivery,
    LivePost,
    ReceivedImage,
    ReceivedMessage,
    Source,
    SourceAuthor,
)
from wagtail_live.origins import find_origins, get_site_ids
from wagtail_live.permissions import SYSTEM
from wagtail_live.webhooks.models import WebhookDelivery, WebhookEndpoint
from wagtail_live.webhooks.payloads import serialise

pytestmark = pytest.mark.django_db

BACKEND = "wagtail_live.contrib.syndication.receiver.SyndicationReceiver"
POST = "01936a4e-7d2b-7c11-9a55-3f0d2c7b8e61"


@pytest.fixture(autouse=True)
def receiver(settings):
    options = {"secret": SECRET, "image_hosts": ["other.example"]}
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "north": {"BACKEND": BACKEND, "OPTIONS": options}
    }


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="north", external_id="live/stand", channel=match_page.live_channel
    )


@pytest.fixture
def send(client, source):
    def send(*arguments, **post):
        body = json.dumps(update(*arguments, **post)).encode()
        url = reverse("live-webhook", args=["north"])
        response = client.post(
            url, body, content_type="application/json", headers=signed(body)
        )
        assert response.status_code == 200

    return send


def the_post():
    return LivePost.objects.get()


def test_an_edit_changes_everything(send, match_page):
    authors = [{"name": "Ann"}, {"name": "Ben"}]
    send("post.published", POST, 0, text("A tree"), title="Tree", authors=authors)
    post = the_post()
    assert (post.text, post.title, post.byline) == ("A tree", "Tree", "Ann, Ben")
    assert post.created.isoformat() == "2026-06-01T15:00:00+00:00"
    fields = {"title": "Trees", "correction": "Two.", "is_key_event": True}
    send("post.edited", POST, 1, text("Two"), authors=authors[::-1], **fields)
    post = the_post()
    assert (post.text, post.title, post.byline) == ("Two", "Trees", "Ben, Ann")
    assert (post.correction, post.is_key_event) == ("Two.", True)
    before = match_page.live_channel.last_updated_at
    send("post.pinned", POST, 1, text("Two"))
    send("post.edited", POST, 1, text("Two"), authors=authors, **fields)
    assert match_page.live_channel.last_updated_at == before


def test_what_an_editor_changed_stays(send):
    send("post.published", POST, 0, text("A tree"), title="Tree")
    posts.edit(the_post().channel, the_post(), title="Our tree", actor=SYSTEM)
    send("post.edited", POST, 1, text("Two trees"), title="Trees")
    assert (the_post().text, the_post().title) == ("Two trees", "Our tree")
    posts.edit(the_post().channel, the_post(), content="<p>Ours</p>", actor=SYSTEM)
    send("post.edited", POST, 2, text("Three trees"), title="Three")
    assert (the_post().text, the_post().title) == ("Ours", "Our tree")
    assert "after the post was changed here" in ReceivedMessage.objects.get().note
    send("post.hidden", POST, 3)
    assert not the_post().show


def test_a_post_moves_with_the_other(send):
    send("post.published", POST, 0, text("A tree"))
    moved = "2026-06-01T12:30:00.123456+00:00"
    send("post.edited", POST, 1, text("A tree"), created=moved)
    assert the_post().created.isoformat() == moved
    send("post.edited", POST, 2, text("A tree"), created="2199-06-01T12:30:00+00:00")
    assert the_post().created <= now()
    send("post.edited", POST, 3, text("Two"), created="1200-01-01T00:00:00+00:00")
    assert the_post().text == "Two"
    ours = the_post().created - timedelta(hours=5)
    posts.edit(the_post().channel, the_post(), created=ours, actor=SYSTEM)
    send("post.edited", POST, 4, text("A tree"), created="2026-06-01T10:00:00+00:00")
    assert the_post().created == ours


def test_hiding_and_showing(send):
    send("post.published", POST, 0, text("A tree"))
    send("post.hidden", POST, 1)
    post = the_post()
    assert (post.show, post.text) == (False, "A tree")
    send("post.shown", POST, 2, text("A tree"))
    assert the_post().show
    posts.hide(post.channel, the_post(), actor=SYSTEM)
    send("post.edited", POST, 3, text("Two trees"))
    assert (the_post().show, the_post().text) == (False, "Two trees")


def test_any_order(send):
    history = [
        ("post.published", POST, 0, text("One")),
        ("post.edited", POST, 1, text("Two")),
        ("post.hidden", POST, 2),
    ]
    for order in permutations(history):
        for each in (*order, order[0]):
            send(*each)
        assert not LivePost.objects.visible().exists()
        send("post.shown", POST, 3, text("Three"))
        assert the_post().text == "Three"
        send("post.edited", POST, 1, text("Two"))
        assert the_post().text == "Three"
        LivePost.objects.all().delete()
        ReceivedMessage.objects.all().delete()


def test_deletion_is_final(send):
    send("post.published", POST, 0, text("One"))
    send("post.deleted", POST, 2)
    send("post.edited", POST, 1, text("Two"))
    assert not LivePost.objects.exists()
    assert ReceivedMessage.objects.get().body == []


def test_a_post_that_was_here_is_refused(send):
    [site] = get_site_ids()
    here = {"site": site, "post": POST}
    for kind in ("post.published", "post.edited", "post.hidden", "post.deleted"):
        content = [text("Echo")] if "h" in kind else []
        send(kind, POST, 1, *content, origins=[here])
        send(kind, POST, 2, *content, origins=[{"site": "x", "post": "1"}, here])
    assert not LivePost.objects.exists()
    assert not ReceivedMessage.objects.exists()


def test_a_site_knows_itself_after_it_replaced_its_key(send, settings):
    [former] = get_site_ids()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert get_site_ids()[0] != former
    send("post.published", POST, 0, text("Echo"), origins=[{"site": former}])
    assert not LivePost.objects.exists()


def test_a_chain_ends_somewhere(send):
    chain = [{"site": f"site {number}", "post": POST} for number in range(30)]
    send("post.published", POST, 0, text("Far"), origins=chain)
    assert not LivePost.objects.exists()


def test_the_chain_goes_on(send, country, match_page):
    """From another site to a page, from there to a second page, and to a third site."""
    send("post.published", POST, 0, text("A tree"))
    received = the_post()
    shared = share(received, country.live_channel, actor=SYSTEM)
    [site] = get_site_ids()
    chain = [
        {"site": "other", "post": POST},
        {"site": site, "post": str(received.pk)},
        {"site": site, "post": str(shared.pk)},
    ]
    assert find_origins(shared.pk) == chain
    endpoint = WebhookEndpoint.objects.create(
        channel=country.live_channel, name="Third", url="https://third.example/"
    )
    delivery = WebhookDelivery(
        endpoint=endpoint, action="published", post_id=shared.pk, cursor=now()
    )
    assert json.loads(serialise(delivery))["data"]["origins"] == chain
    send("post.edited", POST, 1, text("Two trees"))
    while follow_due(now()):
        pass
    shared.refresh_from_db()
    assert shared.text == "Two trees"
    send("post.deleted", POST, 2)
    while follow_due(now()):
        pass
    assert not LivePost.objects.exists()


def test_readers_see_the_source(send, match_page):
    send("post.published", POST, 0, text("A tree"))
    html = Client().get(match_page.url).content.decode()
    link = f'<a href="https://other.example/storm/?post={POST}" dir="auto">Storm</a>'
    assert link in html
    send("post.edited", POST, 1, text("Two trees"), url="javascript:alert(1)")
    html = Client().get(match_page.url).content.decode()
    assert "javascript" not in html
    assert '<span dir="auto">Storm</span>' in html


def test_blocks_become_those_of_a_message(send):
    table = {"rows": [["Town", "Wind"], ["Kiel", "110"]], "caption": "Gusts"}
    quote = {"quote": "It blows.", "name": "Ann", "role": "Mayor"}
    image = {
        "image": 7,
        "alt_text": "A tree",
        "caption": "The tree",
        "credit": "Ben",
        "renditions": [
            {"url": "https://other.example/small.jpg", "width": 320},
            {"url": "https://other.example/large.jpg", "width": 1280},
        ],
    }
    blocks = [
        text("Before<script>alert(1)</script>"),
        ("table", table),
        ("quote", quote),
        ("sponsored", {"sponsor": "Acme", "link": "https://acme.example/"}),
        ("image", image),
        ("gallery", [{**image, "image": 8}, None]),
        ("score", {"home": "Reds"}),
    ]
    send("post.published", POST, 0, *blocks)
    post = the_post()
    assert {child.block_type for child in post.content} == {"text", "table"}
    for words in ("Before", "It blows.", "Ann, Mayor", "Sponsored: Acme", "Ben"):
        assert words in post.text
    assert "script" not in str(post.content.get_prep_value())
    images = ReceivedImage.objects.order_by("position")
    assert [(one.file_id, one.url, one.alt) for one in images] == [
        ("7", "https://other.example/large.jpg", "A tree"),
        ("8", "https://other.example/large.jpg", "A tree"),
    ]
    assert "score" in ReceivedMessage.objects.get().omitted


@pytest.mark.django_db(transaction=True)
def test_images_come_only_from_hosts_that_the_site_allows(send):
    image = {
        "image": 7,
        "renditions": [{"url": "https://127.0.0.1/secret.jpg", "width": 1}],
    }
    send("post.published", POST, 0, text("A tree"), ("image", image))
    assert threads.wait(20)
    assert ReceivedImage.objects.get().error == "Images from this host are not allowed."
    assert the_post().text == "A tree"


def test_another_site_writes_only_on_connected_pages(send, country):
    send("post.published", POST, 0, text("A tree"), channel=country.channel_id)
    send("post.published", POST, 0, text("A tree"), channel=f"/{country.channel_id}")
    assert not LivePost.objects.exists()


@pytest.mark.parametrize(
    "cursor", [None, "x", float("nan"), float("inf"), -1, 10**30, [], {}, True]
)
def test_odd_cursors(client, source, cursor):
    payload = update("post.published", POST, 0, text("A tree"))
    payload["data"]["post"]["version"] = cursor
    body = json.dumps(payload).encode()
    url = reverse("live-webhook", args=["north"])
    options = {"content_type": "application/json", "headers": signed(body)}
    assert client.post(url, body, **options).status_code == 200
    assert LivePost.objects.exists() == (cursor is True)
    assert FailedDelivery.objects.exists() != (cursor is True)


def test_senders_are_authors_that_editors_may_link(send, reporter):
    SourceAuthor.objects.create(receiver="north", sender_id="Ann", user=reporter)
    send("post.published", POST, 0, text("A tree"), authors=[{"name": "Ann"}])
    assert (the_post().author, the_post().byline) == (reporter, "Ann")


def test_an_editor_connects_a_live_blog(client, reporter, match_page):
    client.force_login(reporter)
    path = reverse("wagtail_live:add_source", args=[match_page.pk])
    html = client.get(path, {"receiver": "north"}).content.decode()
    assert "Channel ID of the other live blog" in html
    assert "/wagtail_live/hooks/north/" in html
    data = {"receiver": "north", "external_id": " Kq3vX0bT9aLm ", "policy": "publish"}
    response = client.post(path, {**data, "delay": "0", "allowed_senders": ""})
    assert response.status_code == 302, response.content.decode()
    assert Source.objects.get().external_id == "live/Kq3vX0bT9aLm"

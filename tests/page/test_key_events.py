"""The key events beside the posts, in chunks, and the hours that lead to them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from tests.receivers.image_files import make_image
from wagtail_live import cursors, posts
from wagtail_live.images import add_image
from wagtail_live.models import LivePost
from wagtail_live.permissions import SYSTEM

ITEM = re.compile(r'id="live-key-event-([-0-9a-f]{36})"')
MORE = re.compile(r'data-src="([^"]+)"')

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(match_page):
    """A key event every half an hour, newest first, the last of them hidden."""
    now = cursors.now()
    return LivePost.objects.bulk_create(
        LivePost(
            channel=match_page.live_channel,
            title=f"Event {number}",
            created=now - timedelta(minutes=30 * number),
            is_key_event=True,
            show=number < 249,
        )
        for number in range(250)
    )


def test_all_key_events_are_in_chunks_of_a_hundred(client, match_page, events):
    html = client.get(match_page.url).content.decode()
    found = ITEM.findall(html)
    while more := MORE.search(html):
        response = client.get(more[1])
        assert response["Cache-Control"] == "public, max-age=1"
        html = response.content.decode()
        found += ITEM.findall(html)
    assert found == [str(post.pk) for post in events[:249]]


def test_each_hour_leads_to_its_newest_key_event(client, match_page, events):
    html = client.get(match_page.url).content.decode()
    hours = re.findall(r'data-action="hour" data-post="([^"]+)"', html)
    newest = {}
    for post in events[:249]:
        newest.setdefault(f"{post.created:%d %H}", str(post.pk))
    assert hours == list(newest.values())
    assert f'href="#live-key-event-{hours[0]}"' in html
    assert f'href="?post={hours[-1]}#live-post-{hours[-1]}"' in html


def test_a_page_with_many_key_events_takes_one_query_more(client, match_page, events):
    counts = []
    for shown in (60, 249):
        LivePost.objects.update(show=False)
        LivePost.objects.filter(pk__in=[post.pk for post in events[:shown]]).update(
            show=True
        )
        client.get(match_page.url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(match_page.url)
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1 <= 14


def test_photos_as_key_events_take_no_query_each(client, match_page):
    image = add_image(make_image(), "photo.jpg")
    image.contextual_alt_text = ""
    channel, counts = match_page.live_channel, []
    for _ in range(2):
        for _ in range(5):
            posts.publish(channel, [("image", image)], is_key_event=True, actor=SYSTEM)
        client.get(match_page.url)
        with CaptureQueriesContext(connection) as queries:
            html = client.get(match_page.url).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert html.count('dir="auto">Photo</a>') == 10


def test_key_events_are_for_those_who_may_see_the_page(client, match_page, events):
    url = f"/wagtail_live/key-events/{match_page.channel_id}/"
    assert client.get(url + "?before=nonsense").status_code == 200
    PageViewRestriction.objects.create(page=match_page, restriction_type="login")
    assert client.get(url).status_code == 404
    assert client.get("/wagtail_live/key-events/unknown/").status_code == 404

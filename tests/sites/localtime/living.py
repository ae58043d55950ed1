"""Tests that tests/sites/test_local_time.py runs in a process with other settings."""

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from freezegun import freeze_time

from tests.admin.desk.requests import form_data, the_post, url, url_of_post
from tests.api.calling import Caller
from tests.receivers.events import RECEIVER, write
from tests.receivers.test_webhook import signed
from wagtail_live import cursors, posts
from wagtail_live.api.models import ApiToken
from wagtail_live.housekeeping import run_jobs
from wagtail_live.models import FailedDelivery, LivePost, Source
from wagtail_live.permissions import SYSTEM
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
CLOCKS_GO_BACK = datetime(2026, 11, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"


def at(moment):
    """Set the clock; naive times are New York's."""
    offset = moment.astimezone(NEW_YORK).utcoffset()
    return freeze_time(moment.astimezone(UTC).replace(tzinfo=None), tz_offset=offset)


def is_now(text):
    """Return whether a time with an offset is the current one, give or take a minute."""
    moment = datetime.fromisoformat(text)
    return abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.fixture
def source(match_page):
    channel = match_page.live_channel
    for name in ("stand", RECEIVER.name):
        Source.objects.create(receiver=name, external_id="stand", channel=channel)


@pytest.fixture
def api(client, match_page):
    _, secret = ApiToken.objects.issue(
        [match_page.live_channel], name="Test", expires_at=cursors.now() + HOUR
    )
    return Caller(client, match_page.channel_id, secret)


def test_a_message_arrives(client, source, match_page):
    sent_at = datetime.now(UTC).isoformat()
    message = {"type": "message", "channel": "stand", "id": "1", "version": 1}
    body = json.dumps({**message, "sent_at": sent_at, "text": "Goal"}).encode()
    response = client.post(
        "/wagtail_live/hooks/stand/",
        body,
        content_type="application/json",
        headers=signed(body, secret="canary"),
    )
    assert response.status_code == 200
    assert not FailedDelivery.objects.exists()
    assert is_now(match_page.live_posts.get().created.isoformat())


def test_a_message_keeps_the_time_at_which_it_was_sent(source, match_page):
    for number in ("1", "2"):
        process(RECEIVER, write(number, 1, f"Goal {number}"))
    process(RECEIVER, write("1", 2, "Goal!"))
    first, second = match_page.live_posts.oldest_first()
    assert (first.text, second.text) == ("Goal!", "Goal 2")
    assert first.created == datetime(2026, 6, 1, 15, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "created",
    [datetime(2026, 6, 1, 15, tzinfo=UTC), datetime(2026, 6, 1, 11)],
    ids=["aware", "naive"],
)
def test_a_given_time(created, match_page):
    post = match_page.add_live_post("Goal", created=created)
    post.refresh_from_db()
    assert post.created == datetime(2026, 6, 1, 15, tzinfo=UTC)
    assert f"{post.created:%H:%M}" == "11:00"  # as a template of the site shows it


def test_every_time_that_readers_get_has_an_offset(client, match_page):
    match_page.add_live_post("Goal")
    html = client.get(match_page.url).content.decode()
    times = re.findall(r'datetime="([^"]+)"', html)
    data = re.search('<script type="application/ld.json">(.*?)</script>', html, re.S)
    data = json.loads(data[1])
    times += [data["dateModified"], data["coverageStartTime"]]
    times += [data["liveBlogUpdate"][0]["datePublished"]]
    feed = f"/wagtail_live/feed/{match_page.channel_id}"
    [item] = client.get(f"{feed}/json/").json()["items"]
    times += [item["date_published"], item["date_modified"]]
    atom = ElementTree.fromstring(client.get(f"{feed}/atom/").content)
    times += [element.text for element in atom.iter(f"{ATOM}updated")]
    assert len(times) >= 8
    assert all(map(is_now, times))
    [entry] = match_page.get_sitemap_urls()
    assert entry["lastmod"].tzinfo is None  # like those of other pages


def test_the_api(api, match_page):
    assert api.add().status_code == 201
    later = (datetime.now(UTC) + HOUR).replace(microsecond=0)
    scheduled = api.add({"content": "Later", "go_live_at": later.isoformat()}).json()
    assert datetime.fromisoformat(scheduled["go_live_at"]) == later
    post = match_page.live_channel.posts.scheduled().get()
    assert post.go_live_at == later
    [listed] = api.get("posts/").json()["posts"]
    assert is_now(listed["created"])
    assert api.edit(listed["id"], {"title": "1:0"}).status_code == 200
    assert api.get("updates/?since=0").status_code == 200
    assert ApiToken.objects.get().last_used_at <= cursors.now()


def test_the_desk(admin_client, match_page):
    page = match_page
    assert admin_client.post(url("add", page), form_data()).status_code == 200
    first = the_post()
    assert is_now(first.created.isoformat())
    soon = f"{datetime.now(NEW_YORK) + HOUR:%Y-%m-%dT%H:%M}"
    data = form_data("<p>Later</p>", action="schedule", go_live_at=soon)
    assert admin_client.post(url("add", page), data).status_code == 200
    post = LivePost.objects.scheduled().get()
    assert timedelta(minutes=58) < post.go_live_at - datetime.now(UTC) <= HOUR
    form = admin_client.get(url("form", page, post.pk)).json()["html"]
    assert soon in form
    past = form_data("<p>Past</p>", action="schedule", go_live_at="2026-01-01T12:00")
    assert admin_client.post(url("add", page), past).status_code == 422
    for name in ("index", "posts"):
        assert admin_client.get(url(name, page)).status_code == 200
    assert admin_client.get(url("changes", page), {"since": "0"}).status_code == 200
    assert admin_client.get(url_of_post("history", post)).status_code == 200
    assert admin_client.get(reverse("wagtail_live:live")).status_code == 200
    undo = admin_client.post(url("delete", page, first.pk)).json()["undo"]
    assert admin_client.post(url("undo", page), {"undo": undo}).status_code == 200
    assert LivePost.objects.get(pk=first.pk).created == first.created


@pytest.mark.parametrize("publish", [run_jobs, None], ids=["housekeeping", "wagtail"])
def test_a_scheduled_post_is_published_when_it_is_due(publish, match_page):
    due = cursors.now() + HOUR
    posts.publish(match_page.live_channel, "Goal", go_live_at=due, actor=SYSTEM)
    for wait, count in ((HOUR / 2, 0), (HOUR * 1.1, 1)):
        with at(datetime.now(UTC) + wait):
            if publish:
                publish(cursors.now())
            else:
                call_command("publish_scheduled")
        assert match_page.live_posts.count() == count


def test_the_hour_that_comes_twice(client, match_page):
    """Posts keep their order and their times, and readers miss none."""
    channel, written, answers = match_page.live_channel, [], {}
    match_page.live_channel.posts.all().delete()
    for minutes in (-50, -10, 10, 50, 70):
        moment = CLOCKS_GO_BACK + timedelta(minutes=minutes)
        with at(moment):
            post = match_page.add_live_post(f"Post {minutes}")
            written.append((post.text, moment))
            answers[minutes] = client.post(
                f"/wagtail_live/get-updates/{match_page.channel_id}/"
            ).json()["lastUpdateTimestamp"]
    stored = [(p.text, p.created) for p in match_page.live_posts.oldest_first()]
    assert stored == written
    assert list(answers.values()) == sorted(set(answers.values()))
    polled = client.get(
        f"/wagtail_live/get-updates/{channel.channel_id}/?delta=1"
        f"&last_update_ts={answers[-10]!r}"
    )
    texts = re.findall(r"Post (-?\d+)", json.dumps(polled.json()["updates"]))
    assert texts == ["10", "50", "70"]


def test_an_edit_in_the_second_hour(match_page):
    with at(CLOCKS_GO_BACK - HOUR / 3):
        post = match_page.add_live_post("Gaol")
    with at(CLOCKS_GO_BACK + HOUR / 6):
        match_page.update_live_post(post, content="Goal")
    post.refresh_from_db()
    assert post.modified - post.created == HOUR / 2
    assert [f"{post.created:%H:%M}", f"{post.modified:%H:%M}"] == ["01:40", "01:10"]


def test_updates_in_python(match_page):
    since = match_page.last_updated_at
    post = match_page.add_live_post("Goal")
    assert since.tzinfo is None
    assert match_page.last_updated_at > since
    updated, current = match_page.get_updates_since(since)
    assert list(updated) == current == [str(post.pk)]


def test_the_database_has_the_times_in_utc(match_page):
    post = match_page.add_live_post("Goal", created=datetime(2026, 6, 1, 11))
    with connection.cursor() as cursor:
        cursor.execute("SELECT created FROM wagtail_live_livepost")
        [(stored,)] = cursor.fetchall()
    if connection.vendor == "sqlite":
        assert str(stored) == "2026-06-01 15:00:00"
    assert LivePost.objects.filter(created=post.created).exists()
    assert LivePost.objects.filter(created__lt=datetime(2026, 6, 1, 11, 1)).exists()


def test_the_status(admin_client, match_page):
    match_page.add_live_post("Goal")
    status = admin_client.get("/wagtail_live/status/").json()
    assert is_now(status["channels"]["last_update"])
    call_command("live_housekeeping")


def test_times_at_the_ends_of_the_calendar(match_page):
    post = match_page.add_live_post("Goal")
    first, last = cursors.parse(["0"]), cursors.parse(["253402300799"])
    assert list(match_page.get_updates_since(first)[0]) == [str(post.pk)]
    assert match_page.get_updates_since(last)[0] == {}

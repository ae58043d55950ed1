"""An editor sets the time of a post: the post moves, and its cursor is new."""

import json
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from wagtail.log_actions import registry

from tests.admin.desk.requests import user_who_may
from tests.posts.test_concurrent_writers import Reader
from wagtail_live import posts
from wagtail_live.models import Channel, LivePost
from wagtail_live.page import feeds, updates
from wagtail_live.page.structured_data import get_structured_data
from wagtail_live.page.timeline import get_page_around, get_posts_page, parse_position
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def match(match_page):
    """Three posts, one a minute."""
    return [
        match_page.add_live_post(text, created=NOON + timedelta(minutes=number))
        for number, text in enumerate(["Kick-off", "Goal", "Half-time"])
    ]


def texts(page):
    return [post.text for post in page.live_posts]


def messages(post):
    entries = registry.get_logs_for_instance(post).order_by("timestamp", "pk")
    return [str(entry.formatter.format_message(entry)) for entry in entries]


def test_a_post_moves_and_its_cursor_is_new(match_page, match):
    before = match_page.last_updated_at
    post = match_page.update_live_post(match[2], created=NOON + timedelta(seconds=30))
    assert texts(match_page) == ["Goal", "Half-time", "Kick-off"]
    assert post.updated_at == match_page.last_updated_at > before
    assert post.modified is None  # readers see no edit
    changed, current = match_page.get_updates_since(before)
    assert list(changed) == [str(post.pk)]
    assert changed[str(post.pk)]["created"] == post.created.timestamp()
    assert current == [str(match[index].pk) for index in (0, 2, 1)]


def test_the_same_time_changes_nothing(match_page, match):
    before = match_page.last_updated_at
    match_page.update_live_post(match[1], created=match[1].created)
    assert match_page.last_updated_at == before
    assert messages(match[1]) == ["Published"]


def test_posts_of_the_same_time_are_in_the_order_of_their_ids(match_page, match):
    for post in match:
        match_page.update_live_post(post, created=NOON)
    newest_first = sorted(match, key=lambda post: post.pk, reverse=True)
    assert list(match_page.live_posts) == newest_first
    pages = [get_posts_page(match_page.live_posts, size=1)]
    while older := pages[-1].older:
        before = parse_position(older)
        pages.append(get_posts_page(match_page.live_posts, before, size=1))
    assert [post for page in pages for post in page.posts] == newest_first


@pytest.mark.parametrize(
    ("created", "is_future"),
    [
        (datetime(1969, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(206, 6, 1, tzinfo=UTC), False),
        (datetime(2999, 1, 1, tzinfo=UTC), True),
    ],
)
def test_times_that_no_post_can_have(match_page, match, created, is_future):
    with pytest.raises(posts.InvalidTime) as caught:
        match_page.update_live_post(match[0], created=created)
    assert caught.value.is_future == is_future
    assert texts(match_page) == ["Half-time", "Goal", "Kick-off"]


def test_who_may_not_publish_may_not_set_a_time(match_page, channel):
    drafter = user_who_may(match_page, "change_page")
    with pytest.raises(PermissionDenied):
        posts.publish(channel, "Goal", show=False, created=NOON, actor=drafter)
    draft = posts.publish(channel, "Goal", show=False, actor=drafter)
    with pytest.raises(PermissionDenied):
        posts.edit(channel, draft, created=NOON, actor=drafter)
    posts.edit(channel, draft, created=NOON, actor=SYSTEM)
    posts.edit(channel, draft, content="Gaol", actor=drafter)
    first = draft.revisions.earliest("pk")
    posts.revert(channel, draft, first, actor=drafter)
    draft.refresh_from_db()
    assert (draft.text, draft.created) == ("Goal", NOON)


def test_a_draft_keeps_the_time_that_was_chosen(channel):
    draft = posts.publish(channel, "Goal", show=False, actor=SYSTEM)
    posts.edit(channel, draft, created=NOON, actor=SYSTEM)
    posts.show(channel, draft, actor=SYSTEM)
    assert draft.created == NOON
    assert draft.first_published_at == draft.updated_at > NOON


def test_a_draft_has_the_time_of_its_publication_again(channel):
    draft = posts.publish(channel, "Goal", show=False, created=NOON, actor=SYSTEM)
    posts.edit(channel, draft, created=None, actor=SYSTEM)
    posts.show(channel, draft, actor=SYSTEM)
    assert draft.created == draft.first_published_at


def test_a_scheduled_post_has_the_time_of_its_publication(channel):
    draft = posts.publish(channel, "Goal", show=False, created=NOON, actor=SYSTEM)
    soon = timezone.now() + HOUR
    posts.edit(channel, draft, go_live_at=soon, actor=SYSTEM)
    [published] = posts.publish_due(soon)
    assert published.created == published.first_published_at


def test_the_history_shows_the_change_and_undoes_it(channel, match):
    post, before = match[2], match[2].created
    posts.edit(channel, post, created=NOON - HOUR, actor=SYSTEM)
    posts.edit(channel, post, created=NOON - 2 * HOUR, content="A break", actor=SYSTEM)
    posts.edit(
        channel, post, created=NOON - 2 * HOUR + timedelta(seconds=5), actor=SYSTEM
    )
    published, moved, both, within_the_minute = messages(post)
    assert published == "Published"
    assert moved.startswith("Changed the time from June 1, 2026, 12:02 p.m. to June 1,")
    assert both.startswith("Edited, and changed the time from June 1, 2026, 11 a.m. to")
    assert within_the_minute == "Changed the time from 10:00:00 to 10:00:05"
    first = post.revisions.earliest("pk")
    posts.revert(channel, post, first, actor=SYSTEM)
    post.refresh_from_db()
    assert (post.text, post.created) == ("Half-time", before)
    assert channel.posts.newest_first()[0] == post


def test_a_text_from_before_the_publication_does_not_move_the_post(channel):
    post = posts.publish(channel, "Gaol", show=False, actor=SYSTEM)
    posts.edit(channel, post, content="Goal", show=True, actor=SYSTEM)
    published_at = post.created
    posts.revert(channel, post, post.revisions.earliest("pk"), actor=SYSTEM)
    post.refresh_from_db()
    assert (post.text, post.created) == ("Gaol", published_at)


def test_a_deletion_that_is_undone_restores_the_time(channel, match):
    posts.edit(channel, match[2], created=NOON - HOUR, actor=SYSTEM)
    snapshot = json.loads(json.dumps(posts.delete(channel, match[2], actor=SYSTEM)))
    restored = posts.restore(channel, snapshot, actor=SYSTEM)
    assert restored.created == NOON - HOUR
    assert restored.is_dated


def test_a_draft_that_is_restored_keeps_its_chosen_time(channel):
    draft = posts.publish(channel, "Goal", show=False, created=NOON, actor=SYSTEM)
    restored = posts.restore(
        channel, posts.delete(channel, draft, actor=SYSTEM), actor=SYSTEM
    )
    posts.show(channel, restored, actor=SYSTEM)
    assert restored.created == NOON


def test_no_post_was_updated_before_its_time(match_page, match):
    post = match_page.update_live_post(match[0], content="Kick-off!")
    assert post.modified
    later = post.modified + timedelta(seconds=1)
    assert match_page.update_live_post(post, created=NOON - HOUR).modified
    assert match_page.update_live_post(post, created=later).modified is None


def test_the_coverage_starts_with_the_oldest_post(client, match_page, match):
    def find_start():
        html = client.get(match_page.url).content.decode()
        return html.split('"coverageStartTime": "')[1].split('"')[0]

    started_at = match_page.live_channel.started_at
    match_page.update_live_post(match[0], created=timezone.now())
    match_page.update_live_post(match[1], created=started_at - HOUR)
    match_page.update_live_post(match[2], created=timezone.now())
    expected = (started_at - HOUR).isoformat(timespec="seconds")
    assert find_start() == expected
    for _ in range(50):
        match_page.add_live_post("News")
    assert find_start() == expected  # the post is on an older page
    match_page.update_live_post(match[1], show=False)
    assert find_start() == started_at.isoformat(timespec="seconds")


def test_a_pinned_post_and_a_key_event_move_in_the_overview(channel, match):
    for post in match:
        posts.edit(channel, post, is_key_event=True, title=post.text, actor=SYSTEM)
    since = posts.pin(channel, match[2], actor=SYSTEM).last_updated_at
    posts.edit(channel, match[2], created=NOON - HOUR, actor=SYSTEM)
    channel.refresh_from_db()
    answer = updates.payload(channel, since, delta=True, overview=True)
    head = answer["head"]
    places = [head.index(f"live-key-event-{match[index].pk}") for index in (1, 0, 2)]
    assert places == sorted(places)
    assert (NOON - HOUR).isoformat() in head.split("live-blog__pinned")[1]


def test_feeds_are_in_the_order_of_the_times(client, match_page, channel, match):
    urls = feeds.FeedURLs("https://example.com/", "https://example.com/", "")
    before = feeds.get_etag(channel, urls)
    posts.edit(channel, match[2], created=NOON - HOUR, actor=SYSTEM)
    channel.refresh_from_db()
    assert feeds.get_etag(channel, urls) != before
    page = get_posts_page(channel.posts.visible())
    items = json.loads(feeds.render_json(channel, page, urls))["items"]
    assert [item["summary"] for item in items] == ["Goal", "Kick-off", "Half-time"]
    assert items[2]["date_published"] == (NOON - HOUR).isoformat()
    assert items[2]["date_modified"] == items[2]["date_published"]


def test_the_link_to_a_post_leads_to_its_new_place(match_page, channel, match):
    for number in range(60):
        match_page.add_live_post(str(number))
    posts.edit(channel, match[0], created=timezone.now(), actor=SYSTEM)
    page = get_page_around(channel, match[0])
    assert page.posts[0] == match[0]
    assert page.before is None
    data = get_structured_data(match_page, channel, page.posts)
    assert data["liveBlogUpdate"][0]["headline"] == "Kick-off"


@pytest.mark.django_db(transaction=True)
def test_editors_who_move_posts_at_once_lose_nothing(match_page, match):
    """Their cursors are strictly increasing, and a reader gets each place."""
    channel = match_page.live_channel
    reader = Reader(channel)
    taken = []

    def move(post, step):
        try:
            for number in range(1, 16):
                moved = posts.edit(
                    Channel.objects.get(pk=channel.pk),
                    LivePost.objects.get(pk=post.pk),
                    created=NOON - number * step,
                    actor=SYSTEM,
                )
                taken.append(moved.updated_at)
        finally:
            connection.close()

    editors = [
        Thread(target=move, args=(match[0], timedelta(minutes=1))),
        Thread(target=move, args=(match[2], timedelta(minutes=2))),
    ]
    for editor in editors:
        editor.start()
    while any(editor.is_alive() for editor in editors):
        reader.poll()
    reader.poll()
    assert len(set(taken)) == len(taken) == 30
    assert max(taken) == match_page.last_updated_at
    assert set(reader.received) == {str(match[0].pk), str(match[2].pk)}
    assert texts(match_page) == ["Goal", "Kick-off", "Half-time"]

"""The changes after a cursor, key by key, and their cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from wagtail_live import cursors, posts
from wagtail_live.models import LivePost
from wagtail_live.page import updates
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def now(channel):
    channel.refresh_from_db()
    return channel.last_updated_at


def payload(channel, since, **form):
    channel.refresh_from_db()
    return updates.payload(channel, since, **form)


def fill(channel, count):
    """Old posts, written past the writer; only their number matters."""
    old = channel.last_updated_at - timedelta(days=1)
    LivePost.objects.bulk_create(
        LivePost(
            channel=channel,
            created=old,
            updated_at=old,
            first_published_at=old,
            content=[("text", "<p>old</p>")],
        )
        for _ in range(count)
    )


def test_the_full_form(channel):
    first = posts.publish(channel, "First", actor=SYSTEM)
    since = now(channel)
    second = posts.publish(channel, "Second", actor=SYSTEM)
    posts.edit(channel, first, content="First, corrected", actor=SYSTEM)
    answer = payload(channel, since)
    assert set(answer) == {"updates", "currentPosts", "lastUpdateTimestamp"}
    assert list(answer["updates"]) == [str(second.pk), str(first.pk)]
    assert answer["currentPosts"] == [str(first.pk), str(second.pk)]
    assert answer["lastUpdateTimestamp"] == now(channel).timestamp()
    entry = answer["updates"][str(first.pk)]
    assert entry["show"] is True
    assert "First, corrected" in entry["content"]
    assert entry["created"] == first.created.timestamp()
    assert entry["modified"] == first.modified.timestamp()


def test_the_lean_form(channel):
    hidden, deleted, kept = (
        posts.publish(channel, text, actor=SYSTEM) for text in "ABC"
    )
    since = now(channel)
    posts.delete(channel, deleted, actor=SYSTEM)
    posts.hide(channel, hidden, actor=SYSTEM)
    posts.edit(channel, kept, content="D", actor=SYSTEM)
    answer = payload(channel, since, delta=True)
    assert set(answer) == {"updates", "removals", "lastUpdateTimestamp"}
    assert list(answer["updates"]) == [str(kept.pk)]
    assert answer["removals"] == [str(deleted.pk), str(hidden.pk)]


def test_deleting_an_unpublished_post_is_not_a_removal(channel):
    draft = posts.publish(channel, "Draft", show=False, actor=SYSTEM)
    since = now(channel) - timedelta(days=1)
    posts.edit(channel, draft, content="Draft 2", actor=SYSTEM)
    assert updates.is_empty(payload(channel, since, delta=True))
    posts.delete(channel, draft, actor=SYSTEM)
    assert updates.is_empty(payload(channel, since, delta=True))


def test_the_handshake_lists_the_newest_post_first(channel):
    old, new = (
        posts.publish(channel, "Old", actor=SYSTEM),
        posts.publish(channel, "New", actor=SYSTEM),
    )
    now(channel)
    answer = updates.handshake(channel)
    assert answer == {
        "livePosts": [str(new.pk), str(old.pk)],
        "lastUpdateTimestamp": now(channel).timestamp(),
    }


def test_a_cursor_older_than_the_purge_gets_the_full_form(channel):
    """F-22: the list of all posts replaces a removal that is forgotten."""
    kept = posts.publish(channel, "Kept", actor=SYSTEM)
    since = now(channel)
    posts.delete(channel, posts.publish(channel, "Gone", actor=SYSTEM), actor=SYSTEM)
    after = now(channel)
    posts.purge_tombstones(channel, before=after + timedelta(seconds=1))
    assert payload(channel, since, delta=True)["currentPosts"] == [str(kept.pk)]
    assert "removals" in payload(channel, after, delta=True)


def test_a_cursor_that_was_never_reached_gets_the_full_form(channel):
    """R7: never an empty success for a cursor of another life of the database."""
    post = posts.publish(channel, "Kept", actor=SYSTEM)
    future = now(channel) + timedelta(hours=1)
    assert payload(channel, future, delta=True)["currentPosts"] == [str(post.pk)]


def test_the_overview_is_sent_only_if_requested_and_changed(channel):
    post = posts.publish(
        channel, "Kick-off", title="Kick-off", is_key_event=True, actor=SYSTEM
    )
    since = now(channel)
    coverage.summarise(channel, "<p>It has begun</p>", actor=SYSTEM)
    assert "head" not in payload(channel, since, delta=True)
    answer = payload(channel, since, delta=True, overview=True)
    assert answer["state"] == "live"
    assert "It has begun" in answer["head"]
    assert str(post.pk) in answer["head"]
    since = now(channel)
    posts.publish(channel, "Pass", actor=SYSTEM)
    assert "head" not in payload(channel, since, delta=True, overview=True)


def test_a_change_of_a_pinned_post_changes_the_overview(channel):
    post = posts.publish(channel, "Kick-off", actor=SYSTEM)
    coverage.pin(channel, post, actor=SYSTEM)
    since = now(channel)
    posts.edit(channel, post, content="Kick-off delayed", actor=SYSTEM)
    assert "delayed" in payload(channel, since, delta=True, overview=True)["head"]
    since = now(channel)
    posts.hide(channel, post, actor=SYSTEM)
    assert "delayed" not in payload(channel, since, delta=True, overview=True)["head"]


def test_one_change_costs_the_same_on_a_long_page(channel):
    def count_queries():
        since = now(channel)
        post = posts.publish(channel, "Goal", actor=SYSTEM)
        channel.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            answer = updates.payload(channel, since, delta=True)
        assert list(answer["updates"]) == [str(post.pk)]
        return len(queries)

    few = count_queries()
    fill(channel, 2000)
    assert count_queries() == few <= 4


@pytest.mark.sqlite
def test_the_lean_form_reads_an_index(channel):
    changed = channel.posts.filter(
        updated_at__gt=channel.last_updated_at, updated_at__lte=channel.last_updated_at
    ).visible()
    plan = changed.order_by("updated_at").explain()
    assert "wagtail_live_post_updated" in plan


def test_an_entry_is_the_html_of_the_page(channel, match_page, client):
    post = posts.publish(channel, "<p>Goal</p>", actor=SYSTEM)
    entry = updates.render_posts([post])[str(post.pk)]["content"]
    assert entry in client.get(match_page.url).content.decode()


def test_posts_are_rendered_in_the_sites_language_for_every_reader(channel, settings):
    from django.utils import translation

    post = posts.publish(channel, "Goal", actor=SYSTEM)
    english = updates.render_post(post)
    with translation.override("fr"):
        assert updates.render_post(post) == english


def test_timestamps_of_a_response_are_exact(channel):
    posts.publish(channel, "Goal", actor=SYSTEM)
    answer = payload(channel, now(channel) - timedelta(days=1))
    assert cursors.parse([repr(answer["lastUpdateTimestamp"])]) == now(channel)

"""The life of a post: draft, submitted, scheduled, published, hidden, deleted, back."""

import json
import re
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from wagtail_live import posts
from wagtail_live.models import Channel, LivePost, PostStatus
from wagtail_live.page import updates
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SOON = timedelta(hours=1)


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def read(channel, since):
    """Return the answer to a reader at a cursor, and the reader's next cursor."""
    channel.refresh_from_db()
    return updates.payload(channel, since, delta=True), channel.last_updated_at


def delete_for_a_while(channel, post):
    """Delete the post; returns its snapshot as a session hands it back."""
    return json.loads(json.dumps(posts.delete(channel, post, actor=SYSTEM)))


def test_each_status_is_found_by_its_name(channel):
    soon = timezone.now() + SOON
    made = {
        PostStatus.DRAFT: posts.publish(channel, "A", show=False, actor=SYSTEM),
        PostStatus.SUBMITTED: posts.publish(
            channel, "B", show=False, submitted=True, actor=SYSTEM
        ),
        PostStatus.SCHEDULED: posts.publish(
            channel, "C", go_live_at=soon, actor=SYSTEM
        ),
        PostStatus.PUBLISHED: posts.publish(channel, "D", actor=SYSTEM),
        PostStatus.HIDDEN: posts.hide(
            channel, posts.publish(channel, "E", actor=SYSTEM), actor=SYSTEM
        ),
    }
    for status, post in made.items():
        assert post.status == status
        assert list(channel.posts.with_status(status)) == [post]
    assert channel.posts.with_status("draft").get() == made[PostStatus.DRAFT]
    assert channel.posts.submitted().get() == made[PostStatus.SUBMITTED]
    assert channel.posts.scheduled().get() == made[PostStatus.SCHEDULED]
    assert channel.posts.visible().get() == made[PostStatus.PUBLISHED]
    assert channel.posts.with_status("hidden").get() == made[PostStatus.HIDDEN]


def test_a_post_is_named_by_what_it_says(channel):
    assert str(posts.publish(channel, "Goal!", actor=SYSTEM)).startswith("Goal!")
    assert str(posts.publish(channel, [], actor=SYSTEM)).startswith("Post of 20")


def test_unpublished_posts_are_not_sent_to_readers(channel):
    since = channel.last_updated_at
    for options in (
        {"show": False},
        {"show": False, "submitted": True},
        {"go_live_at": timezone.now() + SOON},
    ):
        posts.publish(channel, "Secret", **options, actor=SYSTEM)
    answer, _ = read(channel, since)
    assert (answer["updates"], answer["removals"]) == ({}, [])


def test_no_draft_moves_the_last_update_that_readers_see(match_page, channel, client):
    def last_update():
        html = client.get(match_page.url).content.decode()
        feed = client.get(reverse("live-atom-feed", args=[channel.channel_id]))
        places = {
            r'live-blog__updated"[^>]* datetime="([^"]+)"': html,
            r'"dateModified": ?"([^"]+)"': html,
            r"<updated>([^<]+)<": feed.content.decode(),
        }
        [entry] = match_page.get_sitemap_urls()
        found = {re.search(pattern, text)[1] for pattern, text in places.items()}
        moments = {entry["lastmod"], *map(datetime.fromisoformat, found)}
        assert len({moment.replace(microsecond=0) for moment in moments}) == 1
        return max(moments)

    post = posts.publish(channel, "Goal", actor=SYSTEM)
    seen = last_update()
    draft = posts.publish(channel, "Secret", show=False, actor=SYSTEM)
    posts.edit(channel, draft, content="Secret too", submitted=True, actor=SYSTEM)
    posts.edit(channel, draft, go_live_at=timezone.now() + SOON, actor=SYSTEM)
    posts.delete(channel, draft, actor=SYSTEM)
    posts.delete(
        channel,
        posts.publish(channel, "Secret", show=False, actor=SYSTEM),
        actor=SYSTEM,
    )
    assert last_update() == seen
    changes = (
        lambda: posts.edit(channel, post, content="Goal!", actor=SYSTEM),
        lambda: posts.hide(channel, post, actor=SYSTEM),
        lambda: posts.show(channel, post, actor=SYSTEM),
        lambda: coverage.summarise(channel, "<p>1–0</p>", actor=SYSTEM),
        lambda: coverage.set_state(channel, "paused", actor=SYSTEM),
        lambda: posts.delete(channel, post, actor=SYSTEM),
    )
    for change in changes:
        change()
        assert last_update() > seen
        seen = last_update()


def test_a_moment_that_is_past_publishes_at_once(channel):
    post = posts.publish(
        channel, "Goal", go_live_at=timezone.now() - SOON, actor=SYSTEM
    )
    assert (post.status, post.go_live_at) == (PostStatus.PUBLISHED, None)


def test_a_draft_stands_on_top_when_it_is_published(channel):
    draft = posts.publish(channel, "Background", show=False, actor=SYSTEM)
    posts.publish(channel, "Kick-off", actor=SYSTEM)
    posts.show(channel, draft, actor=SYSTEM)
    assert [post.text for post in channel.posts.visible().newest_first()] == [
        "Background",
        "Kick-off",
    ]
    assert draft.created == draft.first_published_at


def test_a_hidden_post_is_shown_again_in_its_place(channel):
    post = posts.publish(channel, "Kick-off", actor=SYSTEM)
    created = post.created
    posts.publish(channel, "Goal", actor=SYSTEM)
    posts.show(channel, posts.hide(channel, post, actor=SYSTEM), actor=SYSTEM)
    assert post.created == created


def test_a_schedule_is_changed_and_cancelled(channel):
    soon = timezone.now() + SOON
    post = posts.publish(channel, "Goal", go_live_at=soon, actor=SYSTEM)
    posts.edit(channel, post, content="Own goal", show=False, actor=SYSTEM)
    assert (post.status, post.go_live_at) == (PostStatus.SCHEDULED, soon)
    posts.edit(channel, post, go_live_at=soon + SOON, actor=SYSTEM)
    assert post.go_live_at == soon + SOON
    posts.edit(channel, post, go_live_at=None, actor=SYSTEM)
    assert post.status == PostStatus.DRAFT


def test_a_scheduled_post_that_is_hidden_stays_so(channel):
    post = posts.publish(
        channel, "Goal", go_live_at=timezone.now() + SOON, actor=SYSTEM
    )
    assert posts.hide(channel, post, actor=SYSTEM).status == PostStatus.DRAFT


def test_a_scheduled_post_is_published_before_its_time(channel):
    post = posts.publish(
        channel, "Goal", go_live_at=timezone.now() + SOON, actor=SYSTEM
    )
    assert posts.show(channel, post, actor=SYSTEM).status == PostStatus.PUBLISHED
    assert post.go_live_at is None


def test_an_editor_sees_since_when_a_post_waits(channel):
    draft = posts.publish(channel, "Goal", show=False, actor=SYSTEM)
    posts.edit(channel, draft, submitted=True, actor=SYSTEM)
    waits_since = draft.submitted_at
    posts.edit(channel, draft, content="Own goal", submitted=True, actor=SYSTEM)
    assert draft.submitted_at == waits_since
    posts.edit(channel, draft, submitted=False, actor=SYSTEM)
    assert draft.status == PostStatus.DRAFT
    posts.edit(channel, draft, submitted=True, actor=SYSTEM)
    assert posts.show(channel, draft, actor=SYSTEM).submitted_at is None


@pytest.mark.parametrize(
    "change",
    [
        partial(posts.edit, content="Mine"),
        partial(posts.edit, go_live_at=timezone.now() + SOON),
        posts.hide,
        posts.delete,
    ],
    ids=["edit", "schedule", "hide", "delete"],
)
def test_a_change_of_a_version_that_is_no_longer_there_is_a_conflict(channel, change):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    read_version = post.updated_at
    posts.edit(channel, LivePost.objects.get(), content="Theirs", actor=SYSTEM)
    cursor = Channel.objects.get().last_updated_at
    with pytest.raises(posts.Conflict) as conflict:
        change(channel, post, expected=read_version, actor=SYSTEM)
    assert conflict.value.post.text == "Theirs"
    assert LivePost.objects.get().text == "Theirs"
    assert Channel.objects.get().last_updated_at == cursor


def test_the_version_that_was_read_may_be_changed(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.edit(
        channel, post, content="Own goal", expected=post.updated_at, actor=SYSTEM
    )
    posts.hide(channel, post, expected=post.updated_at, actor=SYSTEM)
    posts.show(channel, post, expected=post.updated_at, actor=SYSTEM)
    posts.delete(channel, post, expected=post.updated_at, actor=SYSTEM)
    assert not channel.posts.exists()


@override_settings(USE_TZ=False)
def test_versions_without_a_time_zone(channel):
    post = posts.publish(
        channel, "Goal", go_live_at=timezone.now() + SOON, actor=SYSTEM
    )
    posts.edit(
        channel, post, content="Own goal", expected=post.updated_at, actor=SYSTEM
    )
    posts.restore(channel, delete_for_a_while(channel, post), actor=SYSTEM)
    assert channel.posts.get().go_live_at == post.go_live_at


def test_a_deletion_is_undone(channel, reporter):
    post = posts.publish(
        channel,
        [("text", "Goal"), ("text", "by Kane")],
        source="slack",
        message_id="1",
        title="1:0",
        author=reporter,
        author_name="Rita",
        is_key_event=True,
        actor=SYSTEM,
    )
    posts.edit(channel, post, content="Goal!", actor=SYSTEM)
    before = LivePost.objects.filter(pk=post.pk).values().get()
    snapshot = delete_for_a_while(channel, post)
    answer, cursor = read(channel, channel.last_updated_at)
    assert answer["removals"] == [str(post.pk)]

    posts.restore(channel, snapshot, actor=SYSTEM)
    after = LivePost.objects.filter(pk=post.pk).values().get()
    version = {"updated_at", "latest_revision_id"}
    assert before.keys() == after.keys()
    assert {key for key in before if before[key] != after[key]} == version
    answer, _ = read(channel, cursor)
    assert list(answer["updates"]) == [str(post.pk)]
    assert answer["removals"] == []
    assert not channel.tombstones.exists()


def test_a_deletion_is_undone_once(channel):
    snapshot = delete_for_a_while(channel, posts.publish(channel, "Goal", actor=SYSTEM))
    restored = posts.restore(channel, snapshot, actor=SYSTEM)
    posts.edit(channel, restored, content="Own goal", actor=SYSTEM)
    assert posts.restore(channel, snapshot, actor=SYSTEM).text == "Own goal"
    assert channel.posts.count() == 1
    posts.delete(channel, restored, actor=SYSTEM)
    with pytest.raises(posts.Withdrawn):
        posts.restore(channel, snapshot, actor=SYSTEM)
    assert not channel.posts.exists()


def test_a_message_of_a_restored_post_makes_no_other(channel):
    message = {"source": "slack", "message_id": "1"}
    post = posts.publish(channel, "Goal", **message, actor=SYSTEM)
    restored = posts.restore(channel, delete_for_a_while(channel, post), actor=SYSTEM)
    assert posts.publish(channel, "Goal", **message, actor=SYSTEM) == restored


def test_a_restored_post_is_pinned_again_unless_another_is(channel):
    post = posts.publish(channel, "Kick-off", actor=SYSTEM)
    coverage.pin(channel, post, actor=SYSTEM)
    post.channel.refresh_from_db()
    snapshot = delete_for_a_while(channel, post)
    posts.restore(channel, snapshot, actor=SYSTEM)
    assert Channel.objects.get().pinned_post == post
    snapshot = delete_for_a_while(channel, LivePost.objects.get())
    other = posts.publish(channel, "Goal", actor=SYSTEM)
    coverage.pin(channel, other, actor=SYSTEM)
    posts.restore(channel, snapshot, actor=SYSTEM)
    assert Channel.objects.get().pinned_post == other


def test_a_post_is_restored_without_an_author_who_is_gone(channel, reporter):
    post = posts.publish(
        channel, "Goal", author=reporter, author_name="Rita", actor=SYSTEM
    )
    snapshot = delete_for_a_while(channel, post)
    reporter.delete()
    restored = posts.restore(channel, snapshot, actor=SYSTEM)
    assert (restored.author, restored.author_name) == (None, "Rita")


def test_a_draft_is_restored_as_a_draft(channel):
    draft = posts.publish(channel, "Secret", show=False, actor=SYSTEM)
    snapshot = delete_for_a_while(channel, draft)
    assert posts.restore(channel, snapshot, actor=SYSTEM).status == PostStatus.DRAFT

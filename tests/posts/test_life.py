"""The life of a post: draft, submitted, scheduled, published, hidden, deleted, back."""

import json
import re
from datetime import datetime, timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from wagtail_live import posts
from wagtail_live.models import Channel, LivePost, PostStatus
from wagtail_live.page import updates
from wagtail_live.posts import channel as coverage

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SOON = timedelta(hours=1)


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def read(channel, since):
    """What a reader at a cursor gets, and the cursor that he has then."""
    channel.refresh_from_db()
    return updates.payload(channel, since, delta=True), channel.last_updated_at


def delete_for_a_while(channel, post):
    """Delete the post; returns its snapshot as a session hands it back."""
    snapshot = json.loads(json.dumps(posts.snapshot(post)))
    posts.delete(channel, post)
    return snapshot


def test_each_status_is_found_by_its_name(channel):
    soon = timezone.now() + SOON
    made = {
        PostStatus.DRAFT: posts.publish(channel, "A", show=False),
        PostStatus.SUBMITTED: posts.publish(channel, "B", show=False, submitted=True),
        PostStatus.SCHEDULED: posts.publish(channel, "C", go_live_at=soon),
        PostStatus.PUBLISHED: posts.publish(channel, "D"),
        PostStatus.HIDDEN: posts.hide(channel, posts.publish(channel, "E")),
    }
    for status, post in made.items():
        assert post.status == status
        assert list(channel.posts.with_status(status)) == [post]
    assert channel.posts.drafts().get() == made[PostStatus.DRAFT]
    assert channel.posts.submitted().get() == made[PostStatus.SUBMITTED]
    assert channel.posts.scheduled().get() == made[PostStatus.SCHEDULED]
    assert channel.posts.visible().get() == made[PostStatus.PUBLISHED]
    assert channel.posts.hidden().get() == made[PostStatus.HIDDEN]


def test_a_post_is_named_by_what_it_says(channel):
    assert str(posts.publish(channel, "Goal!")).startswith("Goal!")
    assert str(posts.publish(channel, [])).startswith("Post of 20")


def test_readers_learn_nothing_of_a_post_before_it_is_published(channel):
    since = channel.last_updated_at
    for options in (
        {"show": False},
        {"show": False, "submitted": True},
        {"go_live_at": timezone.now() + SOON},
    ):
        posts.publish(channel, "Secret", **options)
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

    post = posts.publish(channel, "Goal")
    seen = last_update()
    draft = posts.publish(channel, "Secret", show=False)
    posts.edit(channel, draft, content="Secret too", submitted=True)
    posts.edit(channel, draft, go_live_at=timezone.now() + SOON)
    posts.delete(channel, draft)
    posts.delete(channel, posts.publish(channel, "Secret", show=False))
    assert last_update() == seen
    changes = (
        lambda: posts.edit(channel, post, content="Goal!"),
        lambda: posts.hide(channel, post),
        lambda: posts.show(channel, post),
        lambda: coverage.summarise(channel, "<p>1–0</p>"),
        lambda: coverage.set_state(channel, "paused"),
        lambda: posts.delete(channel, post),
    )
    for change in changes:
        change()
        assert last_update() > seen
        seen = last_update()


def test_a_moment_that_is_past_publishes_at_once(channel):
    post = posts.publish(channel, "Goal", go_live_at=timezone.now() - SOON)
    assert (post.status, post.go_live_at) == (PostStatus.PUBLISHED, None)


def test_a_draft_stands_on_top_when_it_is_published(channel):
    draft = posts.publish(channel, "Background", show=False)
    posts.publish(channel, "Kick-off")
    posts.show(channel, draft)
    assert [post.text for post in channel.posts.visible().newest_first()] == [
        "Background",
        "Kick-off",
    ]
    assert draft.created == draft.first_published_at


def test_a_post_that_was_hidden_comes_back_where_it_was(channel):
    post = posts.publish(channel, "Kick-off")
    created = post.created
    posts.publish(channel, "Goal")
    posts.show(channel, posts.hide(channel, post))
    assert post.created == created


def test_a_schedule_is_changed_and_cancelled(channel):
    soon = timezone.now() + SOON
    post = posts.publish(channel, "Goal", go_live_at=soon)
    posts.edit(channel, post, content="Own goal", show=False)
    assert (post.status, post.go_live_at) == (PostStatus.SCHEDULED, soon)
    posts.edit(channel, post, go_live_at=soon + SOON)
    assert post.go_live_at == soon + SOON
    posts.edit(channel, post, go_live_at=None)
    assert post.status == PostStatus.DRAFT


def test_a_scheduled_post_that_is_hidden_stays_so(channel):
    post = posts.publish(channel, "Goal", go_live_at=timezone.now() + SOON)
    assert posts.hide(channel, post).status == PostStatus.DRAFT


def test_a_scheduled_post_is_published_before_its_time(channel):
    post = posts.publish(channel, "Goal", go_live_at=timezone.now() + SOON)
    assert posts.show(channel, post).status == PostStatus.PUBLISHED
    assert post.go_live_at is None


def test_an_editor_sees_since_when_a_post_waits(channel):
    draft = posts.publish(channel, "Goal", show=False)
    posts.edit(channel, draft, submitted=True)
    waits_since = draft.submitted_at
    posts.edit(channel, draft, content="Own goal", submitted=True)
    assert draft.submitted_at == waits_since
    posts.edit(channel, draft, submitted=False)
    assert draft.status == PostStatus.DRAFT
    posts.edit(channel, draft, submitted=True)
    assert posts.show(channel, draft).submitted_at is None


@pytest.mark.parametrize(
    "change",
    [
        lambda *post, **expected: posts.edit(*post, content="Mine", **expected),
        posts.hide,
        posts.show,
        posts.delete,
    ],
    ids=["edit", "hide", "show", "delete"],
)
def test_a_change_of_a_version_that_is_no_longer_there_is_a_conflict(channel, change):
    post = posts.publish(channel, "Goal")
    read_version = post.updated_at
    posts.edit(channel, LivePost.objects.get(), content="Theirs")
    cursor = Channel.objects.get().last_updated_at
    with pytest.raises(posts.Conflict) as conflict:
        change(channel, post, expected=read_version)
    assert conflict.value.post.text == "Theirs"
    assert LivePost.objects.get().text == "Theirs"
    assert Channel.objects.get().last_updated_at == cursor


def test_the_version_that_was_read_may_be_changed(channel):
    post = posts.publish(channel, "Goal")
    posts.edit(channel, post, content="Own goal", expected=post.updated_at)
    posts.hide(channel, post, expected=post.updated_at)
    posts.show(channel, post, expected=post.updated_at)
    posts.delete(channel, post, expected=post.updated_at)
    assert not channel.posts.exists()


@override_settings(USE_TZ=False)
def test_versions_without_a_time_zone(channel):
    post = posts.publish(channel, "Goal", go_live_at=timezone.now() + SOON)
    posts.edit(channel, post, content="Own goal", expected=post.updated_at)
    posts.restore(channel, delete_for_a_while(channel, post))
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
    )
    posts.edit(channel, post, content="Goal!")
    before = LivePost.objects.filter(pk=post.pk).values().get()
    snapshot = delete_for_a_while(channel, post)
    answer, cursor = read(channel, channel.last_updated_at)
    assert answer["removals"] == [str(post.pk)]

    posts.restore(channel, snapshot)
    after = LivePost.objects.filter(pk=post.pk).values().get()
    version = {"updated_at", "latest_revision_id"}
    assert before.keys() == after.keys()
    assert {key for key in before if before[key] != after[key]} == version
    answer, _ = read(channel, cursor)
    assert list(answer["updates"]) == [str(post.pk)]
    assert answer["removals"] == []
    assert not channel.tombstones.exists()


def test_a_deletion_is_undone_once(channel):
    snapshot = delete_for_a_while(channel, posts.publish(channel, "Goal"))
    restored = posts.restore(channel, snapshot)
    posts.edit(channel, restored, content="Own goal")
    assert posts.restore(channel, snapshot).text == "Own goal"
    assert channel.posts.count() == 1


def test_a_message_of_a_restored_post_makes_no_other(channel):
    message = {"source": "slack", "message_id": "1"}
    post = posts.publish(channel, "Goal", **message)
    restored = posts.restore(channel, delete_for_a_while(channel, post))
    assert posts.publish(channel, "Goal", **message) == restored


def test_a_restored_post_is_pinned_again_unless_another_is(channel):
    post = posts.publish(channel, "Kick-off")
    coverage.pin(channel, post)
    post.channel.refresh_from_db()
    snapshot = delete_for_a_while(channel, post)
    posts.restore(channel, snapshot)
    assert Channel.objects.get().pinned_post == post
    snapshot = delete_for_a_while(channel, LivePost.objects.get())
    other = posts.publish(channel, "Goal")
    coverage.pin(channel, other)
    posts.restore(channel, snapshot)
    assert Channel.objects.get().pinned_post == other


def test_a_post_is_restored_without_an_author_who_is_gone(channel, reporter):
    post = posts.publish(channel, "Goal", author=reporter, author_name="Rita")
    snapshot = delete_for_a_while(channel, post)
    reporter.delete()
    restored = posts.restore(channel, snapshot)
    assert (restored.author, restored.author_name) == (None, "Rita")


def test_a_draft_is_restored_as_a_draft(channel):
    draft = posts.publish(channel, "Secret", show=False)
    snapshot = delete_for_a_while(channel, draft)
    assert posts.restore(channel, snapshot).status == PostStatus.DRAFT

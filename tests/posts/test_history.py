"""The history of a post: who changed what when, in Wagtail's revisions and log."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, Revision

from wagtail_live import posts
from wagtail_live.models import Channel, LivePost, PostStatus
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def log_of(post):
    """Return the people and their actions, oldest first, as on the history page."""
    entries = registry.get_logs_for_instance(post).order_by("timestamp", "pk")
    return [
        (entry.user, str(entry.formatter.format_message(entry))) for entry in entries
    ]


def test_each_version_of_a_post_can_be_read(channel, reporter):
    post = posts.publish(channel, "Goal", actor=reporter)
    posts.edit(channel, post, content="Own goal", title="0:1", actor=SYSTEM)
    posts.hide(channel, post, actor=reporter)
    first, second, third = post.revisions.order_by("created_at")
    assert [r.user for r in (first, second, third)] == [reporter, None, reporter]
    assert [r.as_object().text for r in (first, second)] == ["Goal", "Own goal"]
    assert [r.as_object().show for r in (first, second, third)] == [True, True, False]
    assert third.created_at == post.updated_at
    assert LivePost.objects.get().latest_revision == third


def test_the_log_shows_who_did_what(channel, reporter):
    soon = timezone.now() + timedelta(hours=1)
    post = posts.publish(channel, "Goal", show=False, actor=SYSTEM)
    posts.edit(channel, post, content="Own goal", actor=reporter)
    posts.edit(channel, post, submitted=True, actor=reporter)
    posts.edit(channel, post, go_live_at=soon, actor=reporter)
    posts.edit(channel, post, go_live_at=None, actor=reporter)
    posts.show(channel, post, actor=reporter)
    posts.hide(channel, post, actor=SYSTEM)
    acts = log_of(post)
    assert [user for user, _ in acts] == [None, *[reporter] * 5, None]
    scheduled = acts.pop(3)[1]
    assert scheduled.startswith("Scheduled for ")
    assert [message for _, message in acts] == [
        "Created",
        "Edited",
        "Submitted to editor",
        "Cancelled the schedule",
        "Published",
        "Unpublished",
    ]


def test_an_unchanged_post_has_no_new_revision(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.edit(channel, post, content="Goal", show=True, actor=SYSTEM)
    assert post.revisions.count() == 1
    assert len(log_of(post)) == 1


def test_a_change_that_is_rolled_back_leaves_no_trace(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    with transaction.atomic():
        posts.edit(channel, post, content="Own goal", actor=SYSTEM)
        transaction.set_rollback(True)
    assert post.revisions.count() == 1
    assert len(log_of(post)) == 1


def test_a_post_is_reverted(channel, reporter):
    post = posts.publish(channel, "Goal", title="1:0", actor=SYSTEM)
    first = post.latest_revision
    posts.edit(channel, post, content="Own goal", title="0:1", show=False, actor=SYSTEM)
    posts.revert(channel, post, first, actor=reporter)
    assert (post.text, post.title, post.status) == ("Goal", "1:0", PostStatus.HIDDEN)
    assert post.revisions.count() == 3
    user, message = log_of(post)[-1]
    assert user == reporter
    assert f"Reverted to previous revision with id {first.pk}" in message


def test_a_revision_that_is_published_goes_through_the_writer(channel):
    """As a site does with revisions of its other models: ``revision.publish()``."""
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    first = post.latest_revision
    posts.edit(channel, post, content="Own goal", show=False, actor=SYSTEM)
    before = Channel.objects.get().last_updated_at
    first.publish()
    post = channel.posts.get()
    assert (post.text, post.status) == ("Goal", PostStatus.PUBLISHED)
    assert post.updated_at == Channel.objects.get().last_updated_at > before


def test_a_post_does_not_become_a_version_of_another(channel):
    post, other = (
        posts.publish(channel, "Goal", actor=SYSTEM),
        posts.publish(channel, "Corner", actor=SYSTEM),
    )
    with pytest.raises(Revision.DoesNotExist):
        posts.revert(channel, post, other.latest_revision, actor=SYSTEM)
    first, version = post.latest_revision, post.updated_at
    posts.edit(channel, post, content="Own goal", actor=SYSTEM)
    with pytest.raises(posts.Conflict):
        posts.revert(channel, post, first, expected=version, actor=SYSTEM)


def test_a_deletion_that_is_undone_keeps_the_versions(channel, reporter):
    post = posts.publish(channel, "Gaol", actor=reporter)
    posts.edit(channel, post, content="Goal", actor=SYSTEM)
    before = list(post.revisions.order_by("pk").values())
    snapshot = json.loads(json.dumps(posts.delete(channel, post, actor=reporter)))
    assert not post.revisions.exists()
    restored = posts.restore(channel, snapshot, actor=reporter)
    after = list(restored.revisions.order_by("pk").values())
    assert after[:-1] == before
    assert restored.latest_revision_id == after[-1]["id"]
    entries = ModelLogEntry.objects.for_instance(restored).exclude(revision=None)
    assert {entry.revision.pk for entry in entries} == {row["id"] for row in after}


def test_nothing_is_left_of_a_deleted_post(channel, reporter):
    post = posts.publish(channel, "Secret", title="Secret", actor=SYSTEM)
    posts.edit(channel, post, content="Secret!", actor=SYSTEM)
    snapshot = posts.snapshot(post)
    posts.delete(channel, post, actor=reporter)
    entries = ModelLogEntry.objects.for_instance(post)
    assert not Revision.objects.for_instance(post).exists()
    assert "Secret" not in str(list(entries.values()))
    assert log_of(post)[-1] == (reporter, "Deleted")
    assert entries.get(deleted=True).label.startswith("Post of ")
    posts.restore(channel, snapshot, actor=reporter)
    assert log_of(post)[-1] == (reporter, "Undid the deletion")


def test_the_versions_go_with_the_page(match_page):
    match_page.add_live_post("Goal")
    match_page.delete()
    assert not Revision.objects.not_page_revisions().exists()

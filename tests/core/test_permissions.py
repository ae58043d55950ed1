"""Permissions to write: the writer checks those on the page."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowTask,
)

from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.models import Channel, LivePost, PostStatus
from wagtail_live.permissions import (
    SYSTEM,
    OnlyDrafts,
    Rights,
    get_lock,
    may_draft,
    may_publish,
    may_read,
)
from wagtail_live.posts import channel as coverage

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def make_user(django_user_model):
    def make(name, page, *rights):
        group = Group.objects.create(name=name)
        for right in rights:
            permission = Permission.objects.get(
                content_type__app_label="wagtailcore", codename=f"{right}_page"
            )
            GroupPagePermission.objects.create(
                group=group, page=Page.objects.get(pk=page.pk), permission=permission
            )
        user = django_user_model.objects.create_user(name, password="password")
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def drafter(make_user, match_page):
    return make_user("drafter", match_page, "change")


@pytest.fixture
def editor(make_user, match_page):
    return make_user("editor", match_page, "change", "publish")


@pytest.fixture
def stranger(make_user, home_page):
    """A user with all rights on another live page."""
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    return make_user("stranger", other, "change", "publish")


def delete_and_restore(channel, post, *, actor):
    snapshot = json.loads(json.dumps(posts.snapshot(post)))
    posts.delete(channel, post, actor=SYSTEM)
    posts.restore(channel, snapshot, actor=actor)


PUBLISHED_POST_CHANGES = {
    "edit": lambda c, post, user: posts.edit(c, post, content="x", actor=user),
    "hide": lambda c, post, user: posts.hide(c, post, actor=user),
    "delete": lambda c, post, user: posts.delete(c, post, actor=user),
    "restore": lambda c, post, user: delete_and_restore(c, post, actor=user),
    "schedule": lambda c, post, user: posts.edit(
        c, post, go_live_at=timezone.now() + timedelta(hours=1), actor=user
    ),
    "revert": lambda c, post, user: posts.revert(
        c, post, post.latest_revision, show=False, actor=user
    ),
    "publish": lambda c, post, user: posts.publish(c, "x", actor=user),
    "pin": lambda c, post, user: coverage.pin(c, post, actor=user),
    "end": lambda c, post, user: coverage.set_state(c, "ended", actor=user),
    "summarise": lambda c, post, user: coverage.summarise(c, "x", actor=user),
}
each_publishing_change = pytest.mark.parametrize(
    "change", PUBLISHED_POST_CHANGES.values(), ids=PUBLISHED_POST_CHANGES
)


@each_publishing_change
@pytest.mark.parametrize("who", ["drafter", "stranger"])
def test_editors_change_nothing_that_readers_see(channel, request, change, who):
    user = request.getfixturevalue(who)
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    with pytest.raises(PermissionDenied):
        change(channel, post, user)
    if change is not PUBLISHED_POST_CHANGES["restore"]:
        assert [post.text for post in channel.posts.visible()] == ["Goal"]
    assert Channel.objects.get(pk=channel.pk).state == "live"


@each_publishing_change
def test_publishers_may_do_everything(channel, editor, change):
    change(channel, posts.publish(channel, "Goal", actor=SYSTEM), editor)


@each_publishing_change
def test_a_page_locked_by_someone_else_is_read_only(
    channel, match_page, editor, reporter, change
):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    Page.objects.filter(pk=match_page.pk).update(locked=True, locked_by=reporter)
    with pytest.raises(PermissionDenied):
        change(Channel.objects.get(pk=channel.pk), post, editor)


def test_users_can_write_a_page_that_they_have_locked(channel, match_page, editor):
    Page.objects.filter(pk=match_page.pk).update(locked=True, locked_by=editor)
    assert posts.publish(channel, "Goal", actor=editor).show


def test_a_drafter_writes_submits_and_deletes_drafts(channel, drafter):
    draft = posts.publish(channel, "Goal", show=False, author=drafter, actor=drafter)
    posts.edit(channel, draft, content="Own goal", submitted=True, actor=drafter)
    assert draft.status == PostStatus.SUBMITTED
    snapshot = posts.snapshot(draft)
    posts.delete(channel, draft, actor=drafter)
    assert posts.restore(channel, snapshot, actor=drafter).text == "Own goal"


def test_a_drafter_publishes_and_schedules_nothing(channel, drafter):
    draft = posts.publish(channel, "Goal", show=False, author=drafter, actor=drafter)
    soon = timezone.now() + timedelta(hours=1)
    for change in ({"show": True}, {"go_live_at": soon}):
        with pytest.raises(PermissionDenied):
            posts.edit(channel, draft, **change, actor=drafter)
        with pytest.raises(PermissionDenied):
            posts.publish(channel, "Goal", actor=drafter, **change)
    assert LivePost.objects.get().status == PostStatus.DRAFT


def test_a_drafter_cannot_delete_scheduled_posts(channel, drafter):
    soon = timezone.now() + timedelta(hours=1)
    with pytest.raises(PermissionDenied):
        posts.delete(
            channel,
            posts.publish(channel, "x", go_live_at=soon, actor=SYSTEM),
            actor=drafter,
        )


def test_rights_on_one_page_are_none_on_another(match_page, stranger, drafter, editor):
    rights = {
        user.username: (
            may_read(user, match_page),
            may_draft(user, match_page),
            may_publish(user, match_page),
        )
        for user in (stranger, drafter, editor)
    }
    assert rights == {
        "stranger": (False, False, False),
        "drafter": (True, True, False),
        "editor": (True, True, True),
    }


def test_a_page_in_a_workflow_is_read_only_for_non_approvers(
    match_page, editor, drafter, reporter
):
    workflow = Workflow.objects.create(name="Approval")
    task = GroupApprovalTask.objects.create(name="Approve")
    task.groups.add(Group.objects.get(name="Moderators"))
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    match_page.save_revision()
    workflow.start(match_page, drafter)
    page = MatchPage.objects.get(pk=match_page.pk)
    assert may_read(editor, page)
    assert not may_publish(editor, page)
    assert get_lock(editor, page).get_message(editor)
    assert may_publish(reporter, page), "who approves the page"


def test_a_page_that_is_scheduled_is_read_only(match_page, editor):
    match_page.go_live_at = timezone.now() + timedelta(hours=1)
    match_page.save_revision().publish()
    page = MatchPage.objects.get(pk=match_page.pk)
    assert not may_draft(editor, page)
    assert get_lock(editor, page)


@pytest.mark.parametrize("as_user", [True, False])
def test_a_page_deleted_meanwhile_is_not_found(match_page, editor, as_user):
    channel = match_page.live_channel
    MatchPage.objects.get(pk=match_page.pk).delete()
    for error in (Http404, Channel.DoesNotExist):
        with pytest.raises(error):
            posts.publish(channel, "Goal", actor=editor if as_user else SYSTEM)


def test_a_change_needs_an_actor(channel):
    with pytest.raises(TypeError):
        posts.publish(channel, "Goal")
    with pytest.raises(TypeError, match="None is not an actor"):
        posts.publish(channel, "Goal", actor=None)
    assert not channel.posts.exists()


def test_an_actor_can_have_its_own_rights(channel, drafter):
    class Machine:
        user = drafter

        def rights_on(self, channel):
            assert channel.lock, "asked under the lock"
            return Rights(may_draft=True, may_publish=False)

    with pytest.raises(OnlyDrafts):
        posts.publish(channel, "Goal", actor=Machine())
    draft = posts.publish(channel, "Goal", show=False, actor=Machine())
    assert draft.latest_revision.user == drafter

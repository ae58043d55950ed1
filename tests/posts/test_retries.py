"""A change that is sent again: no change if it was made, a conflict if more has changed."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from wagtail_live import posts
from wagtail_live.models import Channel, ChannelState, LivePost
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SOON = timezone.now() + timedelta(hours=1)


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


CHANGES = {
    "edit": partial(posts.edit, content="Mine"),
    "hide": posts.hide,
    "schedule": partial(posts.edit, go_live_at=SOON),
    "key event": partial(posts.edit, is_key_event=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_was_made_is_no_change(channel, change):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    version = post.updated_at
    changed = change(channel, post, expected=version, actor=SYSTEM)
    cursor = Channel.objects.get().last_updated_at
    again = change(channel, LivePost.objects.get(), expected=version, actor=SYSTEM)
    assert again.updated_at == changed.updated_at
    assert Channel.objects.get().last_updated_at == cursor


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_was_undone_is_not_repeated(channel, change):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    version = post.updated_at
    change(channel, post, expected=version, actor=SYSTEM)
    undone = {"content": "Goal", "show": True, "go_live_at": None}
    posts.edit(channel, post, is_key_event=False, actor=SYSTEM, **undone)
    with pytest.raises(posts.Conflict):
        change(channel, LivePost.objects.get(), expected=version, actor=SYSTEM)
    assert LivePost.objects.get().updated_at == post.updated_at


def test_the_version_that_was_created(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    edit = partial(posts.edit, channel, expected=posts.AS_CREATED, actor=SYSTEM)
    assert edit(post, content="Goal").updated_at == post.created
    assert edit(post, content="Goal!").text == "Goal!"
    assert edit(post, content="Goal!").text == "Goal!"
    with pytest.raises(posts.Conflict):
        edit(post, content="Own goal")


def test_another_post_that_was_pinned_meanwhile_stays_pinned(channel):
    mine, theirs = (posts.publish(channel, text, actor=SYSTEM) for text in "AB")
    pin_mine = partial(posts.pin, channel, mine, expected=None, actor=SYSTEM)
    pin_mine()
    pin_mine()
    posts.pin(channel, theirs, actor=SYSTEM)
    with pytest.raises(posts.Conflict) as conflict:
        pin_mine()
    assert conflict.value.post == Channel.objects.get().pinned_post == theirs


def test_a_state_that_was_set_meanwhile_stays(channel):
    posts.publish(channel, "Goal", actor=SYSTEM)
    pause = partial(
        posts.set_state,
        channel,
        ChannelState.PAUSED,
        expected=ChannelState.LIVE,
        actor=SYSTEM,
    )
    pause()
    pause()
    posts.set_state(channel, ChannelState.ENDED, actor=SYSTEM)
    with pytest.raises(posts.Conflict):
        pause()
    assert Channel.objects.get().state == ChannelState.ENDED

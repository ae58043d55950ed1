"""Copies of posts, and shares, on other live pages.

The rights are checked before and again under the lock of the channel that gets the post,
the only one that is taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from ... import permissions, posts
from ...models import Channel, LivePost
from ...permissions import ALL_RIGHTS, Actor, Rights, to_actor
from ...posts.content import build_content, without_ids
from ...posts.lock import ChannelLock, lock_channel
from .models import SharedPost
from .privacy import is_exposed, is_public

SOURCE = "shared"


class Refused(Exception):
    """A post that can't be copied or shared; ``reason`` is for editors."""

    def __init__(self, reason: Any):
        super().__init__(reason)
        self.reason = reason


class Exposed(Refused):
    """A post of a page that readers of the other page may not open. With ``may_confirm``,
    the actor may publish both pages, and can do it nevertheless."""

    def __init__(self, *, may_confirm: bool):
        confirm = _(
            "Readers of the other page may not open the page of this post. Confirm that they "
            "may see the post."
        )
        refuse = _(
            "Readers of the other page may not open the page of this post. Only users who "
            "may publish both pages can do this."
        )
        super().__init__(confirm if may_confirm else refuse)
        self.may_confirm = may_confirm


class Approved(NamedTuple):
    """An actor whose rights were checked here, who keeps the authors of a post."""

    user: Any

    def rights_on(self, channel: Channel) -> Rights:
        return ALL_RIGHTS


def copy(
    post: LivePost,
    channel: Channel,
    *,
    actor: Any,
    message_id: str = "",
    is_confirmed: bool = False,
) -> LivePost:
    """Copy a published post to another page, where it is independent of the first one. An
    actor who may not publish there submits it. The same ``message_id`` makes one copy.

    ``PermissionDenied`` without the rights; ``Refused`` for a post that can't be copied.
    """
    actor = to_actor(actor)
    check(post, [post.channel], channel, actor, is_confirmed=is_confirmed)
    with lock_channel(channel) as lock:
        post = LivePost.objects.get(pk=post.pk)
        sources = [post.channel]
        check(post, sources, lock.channel, actor, is_confirmed=is_confirmed)
        return write(lock, post, actor, message_id, keeps_time=False)


def share(
    post: LivePost,
    channel: Channel,
    *,
    actor: Any,
    message_id: str = "",
    is_confirmed: bool = False,
) -> LivePost:
    """Share a published post with another page, where it follows the original: edits,
    hiding, showing and deletion. A share of a share follows the first original. A page
    that has the post already keeps it. Otherwise as ``copy``."""
    actor = to_actor(actor)
    original = find_original(post)
    sources = [post.channel, original.channel]
    check(post, sources, channel, actor, is_confirmed=is_confirmed)
    with lock_channel(channel) as lock:
        post = LivePost.objects.get(pk=post.pk)
        original = find_original(post)
        sources = [post.channel, original.channel]
        check(post, sources, lock.channel, actor, is_confirmed=is_confirmed)
        if existing := find_share(original, lock.channel):
            return existing
        shared = write(lock, original, actor, message_id, keeps_time=True)
        SharedPost.objects.get_or_create(
            post_id=shared.pk,
            defaults={
                "channel": lock.channel,
                "original_channel_id": original.channel_id,
                "original_id": original.pk,
                "original_created": original.created,
                "shared_by": actor.user,
                "is_confirmed": is_confirmed,
                "digest": make_digest(shared),
                "has_link": is_public(original.channel.page),
            },
        )
        return shared


def find_original(post: LivePost) -> LivePost:
    """Return the post that a share follows, and any other post itself."""
    link = SharedPost.objects.filter(post_id=post.pk, ended="").first()
    if link is None:
        return post
    return LivePost.objects.select_related("channel__page").get(pk=link.original_id)


def find_share(original: LivePost, channel: Channel) -> LivePost | None:
    """Return the post of a channel that follows this one."""
    links = SharedPost.objects.filter(
        channel=channel, original_id=original.pk, ended=""
    )
    ids = links.values("post_id")
    return LivePost.objects.filter(channel=channel, pk__in=ids).first()


def check(
    post: LivePost,
    sources: Sequence[Channel],
    channel: Channel,
    actor: Actor,
    *,
    is_confirmed: bool,
) -> None:
    """Raise an exception if the actor can't bring this post of ``sources``, the channels of
    the post and of its original, to the channel."""
    if not may_read(actor, post.channel):
        raise PermissionDenied
    actor.rights_on(channel).require(publishing=False)
    if channel.pk in [source.pk for source in sources]:
        raise Refused(_("The post comes from this page."))
    if not post.show:
        raise Refused(_("Only published posts can be copied or shared."))
    target = channel.page
    if any(is_exposed(source.page, target) for source in sources):
        needed = [channel, *sources]
        may_confirm = all(actor.rights_on(each).may_publish for each in needed)
        if not (may_confirm and is_confirmed):
            raise Exposed(may_confirm=may_confirm)


def may_read(actor: Actor, channel: Channel) -> bool:
    """Return whether the actor can see all posts of a channel."""
    if hasattr(actor, "may_read"):  # an API token
        return actor.may_read(channel)
    if actor.user is None:
        return True  # the site's own code
    return permissions.may_read(actor.user, channel.page.specific_deferred)


def write(
    lock: ChannelLock,
    post: LivePost,
    actor: Actor,
    message_id: str,
    *,
    keeps_time: bool,
) -> LivePost:
    """Add a post with the content and the authors of another one, or submit it."""
    rights = actor.rights_on(lock.channel)
    rights.require(publishing=False)
    return posts.publish(
        lock.channel,
        build_content(post.content, lock.channel),
        source=SOURCE,
        message_id=message_id,
        created=post.created if keeps_time else None,
        show=rights.may_publish,
        submitted=not rights.may_publish,
        actor=Approved(actor.user),
        **get_fields(post),
    )


def get_fields(post: LivePost) -> dict[str, Any]:
    """Return the arguments of ``posts.publish`` for another post like this one."""
    return {
        "title": post.title,
        "author": post.author,
        "authors": post.authors,
        "is_key_event": post.is_key_event,
        "correction": post.correction,
    }


def make_digest(post: LivePost) -> str:
    """Return a hash of what a version of a post consists of."""
    values = [
        without_ids(LivePost._meta.get_field(name).get_prep_value(value))
        if name == "content"
        else value
        for name, value in get_written(post).items()
    ]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


def get_written(post: LivePost) -> dict[str, Any]:
    return {name: getattr(post, name) for name in LivePost.written_fields}

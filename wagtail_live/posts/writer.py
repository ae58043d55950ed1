"""Publish, edit, hide and show a post."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from wagtail.embeds.blocks import EmbedValue
from wagtail.models import Revision

from .. import cursors
from ..models import (
    AUTHOR_FIELDS,
    MAX_AUTHORS,
    MAX_ROLE,
    Channel,
    ChannelState,
    LivePost,
    PostAuthor,
)
from ..models.post import walk
from ..permissions import Actor, require_own_name, to_actor
from ..text import normalise_line
from . import embeds, history
from .content import build_content, same_content
from .lock import ChannelLock, Message, check_version, lock_channel

UNCHANGED: Any = object()
NO_DETAILS: dict[str, Any] = {"author_details": {}}
SEEN_FIELDS = {"content", "title", "correction"}  # a change is an update for readers
TIME_FIELDS = {"created", "is_dated"}
MAX_LEAD = timedelta(minutes=1)  # of the clocks of clients


class InvalidTime(ValueError):
    """A time that a post can't have."""

    def __init__(self, message: str, *, is_future: bool):
        super().__init__(message)
        self.is_future = is_future


def publish(
    channel: Channel,
    content: list | str,
    *,
    actor: Any,
    source: str = "",
    message_id: str = "",
    created: datetime | None = None,
    sent_at: datetime | None = None,
    show: bool = True,
    go_live_at: datetime | None = None,
    submitted: bool = False,
    title: str = "",
    author: Any = None,
    author_name: str = "",
    coauthors: Iterable[PostAuthor] = (),
    authors: Iterable[PostAuthor] | None = None,
    is_key_event: bool = False,
    correction: str = "",
) -> LivePost:
    """Add a post, or return the one of the message; ``Withdrawn`` if it was deleted.

    ``content`` is a list of ``(block type, value)`` or a ``str`` of rich text, which is
    cleaned; ``ValueError`` for anything else. ``created`` is the time that readers see, and
    defaults to ``sent_at``, of a message, or now; a draft without it gets the time of its
    publication. ``author`` is the user who wrote it, ``author_name`` the name that readers
    see, and ``coauthors`` are shown after it. ``authors``, in place of both, can have roles,
    and people of the site's author model. ``correction`` is a note below the post. An actor
    who may not publish can only write in their own name. The first post that readers see
    starts the channel.

    A post that is not shown is a draft. With ``submitted`` it waits for an editor, with a
    ``go_live_at`` in the future it is published then.
    """
    actor = to_actor(actor)
    content = build_content(content, channel)
    byline = author_fields(author, author_name, coauthors, authors)
    with lock_channel(channel) as lock:
        values = status_fields(cursors.now(), show, go_live_at, submitted)
        is_seen = bool(values["show"] or values.get("go_live_at"))
        rights = actor.rights_on(lock.channel)
        rights.require(publishing=is_seen or created is not None)
        if not rights.may_publish:
            require_own_name(actor, **NO_DETAILS | byline)
        delivered = lock.find_delivered(Message(source, message_id))
        if delivered:
            return delivered
        cursor = lock.advance(seen=values["show"])
        post = LivePost(
            id=cursors.time_ordered_uuid(cursor),
            channel=lock.channel,
            source=source,
            message_id=message_id or None,
            created=cursors.to_aware(created or sent_at or lock.moment),
            title=normalise_line(title),
            is_key_event=is_key_event,
            correction=normalise_line(correction),
            corrected_at=lock.moment if normalise_line(correction) else None,
            content=content,
            **byline,
            **{"is_dated": created is not None, **values},
        )
        if author:
            post.author = author  # need not be read again
        save(lock, post, actor)
        request_embeds(post)
        action = history.NEW_POST_ACTIONS[post.status]
        history.log_change(post, action, actor.user, content_changed=True)
        lock.announce(action, post.pk)
        lock.report_status(post, None, post.status, actor.user)
    return post


def edit(
    channel: Channel,
    post: LivePost | Message,
    *,
    actor: Any,
    content: list | str | None = None,
    title: str | None = None,
    author: Any = UNCHANGED,
    author_name: str | None = None,
    coauthors: Iterable[PostAuthor] | None = None,
    authors: Iterable[PostAuthor] | None = None,
    is_key_event: bool | None = None,
    correction: str | None = None,
    created: datetime | None = UNCHANGED,
    show: bool | None = None,
    go_live_at: datetime | None = UNCHANGED,
    submitted: bool | None = None,
    expected: datetime | None = None,
) -> LivePost:
    """Change the given fields of a post. Without a difference there is no update. An actor
    who may not publish can only set their own name as the author. ``authors`` are all that
    readers see, in place of ``author_name`` and ``coauthors``.

    ``go_live_at`` in the future hides the post from readers until then; ``None`` cancels
    the schedule. ``correction`` tells readers what was wrong, with the time of this edit.
    ``created`` moves the post to its place by this time; ``InvalidTime`` if it is in the
    future, or before 1970. ``None`` lets a draft have the time of its publication.
    """
    actor = to_actor(actor)
    if isinstance(created, datetime):
        created = check_time(created)
    written = {
        "content": None if content is None else build_content(content, channel),
        "title": title if title is None else normalise_line(title),
        "is_key_event": is_key_event,
        "correction": correction if correction is None else normalise_line(correction),
    }
    values = {name: value for name, value in written.items() if value is not None}
    values |= author_fields(author, author_name, coauthors, authors)
    with lock_channel(channel) as lock:
        post = lock.find(post)
        if values.get("author_name", post.author_name) != post.author_name:
            values = NO_DETAILS | values  # they were of another author
        values |= time_fields(post, created)
        values |= status_fields(cursors.now(), show, go_live_at, submitted)
        return change(lock, post, values, actor, expected)


def hide(
    channel: Channel,
    post: LivePost | Message,
    *,
    actor: Any,
    expected: datetime | None = None,
) -> LivePost:
    """Hide a post from readers, and cancel its schedule; ``show`` shows it again."""
    return edit(
        channel, post, actor=actor, show=False, go_live_at=None, expected=expected
    )


def show(
    channel: Channel,
    post: LivePost | Message,
    *,
    actor: Any,
    expected: datetime | None = None,
) -> LivePost:
    """Show a post to readers."""
    return edit(channel, post, actor=actor, show=True, expected=expected)


def revert(
    channel: Channel,
    post: LivePost,
    revision: Revision,
    *,
    actor: Any,
    show: bool | None = None,
    expected: datetime | None = None,
) -> LivePost:
    """Restore the text of one of the post's revisions, and the time that readers saw or
    that was chosen. Readers see the post as before, unless ``show`` is given."""
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        post = lock.find(post)
        version = post.revisions.get(pk=revision.pk).as_object()
        values = {name: getattr(version, name) for name in LivePost.written_fields}
        if actor.rights_on(lock.channel).may_publish:
            has_time = version.is_dated or version.first_published_at
            unknown = UNCHANGED if post.first_published_at else None
            values |= time_fields(post, version.created if has_time else unknown)
        values |= status_fields(cursors.now(), show)
        details = {"data": history.describe(revision), "log_as": "reverted"}
        return change(lock, post, values, actor, expected, **details)


def author_fields(
    author: Any,
    author_name: str | None,
    coauthors: Iterable[PostAuthor] | None,
    authors: Iterable[PostAuthor] | None = None,
) -> dict[str, Any]:
    """Return the new values of ``AUTHOR_FIELDS`` that are given. Further authors without a
    name are left out, as are those above ``MAX_AUTHORS``."""
    values: dict[str, Any] = {}
    if authors is not None:
        first, *coauthors = [*map(normalise_author, authors)] or [PostAuthor("")]
        author_name = first.name
        values["author_details"] = first.details if first.name else {}
    if author is not UNCHANGED:
        values["author_id"] = author and author.pk
    if author_name is not None:
        values["author_name"] = normalise_line(author_name)
    if coauthors is not None:
        named = [each for each in map(normalise_author, coauthors) if each.name]
        stored = [each.to_json() for each in named]
        values["coauthors"] = stored[: MAX_AUTHORS - 1]
    return values


def normalise_author(author: PostAuthor) -> PostAuthor:
    role = normalise_line(author.role)[:MAX_ROLE]
    return author._replace(name=normalise_line(author.name), role=role)


def check_time(created: datetime) -> datetime:
    """Return the time, aware; ``InvalidTime`` if a post can't have it."""
    created = cursors.to_aware(created)
    if created < cursors.at(0):
        raise InvalidTime("The time is before 1970.", is_future=False)
    if created > cursors.now() + MAX_LEAD:
        raise InvalidTime("The time is in the future.", is_future=True)
    return created


def time_fields(post: LivePost, created: datetime | None) -> dict[str, Any]:
    """Return the new values of ``TIME_FIELDS``. A published post always has its time."""
    if created is UNCHANGED or (created is None and post.first_published_at):
        return {}
    dated = {} if post.first_published_at else {"is_dated": created is not None}
    return dated if created is None else {"created": created, **dated}


def status_fields(
    now: datetime,
    show: bool | None,
    go_live_at: datetime | None = UNCHANGED,
    submitted: bool | None = None,
) -> dict[str, Any]:
    """Return the new values of ``show``, ``go_live_at`` and ``submitted_at``."""
    if isinstance(go_live_at, datetime):
        go_live_at = cursors.to_aware(go_live_at)
        show = go_live_at <= now
    if show:
        return {"show": True, "go_live_at": None, "submitted_at": None}
    values: dict[str, Any] = {}
    if show is not None:
        values["show"] = False
    if go_live_at is not UNCHANGED:
        values["go_live_at"] = go_live_at
        if go_live_at:
            values["is_dated"] = False  # it will have the time of its publication
    if submitted is not None:
        values["submitted_at"] = now if submitted else None
    return values


def change(
    lock: ChannelLock,
    post: LivePost,
    values: dict[str, Any],
    actor: Actor,
    expected: datetime | None = None,
    *,
    log_as: str | None = None,
    **details,
) -> LivePost:
    """Change a post that was found under this lock, if that makes a difference."""
    before, was_unpublished = post.status, post.is_unpublished
    was_in_overview = lock.overview_shows(post)
    will_be_seen = bool(values.get("show") or values.get("go_live_at"))
    is_publishing = will_be_seen or not was_unpublished
    changed = {name: v for name, v in values.items() if not _is_same(post, name, v)}
    if changed:
        check_version(post, expected)
    rights = actor.rights_on(lock.channel)
    is_moving = not changed.keys().isdisjoint(TIME_FIELDS)
    rights.require(publishing=is_publishing or is_moving)
    if not changed:
        return post
    if not rights.may_publish and not changed.keys().isdisjoint(AUTHOR_FIELDS):
        byline = {name: getattr(post, name) for name in AUTHOR_FIELDS}
        require_own_name(actor, **byline | _only(AUTHOR_FIELDS, changed))
    lock.advance(seen=post.show or values.get("show", False))
    moved_from = post.created
    for name, value in changed.items():
        setattr(post, name, value)
    if not changed.keys().isdisjoint(AUTHOR_FIELDS):
        post.known_authors = None  # they may be others
    if post.first_published_at and not SEEN_FIELDS.isdisjoint(changed):
        post.modified = lock.moment
    if "correction" in changed:
        post.corrected_at = lock.moment if post.correction else None
    if post.modified and post.modified < post.created:
        post.modified = None  # readers would see an update from before the post
    save(lock, post, actor, overview_changed=was_in_overview)
    if "content" in changed:
        request_embeds(post)
    action = history.get_action(post, before, changed)
    versioned = {"created", *LivePost.written_fields}
    details["content_changed"] = not changed.keys().isdisjoint(versioned)
    if "created" in changed and action == "edited" and not log_as:
        log_as = "moved" if changed.keys() <= TIME_FIELDS else "edited_and_moved"
        details["data"] = history.describe_move(moved_from, post.created)
    history.log_change(post, log_as or action, actor.user, **details)
    lock.announce(action, post.pk)
    lock.report_status(post, before, post.status, actor.user)
    return post


def save(
    lock: ChannelLock, post: LivePost, actor: Actor, *, overview_changed: bool = False
) -> None:
    """Save the post at the channel's new cursor, and the overview if it changes."""
    channel = lock.channel
    cursor = post.updated_at = channel.last_updated_at
    if post.show and post.first_published_at is None:
        post.first_published_at = cursor
        if not (post._state.adding or post.is_dated):
            post.created = lock.moment  # on top, even if the draft is old
    if post.show and channel.state == ChannelState.NOT_STARTED:
        lock.change_overview(state=ChannelState.LIVE, started_at=lock.moment)
    elif overview_changed or lock.overview_shows(post):
        lock.change_overview()
    history.save(post, actor.user)


def request_embeds(post: LivePost) -> None:
    if any(isinstance(value, EmbedValue) for value in walk(post.content)):
        embeds.request(post)


def _only(names: Iterable[str], values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _is_same(post: LivePost, name: str, value) -> bool:
    if name == "content":
        return same_content(post.content, value)
    if name == "submitted_at":
        return (post.submitted_at is None) == (value is None)
    return getattr(post, name) == value

"""Write imported posts: a batch in one transaction, with the times that they had.

``posts.publish`` would take a transaction for each, and the time of the import. As there,
the channel is locked first and each post gets the next cursor, so that open pages show
them in their places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from wagtail.log_actions import log
from wagtail.models import ReferenceIndex, Revision

from ... import cursors
from ...models import Channel, LivePost, PendingEmbeds, SearchablePost
from ...page.rendering import prefetch_blocks
from ...posts.embeds import find_missing
from ...posts.lock import ChannelLock, lock_channel
from .entries import Entry
from .lines import SOURCE
from .models import ImportedPost


@dataclass
class Prepared:
    """A checked entry, and the fields of its post."""

    entry: Entry
    fields: dict[str, Any]
    accounts: dict[str, Any]  # that this site doesn't have


def find_imported(channel: Channel, entries: list[Entry]) -> dict[tuple, str]:
    """Return those of the entries that the channel has, or had before they were deleted:
    ``imported`` or ``deleted`` by their keys."""
    own_ids = [entry.id for entry in entries if entry.id]
    ids = [entry.message_id for entry in entries] + list(map(str, own_ids))
    posts = channel.posts.filter(message_id__in=ids) | channel.posts.filter(
        pk__in=own_ids
    )
    gone = channel.tombstones.filter(message_id__in=ids)
    gone |= channel.tombstones.filter(post_id__in=own_ids)
    known: dict[Any, str] = {}
    for keys, state in (
        (gone.values_list("source", "message_id", "post_id"), "deleted"),
        (posts.values_list("source", "message_id", "pk"), "imported"),
    ):
        for source, message_id, pk in keys:
            known |= {(source, message_id): state, pk: state}
    return {
        get_key(entry): known[key]
        for entry in entries
        for key in _get_names(entry)
        if key in known
    }


def get_key(entry: Entry) -> tuple:
    return entry.source, entry.message_id, entry.id


def _get_names(entry: Entry) -> list[Any]:
    """Return what the post of an entry may be known by."""
    names: list[Any] = [(entry.source, entry.message_id)]
    if entry.source == SOURCE:
        names.append(("live_post", entry.message_id))
    if entry.id:
        copied = str(entry.id)
        names += [entry.id, (SOURCE, copied), ("live_post", copied)]
    return names


def write_batch(channel: Channel, batch: list[Prepared]) -> list[LivePost]:
    """Write those posts of a batch that the channel doesn't have, and return them."""
    with lock_channel(channel) as lock:
        known = find_imported(lock.channel, [each.entry for each in batch])
        new = [each for each in batch if get_key(each.entry) not in known]
        if not new:
            return []
        posts = _make_posts(lock, new)
        _save_revisions(posts)
        LivePost.objects.bulk_create(posts)
        rows = [SearchablePost(post=post, channel=lock.channel) for post in posts]
        SearchablePost.objects.bulk_create(rows)
        ImportedPost.objects.bulk_create(
            ImportedPost(post=post, accounts=each.accounts)
            for post, each in zip(posts, new, strict=True)
            if each.accounts
        )
        _save_references(posts)
        _request_embeds(posts)
        pinned = [p for p, each in zip(posts, new, strict=True) if each.entry.is_pinned]
        _change_overview(lock, posts, pinned)
        log(
            instance=lock.channel.page.specific_deferred,
            action="wagtail_live.import",
            data={"posts": len(posts)},
        )
        lock.announce("imported")
    return posts


def _make_posts(lock: ChannelLock, batch: list[Prepared]) -> list[LivePost]:
    ids = [each.entry.id for each in batch if each.entry.id]
    taken = set(LivePost.objects.filter(pk__in=ids).values_list("pk", flat=True))
    cursor = lock.advance(seen=any(each.fields["show"] for each in batch))
    posts = []
    for each in batch:
        entry, is_free = each.entry, each.entry.id not in taken
        keeps_id = bool(entry.id and is_free)
        source, message_id = entry.source, entry.message_id
        if entry.id and source == SOURCE and keeps_id:
            source, message_id = "", ""  # its id is enough
        posts.append(
            LivePost(
                id=entry.id if keeps_id else cursors.time_ordered_uuid(cursor),
                channel=lock.channel,
                source=source,
                message_id=message_id or None,
                updated_at=cursor,
                **each.fields,
            )
        )
        cursor += cursors.MICROSECOND
    channel = lock.channel
    channel.last_updated_at = posts[-1].updated_at
    seen = [post.updated_at for post in posts if post.show]
    if seen:
        channel.seen_updated_at = seen[-1]
    channel.save(update_fields=["last_updated_at", "seen_updated_at"])
    return posts


def _save_revisions(posts: list[LivePost]) -> None:
    """Save the first version of each post, for its history."""
    revisions = [
        Revision(
            content_object=post,
            base_content_type=post.get_base_content_type(),
            created_at=cursors.in_current_mode(post.updated_at),
            approved_go_live_at=post.go_live_at
            and cursors.in_current_mode(post.go_live_at),
            content=post.serializable_data(),
            object_str=str(post)[:255],
        )
        for post in posts
    ]
    Revision.objects.bulk_create(revisions)
    content_type = ContentType.objects.get_for_model(LivePost)
    ids = [str(post.pk) for post in posts]
    # Not all databases return the keys of rows that are created together.
    rows = Revision.objects.filter(content_type=content_type, object_id__in=ids)
    keys = dict(rows.order_by("pk").values_list("object_id", "pk"))
    for post in posts:
        post.latest_revision_id = keys[str(post.pk)]


def _save_references(posts: list[LivePost]) -> None:
    for post in posts:
        if post.has_references:
            ReferenceIndex.create_or_update_for_object(post)


def _request_embeds(posts: list[LivePost]) -> None:
    """Leave the embeds that aren't stored to housekeeping."""
    with_embeds = [
        post
        for post in posts
        if any(raw["type"] != "text" for raw in post.content.raw_data)
    ]
    if not with_embeds:
        return
    prefetch_blocks(with_embeds)
    PendingEmbeds.objects.bulk_create(
        PendingEmbeds(post=post, due_at=post.updated_at)
        for post in with_embeds
        if find_missing(post)
    )


def _change_overview(
    lock: ChannelLock, posts: list[LivePost], pinned: list[LivePost]
) -> None:
    changes = {}
    if pinned and lock.channel.pinned_post_id is None:
        changes["pinned_post"] = pinned[-1]
    if changes or any(map(lock.overview_shows, posts)):
        lock.change_overview(**changes)

"""The migration operation that moves posts from pages into rows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import models
from django.db.migrations.operations.base import Operation
from wagtail.images import get_image_model, get_image_model_string

from .. import cursors
from ..models import ChannelState
from ..models.channel import generate_channel_id
from ..renditions import is_file_name
from .stored import (
    MESSAGE_ID_LENGTH,
    StoredPost,
    get_ids,
    is_same_content,
    read_drafts,
    read_posts,
    read_revision,
    write_post,
)

logger = logging.getLogger("wagtail_live.upgrade")

BATCH_SIZE = 500
LIVE_FOR = timedelta(days=1)  # without an update; older channels have ended


class StoredJSONField(models.JSONField):
    """JSON as stored. The column is empty on pages that existed before 1.0 was added."""

    def from_db_value(self, value, expression, connection):
        return super().from_db_value(value, expression, connection) if value else []


class MoveLivePosts(Operation):
    """Move the posts of wagtail-live 1.0 from the pages of a type into rows.

    Add it to a migration of the page type's app that depends on
    ``("wagtail_live", "0001_initial")`` and comes before the migration that removes
    ``channel_id``, ``last_updated_at`` and ``live_posts``. Reversing it writes the posts
    into the pages again.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str):
        self.model_name = model_name

    def deconstruct(self):
        return type(self).__name__, [self.model_name], {}

    def describe(self):
        return f"Move the live posts of {self.model_name} into rows"

    def state_forwards(self, app_label, state):
        """Make the unique column nullable, so that reversing can add it to several pages."""
        key = app_label, self.model_name.lower()
        field = state.models[key].fields["channel_id"].clone()
        field.null = True
        state.alter_field(*key, "channel_id", field, preserve_default=True)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        move = self._prepare(app_label, schema_editor, from_state)
        if move:
            _fill_empty_columns(schema_editor, move.page_model)
            move.into_rows()

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        move = self._prepare(app_label, schema_editor, from_state)
        if move:
            move.into_pages()
            before, after = (
                state.apps.get_model(app_label, self.model_name)
                for state in (from_state, to_state)
            )
            fields = [model._meta.get_field("channel_id") for model in (before, after)]
            schema_editor.alter_field(before, *fields)

    def _prepare(self, app_label, schema_editor, state) -> Move | None:
        alias = schema_editor.connection.alias
        state = state.clone()
        for place in (
            (app_label, self.model_name.lower(), "live_posts"),
            ("wagtail_live", "livepost", "content"),
        ):
            state.alter_field(*place, StoredJSONField(), preserve_default=True)
        page_model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(alias, page_model):
            return None
        return Move(state.apps, page_model, alias)


class Move:
    """The move of the posts of all pages of a type, with the models of the migration."""

    def __init__(self, apps, page_model, alias: str):
        self.page_model = page_model
        self.pages = page_model._base_manager.using(alias)
        self.images = _find_images(apps, alias)
        self.channels, self.posts, self.searchable, self.tombstones, self.revisions = (
            apps.get_model(*name)._base_manager.using(alias)
            for name in (
                ("wagtail_live", "Channel"),
                ("wagtail_live", "LivePost"),
                ("wagtail_live", "SearchablePost"),
                ("wagtail_live", "Tombstone"),
                ("wagtailcore", "Revision"),
            )
        )

    def into_rows(self) -> None:
        for page in self._each_page(alias_of=None):
            last_updated_at = cursors.to_aware(page.last_updated_at)
            stored = read_posts(page.live_posts or [], last_updated_at)
            stored += self._find_drafts(page, stored, last_updated_at)
            self._set_alt_texts(stored)
            channel = self._find_channel(page)
            rows = self._make_rows(channel, stored)
            _set_cursors_and_state(channel, rows, last_updated_at)
            channel.save()
            self.posts.bulk_create(rows, batch_size=BATCH_SIZE)
            searchable = self.searchable.model
            entries = [searchable(post_id=row.pk, channel=channel) for row in rows]
            self.searchable.bulk_create(entries, batch_size=BATCH_SIZE)

    def into_pages(self) -> None:
        """Write the posts into the pages. Fields that 1.0 does not have are lost; drafts
        that the page's unpublished revision still has stay there."""
        for page in self._each_page():
            channel = self.channels.filter(page_id=page.pk).first()
            posts = self.posts.filter(channel=channel).order_by("-created", "-id")
            kept = self._find_kept_drafts(page, posts)
            self.pages.filter(pk=page.pk).update(
                channel_id=channel.channel_id if channel else generate_channel_id(),
                last_updated_at=cursors.in_current_mode(
                    (channel or page).last_updated_at
                ),
                live_posts=[write_post(post) for post in posts if post.pk not in kept],
            )
            posts.delete()

    def _each_page(self, **conditions) -> Iterator[Any]:
        """Yield one page at a time, since an old page may have megabytes of posts."""
        pages = self.pages.filter(**conditions).order_by("pk")
        for pk in list(pages.values_list("pk", flat=True)):
            yield self.pages.get(pk=pk)

    def _get_unpublished(self, page) -> dict | None:
        """Return the content of the page's unpublished revision."""
        if not page.has_unpublished_changes or not page.latest_revision_id:
            return None
        revision = self.revisions.filter(pk=page.latest_revision_id).first()
        return revision and revision.content

    def _find_drafts(self, page, published, last_updated_at) -> list[StoredPost]:
        content = self._get_unpublished(page)
        drafts = read_drafts(content, published, page.pk, last_updated_at)
        # Deleted on the desk, before the posts were written into the pages again.
        deleted = self.tombstones.filter(channel__page_id=page.pk)
        deleted_ids = set(deleted.values_list("post_id", flat=True))
        return [
            draft for draft in drafts if deleted_ids.isdisjoint(get_ids(draft, page.pk))
        ]

    def _find_kept_drafts(self, page, posts) -> set[UUID]:
        """Return the ids of the drafts that are as the unpublished revision has them."""
        stored = read_revision(self._get_unpublished(page), cursors.now())
        by_id = {id_: post for post in stored for id_ in get_ids(post, page.pk)}
        drafts = posts.filter(first_published_at=None, show=False)
        found = [(draft, by_id.get(draft.pk)) for draft in drafts]
        return {
            draft.pk for draft, post in found if post and is_same_content(draft, post)
        }

    def _set_alt_texts(self, stored: list[StoredPost]) -> None:
        """Set the alt text to the image's own, as 1.0 did when it rendered an image, unless
        it is the name of the file."""
        blocks = [block for post in stored for block in post.content]
        values = [block["value"] for block in blocks if block["type"] == "image"]
        images = self.images.in_bulk({value["image"] for value in values})
        for value in values:
            if not value["alt_text"] and (image := images.get(value["image"])):
                text = getattr(image, "description", "") or image.title
                is_name = is_file_name(text, image.file.name)
                value["alt_text"] = "" if is_name else text

    def _find_channel(self, page):
        """Return the page's channel, with its old id unless another page has that id."""
        channel_id = page.channel_id or generate_channel_id()
        if self.channels.filter(channel_id=channel_id).exclude(page_id=page.pk):
            logger.warning(
                "Page %s has the channel id %r of another page and gets a new one.",
                page.pk,
                channel_id,
            )
            channel_id = generate_channel_id()
        channel = self.channels.filter(page_id=page.pk).first()
        channel = channel or self.channels.model(page_id=page.pk)
        channel.channel_id = channel_id
        return channel

    def _make_rows(self, channel, stored: list[StoredPost]) -> list:
        """Return the rows, newest first and drafts last: if posts share a message id, the
        newest that was published keeps it."""
        ids = [id_ for post in stored for id_ in get_ids(post, channel.page_id)]
        taken_ids = set(self.posts.filter(pk__in=ids).values_list("pk", flat=True))
        taken_messages: set[str] = set()
        rows = []
        newest_first = stored[::-1]
        for post in sorted(newest_first, key=lambda post: post.is_draft):
            new_id = cursors.time_ordered_uuid(post.created)
            possible = [*get_ids(post, channel.page_id), new_id]
            is_unique = post.message_id and post.message_id not in taken_messages
            fits = len(post.message_id) <= MESSAGE_ID_LENGTH
            row = self.posts.model(
                pk=next(id_ for id_ in possible if id_ not in taken_ids),
                channel=channel,
                message_id=post.message_id if is_unique and fits else None,
                created=post.created,
                modified=post.modified,
                show=post.show and not post.is_draft,
                first_published_at=None if post.is_draft else post.created,
                content=post.content,
                updated_at=post.changed,
            )
            rows.append(row)
            taken_ids.add(row.pk)
            taken_messages.add(post.message_id)
        return rows


def _find_images(apps, alias: str):
    try:
        model = apps.get_model(get_image_model_string())
    except LookupError:  # the migrations of its app come later
        model = get_image_model()
    return model._base_manager.using(alias)


def _set_cursors_and_state(channel: Any, rows: list, last_updated_at: datetime) -> None:
    """Give each row a unique cursor, and the channel the latest one and a state."""
    rows.sort(key=lambda row: row.updated_at)
    for before, row in pairwise(rows):
        row.updated_at = max(row.updated_at, before.updated_at + cursors.MICROSECOND)
    cursors_seen = [last_updated_at, *(row.updated_at for row in rows[-1:])]
    channel.last_updated_at = channel.overview_updated_at = max(cursors_seen)
    channel.seen_updated_at = channel.last_updated_at
    published = [row.created for row in rows if row.first_published_at]
    if published:
        channel.started_at = min(published)
        is_live = channel.last_updated_at > cursors.now() - LIVE_FOR
        channel.state = ChannelState.LIVE if is_live else ChannelState.ENDED
        channel.ended_at = None if is_live else channel.last_updated_at


def _fill_empty_columns(schema_editor, page_model) -> None:
    """Store valid JSON, because SQLite checks it whenever Django remakes the table."""
    if schema_editor.connection.vendor == "sqlite":
        table = schema_editor.quote_name(page_model._meta.db_table)
        schema_editor.execute(
            f"UPDATE {table} SET live_posts = '[]' WHERE live_posts = ''"  # noqa: S608
        )

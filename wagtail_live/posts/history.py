"""The history of a post: a revision for each version, a log entry for each action."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, LogFormatter, log, registry
from wagtail.models import ReferenceIndex, Revision
from wagtail.utils.timestamps import (
    ensure_utc,
    parse_datetime_localized,
    render_timestamp,
)

from .. import cursors
from ..models import LivePost, PostStatus

NEW_POST_ACTIONS = {
    PostStatus.DRAFT: "drafted",
    PostStatus.SUBMITTED: "submitted",
    PostStatus.SCHEDULED: "scheduled",
    PostStatus.PUBLISHED: "published",
}
MAX_SNAPSHOT = 200_000  # characters of the versions of a deleted post
LOG_ACTIONS = {
    "drafted": "wagtail.create",
    "due": "wagtail.publish.scheduled",
    "edited": "wagtail.edit",
    "edited_and_moved": "wagtail_live.edit_and_move",
    "hidden": "wagtail.unpublish",
    "moved": "wagtail_live.move",
    "published": "wagtail.publish",
    "restored": "wagtail_live.restore",
    "reverted": "wagtail.revert",
    "scheduled": "wagtail_live.schedule",
    "shown": "wagtail.publish",
    "submitted": "wagtail_live.submit",
    "unscheduled": "wagtail_live.unschedule",
}


def save(post: LivePost, user: Any) -> None:
    """Save the post, its new version, and its references in Wagtail's index."""
    # It needs all models, and those of a site may import what writes posts.
    from wagtail.signal_handlers import (
        disable_reference_index_auto_update,
        reference_index_auto_update_disabled,
    )

    if post.latest_revision_id:
        Revision.objects.filter(
            pk=post.latest_revision_id, approved_go_live_at__isnull=False
        ).update(approved_go_live_at=None)
    go_live_at = post.go_live_at
    post.latest_revision = Revision.objects.create(
        content_object=post,
        base_content_type=post.get_base_content_type(),
        created_at=cursors.in_current_mode(post.updated_at),
        user=user,
        approved_go_live_at=go_live_at and cursors.in_current_mode(go_live_at),
        content=post.serializable_data(),
        object_str=str(post),
    )
    is_new = post._state.adding
    if getattr(reference_index_auto_update_disabled, "value", False):
        post.save(force_insert=is_new)
        return
    # Wagtail's own handler reads the post again, in a transaction of its own, and looks
    # for old references of a new post, too.
    with disable_reference_index_auto_update():
        post.save(force_insert=is_new)
    if not is_new or post.has_references:
        ReferenceIndex.create_or_update_for_object(post)


def snapshot(post: LivePost) -> list[dict[str, Any]]:
    """Return the newest versions of a post, ready for JSON, with which ``restore`` undoes
    its deletion. They take about as much as a form may send."""
    versions: list[dict[str, Any]] = []
    size = 0
    for revision in post.revisions.order_by("-pk").iterator():
        size += len(str(revision.content))
        if size > MAX_SNAPSHOT:
            break
        versions.append(
            {
                "pk": revision.pk,
                "user": revision.user_id and str(revision.user_id),
                "created": cursors.to_timestamp(ensure_utc(revision.created_at)),
                "object_str": revision.object_str,
                "content": revision.content,
            }
        )
    return versions


def restore(post: LivePost, versions: list[dict[str, Any]]) -> None:
    """Restore the versions of a deleted post under their ids, by which the log knows
    them."""
    ids = [version["pk"] for version in versions]
    taken = set(Revision.objects.filter(pk__in=ids).values_list("pk", flat=True))
    names = {version["user"] for version in versions} - {None}
    users = get_user_model().objects.filter(pk__in=names)
    users_by_id = {str(user.pk): user for user in users}
    Revision.objects.bulk_create(
        Revision(
            pk=version["pk"],
            content_object=post,
            base_content_type=post.get_base_content_type(),
            created_at=cursors.from_timestamp(version["created"]),
            user=users_by_id.get(version["user"]),
            object_str=version["object_str"],
            content=version["content"],
        )
        for version in versions
        if version["pk"] not in taken
    )


def get_action(post: LivePost, before: PostStatus, changed: Collection[str]) -> str:
    """Return the name of a change in signals and in the history."""
    after = post.status
    if after == PostStatus.SCHEDULED and "go_live_at" in changed:
        return "scheduled"
    if after == before:
        return "edited"
    if after == PostStatus.PUBLISHED:
        is_first_time = post.first_published_at == post.updated_at
        return "published" if is_first_time else "shown"
    if before == PostStatus.SCHEDULED:
        return "unscheduled"
    return {PostStatus.SUBMITTED: "submitted", PostStatus.HIDDEN: "hidden"}.get(
        after, "edited"
    )


def log_change(post: LivePost, action: str, user: Any, **details) -> None:
    """Log a change in the post's history; ``action`` is as in signals."""
    if action == "scheduled":
        details["data"] = {"go_live_at": ensure_utc(post.go_live_at)}
    log(
        instance=post,
        action=LOG_ACTIONS[action],
        user=user,
        revision=post.latest_revision,
        **details,
    )


def log_deletion(post: LivePost, user: Any) -> None:
    """Log the deletion of a post, and remove its content from the log."""
    name = post.neutral_name
    registry.get_logs_for_instance(post).update(label=name)
    log(instance=post, action="wagtail.delete", user=user, title=name, deleted=True)


def describe(revision: Revision) -> dict:
    """Return the data of a revision for Wagtail's log."""
    created = ensure_utc(revision.created_at)
    return {"revision": {"id": revision.pk, "created": created}}


def describe_move(before: datetime, after: datetime) -> dict:
    """Return the data of a change of the time for the log."""
    return {"from": ensure_utc(before), "to": ensure_utc(after)}


class MoveFormatter(LogFormatter):
    label = _("Change the time")
    text = _("Changed the time from %(before)s to %(after)s")

    def format_message(self, log_entry):
        times = [
            parse_datetime_localized(log_entry.data[key]) for key in ("from", "to")
        ]
        before, after = map(render_timestamp, times)
        if before == after:  # to the minute
            before, after = (f"{timezone.localtime(t):%H:%M:%S}" for t in times)
        return self.text % {"before": before, "after": after}


class EditAndMoveFormatter(MoveFormatter):
    label = _("Edit and change the time")
    text = _("Edited, and changed the time from %(before)s to %(after)s")


class ScheduleFormatter(LogFormatter):
    label = _("Schedule")

    def format_message(self, log_entry):
        moment = parse_datetime_localized(log_entry.data["go_live_at"])
        return gettext("Scheduled for %(go_live_at)s") % {
            "go_live_at": render_timestamp(moment)
        }


def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("wagtail_live.schedule")(ScheduleFormatter)
    actions.register_action("wagtail_live.move")(MoveFormatter)
    actions.register_action("wagtail_live.edit_and_move")(EditAndMoveFormatter)
    for name, label, message in (
        ("unschedule", _("Cancel the schedule"), _("Cancelled the schedule")),
        ("submit", _("Submit to editor"), _("Submitted to editor")),
        ("restore", _("Undo the deletion"), _("Undid the deletion")),
    ):
        actions.register_action(f"wagtail_live.{name}", label, message)

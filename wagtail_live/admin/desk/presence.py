"""Who else is at a desk, and which post they are editing."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ...models import Channel, DeskPresence

GONE_AFTER = timedelta(seconds=30)
TOLD_EVERY = timedelta(seconds=8)


def arrive(channel: Channel, user, post_id: UUID | None) -> list[dict]:
    """Say that somebody is here, and return who else is."""
    now = timezone.now()
    present = channel.presences.filter(seen_at__gt=now - GONE_AFTER)
    present = {each.user_id: each for each in present.select_related("user")}
    own = present.pop(user.pk, None)
    if own is None or own.post_id != post_id or own.seen_at < now - TOLD_EVERY:
        _say_here(channel, user, post_id=post_id, seen_at=now)
    return [
        {
            "name": user_display_name(each.user),
            "post": each.post_id and str(each.post_id),
        }
        for each in sorted(present.values(), key=lambda each: each.pk)
    ]


def _say_here(channel: Channel, user, **values) -> None:
    """One statement that writes at a time: SQLite lets such a one wait for its turn."""
    if not channel.presences.filter(user=user).update(**values):
        # Another tab of the same user may have been quicker.
        with suppress(IntegrityError), transaction.atomic():
            DeskPresence.objects.create(channel=channel, user=user, **values)


def leave(channel: Channel, user) -> None:
    channel.presences.filter(user=user).delete()

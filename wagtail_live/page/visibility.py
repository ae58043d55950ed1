"""Why readers can't see a page: it is unpublished, scheduled or has expired."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import TextChoices

from .. import cursors


class PageState(TextChoices):
    LIVE = "live"
    NEVER_PUBLISHED = "never_published"
    SCHEDULED = "scheduled"
    UNPUBLISHED = "unpublished"
    EXPIRED = "expired"


class Visibility(NamedTuple):
    """The state of a page, and the moment when it will be published or has expired."""

    state: PageState
    moment: datetime | None = None

    @property
    def key(self) -> str:
        """A text that differs for another state or moment; ``""`` for a published page."""
        if self.state == PageState.LIVE:
            return ""
        moment = self.moment and round(cursors.to_timestamp(self.moment))
        return f"-{self.state.value}-{moment or ''}"


def get_visibility(page: Any) -> Visibility:
    """Return whether readers can see a page, and why not."""
    if page.live:
        return Visibility(PageState.LIVE)
    if scheduled := page.scheduled_revision:
        moment = cursors.to_aware(scheduled.approved_go_live_at)
        return Visibility(PageState.SCHEDULED, moment)
    if page.expired:
        moment = page.expire_at and cursors.to_aware(page.expire_at)
        return Visibility(PageState.EXPIRED, moment)
    if page.first_published_at is None:
        return Visibility(PageState.NEVER_PUBLISHED)
    return Visibility(PageState.UNPUBLISHED)

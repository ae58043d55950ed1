"""Suggestions that users have asked for, for an hour."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ... import cursors
from ...models import Channel


class SuggestionState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Suggestion(models.Model):
    """A request to the assistant, and its answer, which only the user who asked gets.

    The answer is in the database, because another process may be asked for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="suggestions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=16)
    state = models.CharField(
        max_length=16, choices=SuggestionState.choices, default=SuggestionState.WAITING
    )
    answer = models.JSONField(null=True)
    created_at = cursors.MomentField(default=cursors.now)

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        indexes = [
            models.Index(fields=["user", "created_at"], name="wagtail_live_suggested"),
            models.Index(fields=["created_at"], name="wagtail_live_suggestion_age"),
        ]

    def __str__(self):
        return f"{self.kind} ({self.state})"

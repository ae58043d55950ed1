"""Questions, and whether a page takes them. The sender's address is not stored."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ... import cursors
from ...models import Channel, LivePost

NAME_LENGTH = 100


class QuestionBox(models.Model):
    """The switch of a page: readers may ask only after an editor has opened its box."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, related_name="question_box"
    )
    is_open = models.BooleanField(_("open"), default=False)

    class Meta:
        verbose_name = _("question box")
        verbose_name_plural = _("question boxes")

    def __str__(self):
        return str(self.channel)


class QuestionState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ANSWERED = "answered", _("Answered")
    DISMISSED = "dismissed", _("Dismissed")


class Question(models.Model):
    """A question as it was sent, which only editors see."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="questions"
    )
    text = models.TextField(_("question"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=QuestionState,
        default=QuestionState.WAITING,
    )
    created_at = cursors.MomentField(_("sent"), default=cursors.now)
    answer = models.ForeignKey(
        LivePost,
        verbose_name=_("answer"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        indexes = [
            models.Index(
                fields=["channel", "state", "created_at"], name="wagtail_live_inbox"
            ),
            models.Index(fields=["created_at"], name="wagtail_live_question_age"),
        ]

    def __str__(self):
        return self.text[:50]

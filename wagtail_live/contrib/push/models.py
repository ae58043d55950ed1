"""Subscriptions to key events, and the messages that have to be sent.

There is nothing about a person in them: a subscription is the URL that the browser got
from its push service, and the keys that only this browser can read.
"""

from __future__ import annotations

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from ... import cursors
from ...models import Channel

MAX_ENDPOINT = 1000  # characters


def get_digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


class PushSubscription(models.Model):
    """A browser that is told of the key events of a channel."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="push_subscriptions"
    )
    endpoint = models.TextField(_("endpoint"))
    digest = models.CharField(
        max_length=64
    )  # of the endpoint, which is too long for an index
    p256dh = models.CharField(max_length=90)
    auth = models.CharField(max_length=30)
    created_at = cursors.MomentField(_("created"), default=cursors.now)
    renewed_at = cursors.MomentField(_("renewed"), default=cursors.now)

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "digest"], name="wagtail_live_one_subscription"
            )
        ]
        indexes = [
            models.Index(fields=["digest"], name="wagtail_live_push_digest"),
            models.Index(fields=["renewed_at"], name="wagtail_live_push_age"),
        ]

    def __str__(self):
        return self.digest[:8]


class PushAlert(models.Model):
    """A key event. The row stays, so that no key event is announced twice; no foreign key,
    since a post that was deleted can come back."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="push_alerts"
    )
    post_id = models.UUIDField(unique=True)
    created_at = cursors.MomentField(_("created"), default=cursors.now)
    # The subscriptions up to this one have their deliveries.
    last_subscription = models.BigIntegerField(default=0)
    # When there is something to send; a process that sends moves it ahead.
    due_at = cursors.MomentField(null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [models.Index(fields=["due_at"], name="wagtail_live_alert_due")]

    def __str__(self):
        return str(self.post_id)


class PushDelivery(models.Model):
    """A message that has not been accepted by the push service yet."""

    alert = models.ForeignKey(
        PushAlert, on_delete=models.CASCADE, related_name="deliveries"
    )
    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = cursors.MomentField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "subscription"], name="wagtail_live_one_message"
            )
        ]

    def __str__(self):
        return f"{self.alert} ({self.subscription})"

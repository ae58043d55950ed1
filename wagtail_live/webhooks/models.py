"""Webhook endpoints and their delivery queue."""

from __future__ import annotations

import base64
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from .. import cursors
from ..models import Channel

KEY_SALT = "wagtail_live.webhooks"
SECRET_PREFIX = "whsec_"  # noqa: S105 (as Standard Webhooks writes secrets)


def generate_salt() -> str:
    return get_random_string(32)


def validate_https(url: str) -> None:
    if not url.lower().startswith("https://") or "@" in urlsplit(url).netloc:
        raise ValidationError(
            _("The URL must begin with https:// and a host name, without a user name.")
        )


class WebhookEndpoint(models.Model):
    """A URL that receives each update of a page that readers see.

    Its secret is not stored, but derived from ``SECRET_KEY`` and ``salt``.
    """

    channel = models.ForeignKey(
        Channel,
        on_delete=models.CASCADE,
        related_name="webhook_endpoints",
        editable=False,
    )
    name = models.CharField(_("name"), max_length=100)
    url = models.URLField(_("URL"), max_length=500, validators=[validate_https])
    is_active = models.BooleanField(_("active"), default=True)
    salt = models.CharField(max_length=32, default=generate_salt, editable=False)
    created_at = cursors.MomentField(_("created"), default=cursors.now, editable=False)
    last_success_at = cursors.MomentField(_("last success"), null=True, editable=False)
    last_failure_at = cursors.MomentField(_("last failure"), null=True, editable=False)
    last_error = models.CharField(
        _("last error"), max_length=255, blank=True, default="", editable=False
    )
    # Until then a process is sending, or the endpoint is paused after a failure.
    blocked_until = cursors.MomentField(null=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self):
        return self.name

    @property
    def secret(self) -> str:
        """The secret that the receiver verifies signatures with."""
        return SECRET_PREFIX + base64.b64encode(self.signing_keys[0]).decode()

    @property
    def signing_keys(self) -> list[bytes]:
        """One key for each secret key of the site, so that the site can replace its key."""
        return [
            salted_hmac(KEY_SALT, self.salt, secret=key, algorithm="sha256").digest()
            for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]


class WebhookDelivery(models.Model):
    """An update for an endpoint. The post is read when the delivery is sent, so that a
    post that was hidden meanwhile is not in the payload."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    action = models.CharField(_("update"), max_length=20)
    post_id = models.UUIDField(null=True)
    cursor = cursors.MomentField(_("time"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = cursors.MomentField(null=True)
    delivered_at = cursors.MomentField(_("delivered"), null=True)
    error = models.CharField(_("error"), max_length=255, blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "cursor"], name="wagtail_live_one_delivery"
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="wagtail_live_delivery_due")]

    def __str__(self):
        return f"{self.action} ({self.endpoint})"

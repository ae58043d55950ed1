"""API tokens, and the idempotency keys of their requests."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .. import conf, cursors, permissions
from ..models import Channel
from ..permissions import ALL_RIGHTS, NO_RIGHTS, Rights

PREFIX = "wlt_"  # recognised by scanners for leaked secrets
SECRET_BYTES = 32


def hash_secret(secret: str) -> str:
    """Hash a secret; its 256 random bits can't be guessed, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


class ApiTokenManager(models.Manager["ApiToken"]):
    def issue(self, channels, **fields) -> tuple[ApiToken, str]:
        """Create a token; return it with its secret, which is not stored."""
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        token = self.create(digest=hash_secret(secret), **fields)
        token.channels.set(channels)
        return token, secret

    def find(self, secret: str) -> ApiToken | None:
        """Return the token with this secret if it is valid now."""
        tokens = self.valid(cursors.now()).select_related("user")
        return tokens.filter(digest=hash_secret(secret)).first()

    def valid(self, now: datetime):
        """Return the tokens that work now: those of people, and those that people created
        for machines, only while their accounts are active."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            Q(user=None) | Q(user__is_active=True),
            Q(created_by=None) | Q(created_by__is_active=True),
            revoked_at=None,
        )


class ApiToken(models.Model):
    """The right of a user or a machine to write some live pages over the API.

    The token of a user never has more rights than they have on the page when it is used.
    That of a machine keeps its rights, but ends with the account that created it.
    """

    name = models.CharField(
        _("name"), max_length=100, help_text=_("The person or system that will use it.")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    channels = models.ManyToManyField(
        Channel, verbose_name=_("live pages"), related_name="tokens"
    )
    may_publish = models.BooleanField(
        _("may publish"),
        default=True,
        help_text=_("Otherwise it can only write and submit drafts."),
    )
    created_at = cursors.MomentField(_("created"), default=cursors.now)
    # Null for a token that the site's own code issues.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
    )
    expires_at = cursors.MomentField(_("expires"), null=True, blank=True)
    revoked_at = cursors.MomentField(_("revoked"), null=True, editable=False)
    last_used_at = cursors.MomentField(_("last used"), null=True, editable=False)
    # When the token bucket is full again, in seconds since the epoch.
    full_at = models.FloatField(default=0, editable=False)

    objects = ApiTokenManager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return self.name

    @property
    def is_valid(self) -> bool:
        return ApiToken.objects.valid(cursors.now()).filter(pk=self.pk).exists()

    def may_read(self, channel: Channel) -> bool:
        """Return whether the token can read all posts of the channel."""
        page = channel.page.specific_deferred
        return self.user is None or permissions.may_read(self.user, page)

    def rights_on(self, channel: Channel) -> Rights:
        """Return the current rights of the user, or those of a machine."""
        page = channel.page.specific_deferred
        if self.user is None:
            rights = NO_RIGHTS if page.get_lock() else ALL_RIGHTS
        else:
            rights = permissions.get_rights(self.user, page)
        return rights._replace(may_publish=rights.may_publish and self.may_publish)

    def revoke(self) -> None:
        """Refuse the token from now on."""
        self.revoked_at = self.revoked_at or cursors.now()
        self.save(update_fields=["revoked_at"])


class KeyReused(Exception):
    """An idempotency key came with a different request."""


class IdempotencyKeyManager(models.Manager["IdempotencyKey"]):
    def remember(
        self, token: ApiToken, key: str, *parts: bytes
    ) -> tuple[IdempotencyKey, bool]:
        """Return the row of a key, and whether it is new; ``KeyReused`` if the key was
        used for a different request."""
        digest = hashlib.sha256()
        for part in parts:
            digest.update(hashlib.sha256(part).digest())
        fingerprint = digest.hexdigest()
        row, is_new = self.get_or_create(
            token=token, key=key, defaults={"fingerprint": fingerprint}
        )
        if row.fingerprint != fingerprint:
            raise KeyReused
        if is_new:
            before = cursors.now() - timedelta(days=conf.get_keep_tombstones())
            token.keys.filter(created_at__lt=before).delete()
        return row, is_new


class IdempotencyKey(models.Model):
    """A request of a token with a key: the same request again has the same result."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    result = models.CharField(max_length=64, blank=True, default="")
    created_at = cursors.MomentField(default=cursors.now)

    objects = IdempotencyKeyManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "key"], name="wagtail_live_one_request_per_key"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="wagtail_live_key_age")]

    def __str__(self):
        return self.key

    def keep(self, result: str) -> None:
        """Store the result of the request."""
        self.result = result
        self.save(update_fields=["result"])

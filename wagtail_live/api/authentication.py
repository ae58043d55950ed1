"""Tokens: who asks, and whether not too often."""

from __future__ import annotations

import time

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled

from .. import conf
from .models import ApiToken


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <secret>``; ``request.auth`` is the ``ApiToken``.

    Without it a session counts for reading alone: ``request.auth`` is ``None``.
    """

    def authenticate(self, request):
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return getattr(request._request, "user", AnonymousUser()), None
        token = ApiToken.objects.find(secret.strip())
        if token is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        spend(token)
        return token.user or AnonymousUser(), token

    def authenticate_header(self, request):
        return 'Bearer realm="wagtail_live"'


def spend(token: ApiToken) -> None:
    """Take a request out of the token's bucket; ``Throttled`` where it is empty.

    In one statement, so that all processes share the bucket.
    """
    now, interval = time.time(), 1 / conf.get_api_rate()
    latest = now + (conf.get_api_burst() - 1) * interval
    bucket = ApiToken.objects.filter(pk=token.pk)
    if bucket.filter(full_at__lte=latest).update(
        full_at=Greatest(F("full_at"), Value(now)) + Value(interval),
        last_used_at=timezone.now(),
    ):
        return
    full_at = bucket.values_list("full_at", flat=True).first() or latest
    raise Throttled(wait=max(1, full_at - latest))

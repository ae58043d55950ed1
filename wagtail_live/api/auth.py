"""Authentication by token, and the channels and rights that a request has."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.http import Http404
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled

from .. import conf
from ..delivery import access
from ..housekeeping import housekeeper
from ..models import Channel
from ..permissions import Rights
from .models import ApiToken


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <secret>``; ``request.auth`` is the ``ApiToken``.

    Without a token ``request.auth`` is ``None``, and a session only allows reading.
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
    """Take a request out of the token's bucket; ``Throttled`` if the bucket is empty.

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


class Reach(NamedTuple):
    """A channel, and the rights of a token on it; ``None`` for a reader.

    ``is_public``: everybody gets the same response.
    """

    channel: Channel
    rights: Rights | None = None
    is_public: bool = False

    def require(self, *, publishing: bool) -> None:
        """Raise ``PermissionDenied`` if the rights are not sufficient."""
        self.rights.require(publishing=publishing)


def find_for_writing(request, channel_id: str) -> Reach:
    """Find the channel; 404 also if the token is not for it."""
    if request.auth is None:
        raise NotAuthenticated("This request needs a token for the page.")
    reach = _find_by_token(request.auth, channel_id)
    if reach is None:
        raise Http404
    return reach


def find_for_reading(request, channel_id: str) -> Reach:
    """Find the channel: all of it with a token for the page, otherwise as readers see it.

    Requests also start housekeeping, for sites whose readers only use the API.
    """
    housekeeper.look()
    if request.auth and (reach := _find_by_token(request.auth, channel_id)):
        return reach
    try:
        channel, is_public = access.find_access(request._request, channel_id)
    except access.ChannelGone:
        raise Http404 from None
    return Reach(channel, is_public=is_public)


def _find_by_token(token: ApiToken, channel_id: str) -> Reach | None:
    if not channel_id.isprintable():
        return None  # no database takes NUL
    channel = token.channels.filter(channel_id=channel_id).first()
    if channel is None or not token.may_read(channel):
        return None
    return Reach(channel, token.rights_on(channel))

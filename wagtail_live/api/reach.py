"""Which channel a request is about, and what whoever asks may do there."""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.exceptions import NotAuthenticated

from .. import permissions
from ..delivery import access
from ..housekeeping import housekeeper
from ..models import Channel
from ..permissions import EVERYTHING, Rights
from .models import ApiToken

NOTHING = Rights(may_draft=False, may_publish=False)


class Reach(NamedTuple):
    """A channel, and the rights of a token on it; ``None`` for a reader.

    ``is_public`` says whether everybody gets the same answer.
    """

    channel: Channel
    rights: Rights | None = None
    is_public: bool = False

    def require_writer(self) -> None:
        """``NotAuthenticated`` for readers."""
        if self.rights is None:
            raise NotAuthenticated("This needs a token for the page.")

    def require(self, *, publishing: bool) -> None:
        """``PermissionDenied`` where the rights are not enough."""
        self.require_writer()
        self.rights.require(publishing=publishing)


def find_for_writing(request, channel_id: str) -> Reach:
    """404 for an unknown channel as for one that the token is not for."""
    if request.auth is None:
        raise NotAuthenticated("This needs a token for the page.")
    reach = _find_by_token(request.auth, channel_id)
    if reach is None:
        raise Http404
    return reach


def find_for_reading(request, channel_id: str) -> Reach:
    """With a token for the page all of it, otherwise what readers see.

    Where readers come here alone, it is they who let scheduled posts go live.
    """
    housekeeper.look()
    if request.auth and (reach := _find_by_token(request.auth, channel_id)):
        return reach
    found = access.find(request._request, channel_id)
    if found is None:
        raise Http404
    channel, is_public = found
    return Reach(channel, is_public=is_public)


def _find_by_token(token: ApiToken, channel_id: str) -> Reach | None:
    channel = access.get_channel(channel_id)
    if channel is None or not token.channels.filter(pk=channel.pk).exists():
        return None
    try:
        return Reach(channel, get_rights(token, channel))
    except PermissionDenied:
        return None


def get_rights(token: ApiToken, channel: Channel) -> Rights:
    """Those of the token's user, as they are now; ``PermissionDenied`` where the user
    may not even read the page. A machine's token has its own."""
    page = channel.page.specific_deferred
    if token.user is None:
        rights = NOTHING if page.get_lock() else EVERYTHING
    elif permissions.may_read(token.user, page):
        rights = permissions.get_rights(token.user, page)
    else:
        raise PermissionDenied
    may_publish = rights.may_publish and token.may_publish
    return rights._replace(may_publish=may_publish)

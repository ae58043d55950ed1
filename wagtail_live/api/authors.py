"""The authors of posts in requests: people of the site by their usernames, and bylines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.serializers import ValidationError

from ..models import Channel, PostAuthor
from ..permissions import OnlyOwnName, get_name, get_writers


def read_authors(
    channel: Channel, token: Any, given: list[dict[str, str]]
) -> dict[str, Any]:
    """Return what the writer takes. Without authors, readers see no name."""
    users = _find_users(channel, token, {each.get("username", "") for each in given})
    authors = [_read(each, users) for each in given]
    if not authors:
        return {"author_name": "", "coauthors": []}
    first, *others = authors
    return {"author": first.user, "author_name": first.name, "coauthors": others}


def _read(given: dict[str, str], users: dict[str, Any]) -> PostAuthor:
    user = users.get(given.get("username", ""))
    name = get_name(user) or user.get_username() if user else ""
    return PostAuthor(given.get("name", name), user)


def _find_users(channel: Channel, token: Any, names: set[str]) -> dict[str, Any]:
    """Return the users with these usernames. A token that may not publish learns nothing
    about others."""
    wanted, own = names - {""}, token.user
    found = {own.get_username(): own} if own else {}
    if wanted <= found.keys():
        return found
    if not token.rights_on(channel).may_publish:
        raise OnlyOwnName
    username = get_user_model().USERNAME_FIELD
    writers = get_writers(channel.page.specific_deferred)
    for user in writers.filter(**{f"{username}__in": wanted}):
        found[user.get_username()] = user
    if unknown := sorted(wanted - found.keys()):
        reason = "Nobody with this username may write on this page: {}."
        raise ValidationError({"authors": [reason.format(", ".join(unknown))]})
    return found

"""The authors of posts in requests: users by their usernames, people of the site's author
model by their primary keys, and bylines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from rest_framework.serializers import ValidationError

from .. import conf
from ..models import Channel, LivePost, PostAuthor
from ..people import find_by_keys, find_people, get_person_name, offer_people
from ..permissions import OnlyOwnName, get_name, get_writers

NOBODY = "Nobody with this username may write on this page."
NO_PERSON = "No author of the site that is published has this id."
NO_MODEL = "This site has no authors but users: see WAGTAIL_LIVE_AUTHOR_MODEL."


def read_authors(
    channel: Channel,
    token: Any,
    given: list[dict[str, str]],
    post: LivePost | None = None,
) -> dict[str, Any]:
    """Return what the writer takes. Without authors, readers see no name."""
    users = _find_users(channel, token, _get_all(given, "username"))
    people = _find_people(channel, token, _get_all(given, "person"), post)
    _require("username", given, users, NOBODY)
    _require(
        "person", given, people, NO_PERSON if conf.get_author_model() else NO_MODEL
    )
    authors = [_read(each, users, people) for each in given]
    if not authors:
        return {"authors": []}
    return {"author": authors[0].user, "authors": authors}


def _get_all(given: list[dict[str, str]], name: str) -> set[str]:
    return {each[name] for each in given if name in each}


def _require(name: str, given: list[dict], found: dict[str, Any], reason: str) -> None:
    """Raise an error that names the wrong fields, if there are any."""
    errors = {
        index: {name: [reason]}
        for index, each in enumerate(given)
        if name in each and each[name] not in found
    }
    if errors:
        raise ValidationError({"authors": errors})


def _read(
    given: dict[str, str], users: dict[str, Any], people: dict[str, Any]
) -> PostAuthor:
    user, person = users.get(given.get("username")), people.get(given.get("person"))
    name = get_person_name(person) if person else ""
    if user:
        name = get_name(user) or user.get_username()
    return PostAuthor(given.get("name", name), user, person, given.get("role", ""))


def _find_users(channel: Channel, token: Any, names: set[str]) -> dict[str, Any]:
    """Return the users with these usernames. A token that may not publish learns nothing
    about others."""
    own = token.user
    found = {own.get_username(): own} if own else {}
    if names <= found.keys():
        return found
    _require_choice(channel, token)
    username = get_user_model().USERNAME_FIELD
    writers = get_writers(channel.page.specific_deferred)
    for user in writers.filter(**{f"{username}__in": names}):
        found[user.get_username()] = user
    return found


def _find_people(
    channel: Channel, token: Any, keys: set[str], post: LivePost | None
) -> dict[str, Any]:
    """Return the people with these primary keys, who are offered on the page or authors of
    the post."""
    if not keys:
        return {}
    _require_choice(channel, token)
    if conf.get_author_model() is None:
        return {}
    named = [each for each in (post.stored_authors if post else ()) if "person" in each]
    known = find_people({each["person"] for each in named})
    known |= find_by_keys(offer_people(channel.page), keys)
    return {str(person.pk): person for person in known.values()}


def _require_choice(channel: Channel, token: Any) -> None:
    if not token.rights_on(channel).may_publish:
        raise OnlyOwnName

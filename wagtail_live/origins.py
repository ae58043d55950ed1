"""Where posts come from: the chain that webhooks tell other sites, so that a post which
goes from site to site never comes back to one that it was on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

KEY_SALT = "wagtail_live.origins"
ID_LENGTH = 20
MAX_ORIGINS = 20

# The posts on the way: ``{"site": id, "post": id}``, the first one first.
Chain = list[dict[str, str]]
Find = Callable[[UUID], "UUID | Chain | None"]

_finders: list[Find] = []


def register(find: Find) -> None:
    """Register a function that returns where a post comes from: the id of a post of this
    site, the chain of a post of another site, or ``None``. Call it in ``AppConfig.ready``."""
    _finders.append(find)


def get_site_ids() -> list[str]:
    """Return the ids of this site: the current one, and those of its former secret keys."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [make_site_id(key) for key in keys]


def make_site_id(key: str | bytes) -> str:
    digest = salted_hmac(KEY_SALT, "site", secret=key, algorithm="sha256")
    return digest.hexdigest()[:ID_LENGTH]


def find_origins(post_id: UUID) -> Chain:
    """Return the chain that ends with a post of this site."""
    site = get_site_ids()[0]
    chain: Chain = [{"site": site, "post": str(post_id)}]
    for _ in range(MAX_ORIGINS):
        found = [before for find in _finders if (before := find(post_id))]
        if not found:
            return chain
        before = found[0]
        if not isinstance(before, UUID):
            return [*before, *chain]
        chain.insert(0, {"site": site, "post": str(before)})
        post_id = before
    return chain

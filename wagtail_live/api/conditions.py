"""Writing only what has not changed, and only once."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from http import HTTPStatus

from django.utils import timezone
from django.utils.http import parse_etags

from .. import conf, posts
from ..models import LivePost
from .models import ApiToken, IdempotencyKey
from .problems import Problem
from .representation import etag_of

KEY = re.compile(r"[\x21-\x7e]{1,200}")


def get_expected(request, post: LivePost) -> datetime | None:
    """The version that ``If-Match`` names, for the writer to compare under its lock.

    Proxies that compress an answer make its ``ETag`` weak; it is as good as before.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    etags = {etag.removeprefix("W/") for etag in parse_etags(header)}
    if etag_of(post) not in etags:
        raise posts.Conflict(post)
    return post.updated_at


def get_key(request) -> str:
    """The ``Idempotency-Key`` of the request, ``""`` if it has none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not KEY.fullmatch(key):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "An Idempotency-Key has 1 to 200 characters of ASCII, and no spaces.",
        )
    return key


def remember(token: ApiToken, key: str, *parts: bytes) -> tuple[IdempotencyKey, bool]:
    """What was asked for under the key, and whether this is the first time; a
    ``Problem`` with 422 where it was something else."""
    fingerprint = _fingerprint(parts)
    row, is_new = IdempotencyKey.objects.get_or_create(
        token=token, key=key, defaults={"fingerprint": fingerprint}
    )
    if row.fingerprint != fingerprint:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was used for another request.",
        )
    if is_new:
        before = timezone.now() - timedelta(days=conf.get_keep_tombstones())
        token.keys.filter(created_at__lt=before).delete()
    return row, is_new


def _fingerprint(parts: tuple[bytes, ...]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()

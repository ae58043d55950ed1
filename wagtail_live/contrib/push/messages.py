"""A message to a push service: RFC 8030, encrypted for the browser as RFC 8291 says."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.http import parse_http_date_safe
from pywebpush import WebPusher

from ... import __version__, outbound
from ...models import LivePost
from ...page.rendering import get_page_url, permalink
from ...page.updates import serialise
from ...text import shorten
from . import conf
from .keys import sign
from .models import PushSubscription

logger = logging.getLogger("wagtail_live.push")

TIMEOUT = 10.0  # seconds
TTL = 3600  # seconds for which a service keeps the message for a browser that is off
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
RETRIED = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
MAX_BODY = 200  # characters, so that the message stays below 4096 bytes
MAX_TITLE = 100


class Result(NamedTuple):
    """A message is sent again unless this is final, after ``retry_after`` seconds at the
    earliest; ``is_gone`` ends a subscription."""

    is_final: bool = False
    is_gone: bool = False
    retry_after: float = 0.0


def build_payload(post: LivePost) -> bytes:
    """Return the JSON that the service worker shows."""
    page = post.channel.page.specific_deferred
    text = post.headline or post.excerpt or post.neutral_name
    return serialise(
        {
            "title": shorten(page.title, words=20, characters=MAX_TITLE),
            "body": shorten(text, words=40, characters=MAX_BODY),
            "url": permalink(get_page_url(page), post) or "/",
            "tag": str(post.pk),
            "lang": post.channel.language,
        }
    )


def send(subscription: PushSubscription, payload: bytes, post_id: UUID) -> Result:
    """Send a message. A second one of the same post replaces the first, on its way and in
    the browser."""
    endpoint = subscription.endpoint
    if not conf.is_service(urlsplit(endpoint).hostname):  # any longer
        return Result(is_final=True, is_gone=True)
    keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
    try:
        body = WebPusher({"endpoint": endpoint, "keys": keys}).encode(payload)["body"]
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL),
            "Topic": post_id.hex,
            "Urgency": "high",
            "User-Agent": f"wagtail-live/{__version__}",
            **sign(endpoint),
        }
        with outbound.send(
            endpoint, method="POST", body=body, headers=headers, timeout=TIMEOUT
        ) as response:
            status = response.status
            retry_after = response.headers.get("Retry-After", "")
    except outbound.RequestFailed as error:
        # Such as a host without a public address: there is no push service.
        return Result(is_final=error.is_final, is_gone=error.is_final)
    except Exception:
        logger.exception(
            "A message could not be built for subscription %s.", subscription
        )
        return Result(is_final=True)
    return judge(status, retry_after)


def judge(status: int, retry_after: str) -> Result:
    if 200 <= status < 300:
        return Result(is_final=True)
    if status in GONE:
        return Result(is_final=True, is_gone=True)
    if status in RETRIED or status >= 500:
        return Result(retry_after=parse_retry_after(retry_after))
    logger.warning("A push service refused a message with status %s.", status)
    return Result(is_final=True)


def parse_retry_after(value: str) -> float:
    """Return the seconds in a header that has a number or a date; 0 for anything else."""
    if value.isdecimal():
        return float(value)
    moment = parse_http_date_safe(value)
    return max(0.0, moment - time.time()) if moment else 0.0

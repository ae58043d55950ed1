"""Webhooks as another site sends them."""

import time

from wagtail_live.receivers.webhook import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
START = 1_800_000_000.5


def signed(body, delivery_id="msg_1"):
    timestamp = str(int(time.time()))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(SECRET, delivery_id, timestamp, body),
    }


def update(kind, post_id, version, *content, channel="stand", origins=(), **post):
    """Return the payload of an update; ``content`` are the blocks of the post."""
    cursor = START + version
    described = {
        "id": post_id,
        "version": repr(cursor),
        "title": "",
        "authors": [],
        "is_key_event": False,
        "correction": "",
        "created": "2026-06-01T15:00:00+00:00",
        "url": f"https://other.example/storm/?post={post_id}",
        "content": [{"type": name, "value": value} for name, value in content],
        **post,
    }
    return {
        "type": kind,
        "timestamp": "2026-06-01T15:00:00+00:00",
        "data": {
            "channel": {"channel_id": channel, "page": {"title": "Storm"}},
            "cursor": cursor,
            "post_id": post_id,
            "post": described if content else None,
            "origins": [*origins, {"site": "other", "post": post_id}],
        },
    }


def text(words):
    return "text", f"<p>{words}</p>"

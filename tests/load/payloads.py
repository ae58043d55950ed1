"""The updates in a server's bytes, decoded once for all readers who received them."""

import json
from functools import lru_cache
from typing import NamedTuple

from tests.load.marks import Mark, find_marks


class Update(NamedTuple):
    post_id: str
    content: str
    mark: Mark | None


class Payload(NamedTuple):
    """The updates of one answer, event or frame, in the order in which they came.

    ``current_posts`` is ``None`` in the lean form, which has ``removals`` instead. A push
    engine gives the cursor ``previous`` that a reader has who has missed nothing.
    """

    updates: tuple[Update, ...] = ()
    removals: tuple[str, ...] = ()
    current_posts: tuple[str, ...] | None = None
    cursor: str = ""
    previous: str = ""

    @property
    def is_news(self) -> bool:
        return bool(self.updates or self.removals or self.current_posts is not None)


@lru_cache(maxsize=1024)
def decode_updates(body: bytes) -> Payload:
    """Decode the wire format of wagtail_live; timeouts and heartbeats have no updates."""
    answer = json.loads(body)
    if "lastUpdateTimestamp" not in answer:
        return Payload()
    current_posts = answer.get("currentPosts")
    previous = answer.get("previousUpdateTimestamp")
    return Payload(
        tuple(
            Update(
                post_id, post["content"], next(iter(find_marks(post["content"])), None)
            )
            for post_id, post in answer.get("updates", {}).items()
        ),
        tuple(answer.get("removals", ())),
        None if current_posts is None else tuple(current_posts),
        repr(answer["lastUpdateTimestamp"]),
        "" if previous is None else repr(previous),
    )


@lru_cache(maxsize=1024)
def decode_marks(body: bytes) -> Payload:
    """Decode a text from any other server: each mark in it is an update."""
    text = body.decode()
    return Payload(
        tuple(Update(str(mark.number), text, mark) for mark in find_marks(text))
    )

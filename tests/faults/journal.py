"""The changes that reporters committed, and the state of a page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from tests.load.checker import Checker
from tests.load.marks import find_marks, marked_text
from wagtail_live import cursors

LAST = 1_000_000_000  # above all numbers of reporters


class Standing(NamedTuple):
    """The cursor of a page, and the number of the visible update of each post."""

    cursor: str
    posts: dict[str, int]

    @classmethod
    def of(cls, page) -> Standing:
        channel = page.live_channel
        posts = channel.posts.visible().oldest_first()
        return cls(
            repr(cursors.to_timestamp(channel.last_updated_at)),
            {str(post.pk): number_of(post) for post in posts},
        )


class Entry(NamedTuple):
    """One change; ``number`` is ``None`` if a post was hidden or deleted."""

    post_id: str
    number: int | None
    cursor: float


class Journal:
    """All changes of a page; those of one post are in order."""

    numbers = count(LAST)

    def __init__(self, entries: Iterable[Entry] = ()):
        self.entries = list(entries)

    def publish(self, page, size: int = 100) -> int:
        """Publish a post from the test's own process; return its number."""
        number = next(self.numbers)
        self.add(page.add_live_post(marked_text(number, size)))
        return number

    def edit(self, page, post, **changes) -> None:
        text = marked_text(next(self.numbers), 100)
        self.add(page.update_live_post(post, content=text, **changes))

    def hide(self, page, post) -> None:
        self.add(page.update_live_post(post, show=False))

    def delete(self, page, post) -> None:
        self.entries.append(Entry(str(post.pk), None, float("inf")))
        page.delete_live_post(post)

    def change_all_ways(self, page) -> None:
        """Publish two posts; edit, hide and delete one earlier post each."""
        edited, hidden, deleted = page.live_posts[:3]
        self.publish(page)
        self.edit(page, edited)
        self.hide(page, hidden)
        self.delete(page, deleted)
        self.publish(page)

    def add(self, post) -> None:
        self.entries.append(entry_of(post))

    def tell(self, checker: Checker, start: Standing) -> None:
        """Return the published updates, and the posts that readers saw at the start."""
        for post_id, number in start.posts.items():
            checker.published(number, post_id, cursor=0.0)
        for post_id, number, cursor in self.entries:
            if number is None:
                checker.withdrawn(post_id, cursor)
            else:
                checker.published(number, post_id, cursor)


def entry_of(post) -> Entry:
    """Return the latest change of a post."""
    number = number_of(post) if post.show else None
    return Entry(str(post.pk), number, cursors.to_timestamp(post.updated_at))


def number_of(post) -> int:
    (block,) = post.content.get_prep_value()
    (mark,) = find_marks(block["value"])
    return mark.number

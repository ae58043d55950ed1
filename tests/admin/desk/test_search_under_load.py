"""Posts are found when many are written at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from wagtail.search.backends import get_search_backend

from wagtail_live import posts
from wagtail_live.background import threads
from wagtail_live.models import SearchablePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.search import index_posts, search

WRITERS = 4
POSTS = 10


pytestmark = [
    pytest.mark.every_database,
    pytest.mark.real_threads,
    pytest.mark.django_db(transaction=True),
]


def test_posts_of_concurrent_writers_are_found(match_page):
    channel = match_page.live_channel

    def write(writer):
        try:
            for number in range(POSTS):
                posts.publish(
                    channel, f"<p>Goalkeeper {writer} {number}</p>", actor=SYSTEM
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    assert threads.wait(20)
    assert set(search(channel, "goalkeeper")) == set(
        channel.posts.values_list("pk", flat=True)
    )
    assert len(search(channel, "goalkeeper")) == WRITERS * POSTS


def test_a_post_that_cannot_be_indexed_hides_no_other(match_page, monkeypatch, caplog):
    channel = match_page.live_channel
    fine, broken = (
        posts.publish(channel, text, actor=SYSTEM) for text in ("Goal", "Offside")
    )
    assert threads.wait(20)
    get_search_backend().get_index_for_model(SearchablePost).reset()
    read = SearchablePost.text.func

    def read_or_fail(self):
        if self.post_id == broken.pk:
            raise OSError("no index today")
        return read(self)

    monkeypatch.setattr(SearchablePost, "text", property(read_or_fail))
    index_posts([broken.pk, fine.pk])
    assert list(search(channel, "goal")) == [fine.pk]
    assert "no index today" in caplog.text


def test_indexing_holds_no_lock_and_waits_for_that_of_others(match_page, monkeypatch):
    backend = type(get_search_backend())
    add, tries = backend.add_bulk, []

    def add_when_unlocked(self, *arguments):
        tries.append(connection.in_atomic_block)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        add(self, *arguments)

    monkeypatch.setattr(backend, "add_bulk", add_when_unlocked)
    channel = match_page.live_channel
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    assert threads.wait(20)
    assert tries == [False, False, False]
    assert list(search(channel, "goal")) == [post.pk]


def test_a_page_waits_for_the_lock_of_others(match_page, monkeypatch, found_pages):
    channel = match_page.live_channel
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    assert threads.wait(20)
    backend = type(get_search_backend())
    add, tries = backend.add, []

    def add_when_unlocked(self, page):
        tries.append(page)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        add(self, page)

    monkeypatch.setattr(backend, "add", add_when_unlocked)
    posts.edit(channel, post, content="Offside", actor=SYSTEM)
    assert threads.wait(20)
    assert len(tries) == 3
    assert found_pages("offside") == ["Match"]


def test_a_deleted_post_is_removed_from_the_index(match_page, monkeypatch):
    removed = []
    backend = type(get_search_backend())
    monkeypatch.setattr(backend, "delete", lambda self, row: removed.append(row.pk))
    channel = match_page.live_channel
    post = posts.publish(channel, "Secret", actor=SYSTEM)
    row = SearchablePost.objects.get(post=post)
    assert threads.wait(20)
    posts.delete(channel, post, actor=SYSTEM)
    assert threads.wait(20)
    assert removed == [row.pk]

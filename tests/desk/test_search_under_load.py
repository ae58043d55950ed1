"""Every post is found, however many are written at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from wagtail_live import posts
from wagtail_live.desk.search import search

WRITERS = 4
POSTS = 10


@pytest.mark.every_database
@pytest.mark.django_db(transaction=True)
def test_posts_of_concurrent_writers_are_found(match_page):
    channel = match_page.live_channel

    def write(writer):
        try:
            for number in range(POSTS):
                posts.publish(channel, f"<p>Goalkeeper {writer} {number}</p>")
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    assert set(search(channel, "goalkeeper")) == set(
        channel.posts.values_list("pk", flat=True)
    )
    assert len(search(channel, "goalkeeper")) == WRITERS * POSTS

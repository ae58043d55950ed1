"""Many processes write to one channel, and a reader misses nothing."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone

from tests.parallel import rest_nightly
from tests.servers.site import ROOT, database_url
from wagtail_live import cursors
from wagtail_live.models import Channel, LivePost
from wagtail_live.page import updates

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.every_database,
    pytest.mark.slow,
]

WRITERS, POSTS = 8, 100
CLOCKS = {
    "twenty minutes apart": ["-600", "600"],
    "jumping": ["jumps", "jumps"],
    "a minute apart": ["-60", "0"],
}


class Reader:
    """Follows a channel as a client does: asks what came after its cursor."""

    def __init__(self, channel):
        self.channel = channel
        self.since = channel.last_updated_at
        self.received = []

    def poll(self):
        self.channel.refresh_from_db()
        if self.channel.last_updated_at == self.since:
            return
        answer = updates.payload(self.channel, self.since, delta=True)
        self.received += answer["updates"]
        self.since = cursors.from_timestamp(answer["lastUpdateTimestamp"])


def start_writers(channel, count, clocks):
    arguments = [channel.channel_id, str(count), "--clocks", *clocks]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.posts.writers", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": database_url(connection.settings_dict),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def write_and_follow(channel, count, clocks):
    """Poll until the writers have ended; return the reader and the cursors taken."""
    reader = Reader(channel)
    with start_writers(channel, count, clocks) as writers:
        while writers.poll() is None:
            reader.poll()
        reader.poll()
        output, errors = writers.communicate()
    assert writers.returncode == 0, errors
    return reader, [float(line) for line in output.split()]


def assert_nothing_is_lost(reader, taken, count):
    in_table = LivePost.objects.order_by("updated_at").values_list("pk", flat=True)
    assert len(taken) == len(set(taken)) == count
    # Each once, and in the order of the cursors: whatever became visible after the
    # reader had been given a later cursor would be missing.
    assert reader.received == [str(pk) for pk in in_table]
    last = Channel.objects.get(pk=reader.channel.pk).last_updated_at
    assert cursors.to_timestamp(last) == max(taken)


def test_eight_writers_lose_nothing(match_page):
    """F-02, F-03, R5: 800 distinct cursors in commit order, and no lock error."""
    clocks = ["0"] * WRITERS
    reader, taken = write_and_follow(match_page.live_channel, POSTS, clocks)
    assert_nothing_is_lost(reader, taken, WRITERS * POSTS)


@pytest.mark.parametrize("clocks", rest_nightly(CLOCKS, first=2))
def test_clocks_that_are_wrong_lose_nothing(match_page, clocks):
    """F-15, R6: two servers whose clocks differ, and clocks that jump back."""
    reader, taken = write_and_follow(match_page.live_channel, 50, CLOCKS[clocks])
    assert_nothing_is_lost(reader, taken, 50 * len(CLOCKS[clocks]))


def test_a_reader_of_a_rendered_page_starts_where_it_was_rendered(match_page):
    """R9: what is committed between rendering and the first poll comes with that."""
    channel = match_page.live_channel
    reader = Reader(channel)
    match_page.add_live_post("between", created=timezone.now())
    reader.poll()
    assert reader.received == [str(match_page.live_posts.get().pk)]

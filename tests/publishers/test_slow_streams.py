"""Event streams of readers who read slowly, or leave, however the streams are sent."""

from contextlib import ExitStack

import pytest

from tests.publishers.raw import RawReader, make_send_buffers_small, publish_large
from tests.publishers.test_event_stream import with_wrapped_send
from tests.servers import wait_until
from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery import history, transports
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.limits import limits

WAYS = {"straight": LiveUpdatesMiddleware, "by send": with_wrapped_send}


@pytest.fixture(scope="module", params=WAYS)
def running_site(request):
    with SiteInProcess(WAYS[request.param], http="httptools") as site:
        make_send_buffers_small(site)
        yield site


def test_a_reader_who_stops_reading_gets_all_once_they_read(site, match_page):
    with RawReader(site, match_page) as slow, RawReader(site, match_page) as fast:
        published = publish_large(match_page, 6)
        fast.until_update(match_page)
        slow.until_update(match_page)
        published += publish_large(match_page, 2)
        for reader in (fast, slow):
            reader.until_update(match_page)
            assert reader.post_ids == published
        assert len(slow.updates) < len(published), "what they missed is one update"
    wait_until(lambda: limits.count() == 0)


def test_a_reader_who_missed_too_much_gets_the_full_form(site, match_page, monkeypatch):
    monkeypatch.setattr(history, "MAX_CHANGES", 3)
    with RawReader(site, match_page) as slow, RawReader(site, match_page) as fast:
        for _ in range(8):
            publish_large(match_page, 1)
            fast.until_update(match_page)
        slow.until_update(match_page)
        assert len(slow.updates[-1]["currentPosts"]) == 8
        assert all("removals" in update for update in fast.updates)


def test_a_reader_who_reads_nothing_is_dropped(
    site, match_page, short_waits, monkeypatch
):
    # Long enough for the other one to read on a busy machine.
    monkeypatch.setattr(transports, "SEND_TIMEOUT", 6.0)
    with RawReader(site, match_page), RawReader(site, match_page) as fast:
        published = []
        for _ in range(4):
            published += publish_large(match_page, 1)
            fast.until_update(match_page)
        wait_until(lambda: limits.count() == 1)
        published += publish_large(match_page, 1)
        fast.until_update(match_page)
        assert fast.post_ids == published
        assert limits.count() == 1


def test_a_slow_reader_of_a_page_that_becomes_private(site, match_page, short_waits):
    with RawReader(site, match_page) as slow, RawReader(site, match_page) as fast:
        publish_large(match_page, 2)
        fast.until_update(match_page)
        match_page.view_restrictions.create(restriction_type="login")
        fast.until(b"event: gone")
        match_page.add_live_post("<p>Secret</p>")
        data = slow.until_end()
        assert b"event: gone" in slow.body
        assert b"Secret" not in data


def test_readers_are_sent_away_in_full_chunks(site, match_page):
    with RawReader(site, match_page) as slow, RawReader(site, match_page) as fast:
        published = publish_large(match_page, 1)
        fast.until_update(match_page)
        get_hub().drain()
        for reader in (slow, fast):
            assert reader.until_end().endswith(b"\r\n0\r\n\r\n")
            assert reader.post_ids == published
    wait_until(lambda: limits.count() == get_hub().count_readers() == 0)


def test_readers_who_leave_during_an_update_cost_the_others_nothing(site, match_page):
    with ExitStack() as stack:
        leaving, staying = (
            [stack.enter_context(RawReader(site, match_page)) for _ in range(10)]
            for _ in range(2)
        )
        published = []
        for reader in leaving:
            reader.socket.close()
            published += publish_large(match_page, 1)
            for other in staying:
                other.until_update(match_page)
        assert all(reader.post_ids == published for reader in staying)
        wait_until(lambda: limits.count() == len(staying))
        wait_until(lambda: get_hub().count_readers() == len(staying))

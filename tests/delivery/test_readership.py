"""The number of readers, as each process counts and writes it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from tests.servers import wait_until
from tests.testapp.models import MatchPage
from wagtail_live.background import threads
from wagtail_live.delivery import readership as module
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.readership import Readership, readership
from wagtail_live.delivery.wire import WireFormat
from wagtail_live.models import ReaderCount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def counting(settings, monkeypatch):
    settings.WAGTAIL_LIVE_COUNT_READERS = True
    settings.WAGTAIL_LIVE_POLLING_INTERVAL = 1000
    monkeypatch.setattr(module, "SAMPLE_INTERVAL", 0)
    monkeypatch.setattr(module, "REPORT_INTERVAL", 0)
    readership.reset()
    yield
    readership.reset()


def get_count(page):
    assert threads.wait(10)
    return ReaderCount.objects.get_totals([page.channel_id]).get(page.channel_id, 0)


def test_readers_who_wait_are_counted_for_each_page(home_page, match_page):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))

    for page in (match_page, other):
        page.add_live_post("Kick-off")
    places = [(page.channel_id, page.last_updated_at) for page in (match_page, other)]

    async def follow_all():
        waiting = [
            get_hub().wait_for_update(*place, 60, WireFormat.DELTA)
            for place, readers in zip(places, (5, 2), strict=True)
            for _ in range(readers)
        ]
        await asyncio.gather(*waiting)

    with ThreadPoolExecutor(1) as executor:
        followed = executor.submit(asyncio.run, follow_all())
        wait_until(lambda: (get_count(match_page), get_count(other)) == (5, 2))
        for page in (match_page, other):
            page.add_live_post("Full time")
        followed.result()


def test_readers_who_poll_are_counted_by_their_interval(
    client, match_page, monkeypatch
):
    clock = SimpleNamespace(monotonic=lambda: 1000)
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "REPORT_INTERVAL", 10)
    readership.reset()
    url = f"/wagtail_live/poll/{match_page.channel_id}/?last_update_ts=1&delta=1"
    for _ in range(30):
        assert client.get(url).status_code == 200
    assert get_count(match_page) == 0
    # Ten seconds, in which each of three readers has polled ten times.
    clock.monotonic = lambda: 1010
    readership.look()
    assert get_count(match_page) == 3


def test_a_process_replaces_its_count_and_leaves_those_of_others(match_page):
    first, second = Readership(), Readership()
    for process, numbers in ((first, (5, 2)), (second, (1,))):
        for number in numbers:
            module.write(process._process, {match_page.channel_id: number})
    assert get_count(match_page) == 3
    assert ReaderCount.objects.count() == 2


def test_a_reader_whose_requests_go_to_several_processes_is_one(match_page):
    for part in (0.375, 0.25, 0.125, 0.1):
        module.write(Readership()._process, {match_page.channel_id: part})
    assert get_count(match_page) == 1
    for part in (1.5, 1.4):
        module.write(Readership()._process, {match_page.channel_id: part})
    assert get_count(match_page) == 4


def test_nothing_is_written_without_the_setting(client, settings, match_page):
    settings.WAGTAIL_LIVE_COUNT_READERS = False
    client.get(f"/wagtail_live/poll/{match_page.channel_id}/?last_update_ts=1")
    readership.look()
    assert get_count(match_page) == 0
    assert not ReaderCount.objects.exists()

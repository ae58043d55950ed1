"""Several workers process the same message at once (R1, F-04)."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from tests.receivers.events import RECEIVER, delete, write
from tests.receivers.test_event_order import posts_on
from wagtail_live.models import ReceivedMessage, Source
from wagtail_live.receivers.intake import process
from wagtail_live.signals import live_page_update

pytestmark = [pytest.mark.every_database, pytest.mark.django_db(transaction=True)]
WORKERS = 4


@pytest.fixture
def page(match_page):
    Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )
    return match_page


def process_all(*lists):
    """Process each list in its own worker, all starting at the same moment."""
    barrier = Barrier(len(lists))

    def work(events):
        try:
            barrier.wait()
            for event in events:
                process(RECEIVER, event)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(lists)) as workers:
        list(workers.map(work, lists))


def test_one_message_is_one_post_and_one_update(page):
    updates = []

    def note(action, **kwargs):
        updates.append(action)

    live_page_update.connect(note)
    try:
        for number in range(20):
            process_all(*[[write(str(number), 1, "Goal")]] * WORKERS)
    finally:
        live_page_update.disconnect(note)
    assert page.live_posts.count() == 20
    assert updates == ["published"] * 20


@pytest.mark.parametrize("seed", range(5))
def test_any_order_gives_the_same_post(seed, page):
    """F-04: each worker gets all deliveries in a different order."""
    chance = random.Random(seed)
    kept = [write("1", 1, "Gaol"), write("1", 2, "Goal"), write("1", 3, "Goal!")]
    gone = [write("2", 1, "Offside"), write("2", 2, "Offside!"), delete("2")]
    album = [write(str(n), 1, f"Photo {n}", group_id="album") for n in (7, 8, 9)]
    events = [*kept, *gone, *album]
    process_all(*(chance.sample(events, len(events)) for _ in range(WORKERS)))
    assert posts_on(page) == {
        ("<p>Goal!</p>", True): 1,
        ("<p>Photo 7</p><p>Photo 8</p><p>Photo 9</p>", True): 1,
    }
    assert ReceivedMessage.objects.count() == 5

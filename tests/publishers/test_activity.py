"""Event streams tell that a reporter writes, between updates and without a cursor."""

import json

import httpx
import pytest

from tests.servers.in_process import SiteInProcess
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.desks import people

TIMEOUT = 20  # seconds


@pytest.fixture(scope="module")
def running_site():
    with SiteInProcess(LiveUpdatesMiddleware) as site:
        yield site


class Stream:
    def __init__(self, response):
        self._lines = response.iter_lines()

    def next_event(self):
        """Return the next event with data: its fields."""
        event = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if not line and "data" in event:
                return {**event, "data": json.loads(event["data"])}
            event = {**event, name: value} if line else {}
        pytest.fail("the stream has ended")

    def until(self, key):
        """Return the next event with this in its data."""
        while True:
            event = self.next_event()
            if key in event["data"]:
                return event


@pytest.mark.parametrize("is_direct", [True, False], ids=["direct", "by the server"])
def test_streams_tell_of_writing_and_go_on_with_updates(
    site, settings, match_page, reporter, is_direct
):
    settings.WAGTAIL_LIVE_SHOW_WRITING = True
    settings.WAGTAIL_LIVE_DIRECT_STREAMS = is_direct
    match_page.add_live_post("Kick-off")
    channel = match_page.live_channel
    since = match_page.last_update_timestamp
    path = f"/wagtail_live/stream/{match_page.channel_id}/"
    url = f"http://127.0.0.1:{site.port}{path}?last_update_ts={since!r}"
    with (
        httpx.stream("GET", f"{url}&head=1", timeout=TIMEOUT) as ours,
        httpx.stream("GET", url, timeout=TIMEOUT) as plain,
    ):
        stream = Stream(ours)
        idle = stream.until("activity")
        assert idle["data"]["activity"] == {"writing": False, "readers": None}
        people.note_writing(channel, reporter.pk, "tab", is_writing=True)
        event = stream.until("activity")
        assert event["data"]["activity"] == {"writing": True, "readers": None}
        assert event["event"] == "activity"
        assert "id" not in event
        goal = match_page.add_live_post("Goal")
        update = stream.until("updates")
        assert list(update["data"]["updates"]) == [str(goal.pk)]
        people.note_writing(channel, reporter.pk, "tab", is_writing=False)
        event = stream.until("activity")
        assert not event["data"]["activity"]["writing"]
        # Other clients, which don't ask for the parts above the posts, get updates alone.
        assert "updates" in Stream(plain).next_event()["data"]

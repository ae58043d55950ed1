"""Readers whose connection Pushpin holds."""

import json
import threading
import time
from contextlib import contextmanager

import httpx

from tests.servers import wait_until
from wagtail_live.models import EngineChannel

TIMEOUT = 20  # seconds


class Stream:
    """An event stream that is read in a thread."""

    def __init__(self, response):
        self.response = response
        self.text = ""
        self.is_closed = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            for part in self.response.iter_text():
                self.text += part
        except httpx.HTTPError:
            pass
        self.is_closed = True

    @property
    def updates(self):
        """The updates of whole events so far."""
        events = self.text.split("\n\n")[:-1]
        lines = [line for event in events for line in event.splitlines()]
        return [
            update
            for line in lines
            if line.startswith("data: ")
            if (update := json.loads(line.removeprefix("data: ")))
        ]

    @property
    def contents(self):
        return "".join(
            post["content"]
            for update in self.updates
            for post in update["updates"].values()
        )

    def wait_for(self, text, timeout=TIMEOUT):
        wait_until(lambda: text in self.text, timeout=timeout)

    def wait_for_end(self):
        wait_until(lambda: self.is_closed, timeout=TIMEOUT)


def stream_url(place, page):
    return f"{place.url}/wagtail_live/stream/{page.channel_id}/"


def poll_url(place, page):
    return f"{place.url}/wagtail_live/get-updates/{page.channel_id}/"


def check_stage(stream, page):
    """Change the stage of a page, and check that a stream has got each change once."""
    page.update_stage(home=1)
    stream.wait_for("1 : 0")
    page.update_stage(home=2)
    stream.wait_for("2 : 0")
    page.title = "The final"
    page.save_revision().publish()
    stream.wait_for("The final")
    first, second, published = (update["stage"] for update in stream.updates)
    assert "1 : 0" in first
    assert "2 : 0" in second
    assert "2 : 0" in published
    assert stream.updates[-1]["documentTitle"] == "The final"


@contextmanager
def follow(place, page, cursor=None, headers=None, **parameters):
    """Follow a page by an event stream until the end of the block."""
    cursor = page.last_update_timestamp if cursor is None else cursor
    parameters = {"last_update_ts": repr(cursor), **parameters}
    url = stream_url(place, page)
    with httpx.stream(
        "GET", url, params=parameters, headers=headers, timeout=60
    ) as response:
        stream = Stream(response)
        if response.status_code == 200:
            stream.wait_for("retry: ")
        yield stream
        response.close()


class Poll:
    """A long poll that waits in a thread."""

    def __init__(self, place, page, cursor=None, headers=None, **parameters):
        cursor = page.last_update_timestamp if cursor is None else cursor
        self._url = poll_url(place, page)
        self._options = {
            "params": {"last_update_ts": repr(cursor), **parameters},
            "headers": headers,
            "timeout": 60,
        }
        self.response = None
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self):
        started = time.monotonic()
        self.response = httpx.get(self._url, **self._options)
        self.duration = time.monotonic() - started

    def answer(self):
        self._thread.join(TIMEOUT + 10)
        return self.response


def wait_until_held(page, *, private=False):
    """Wait until the site has told Pushpin to hold a reader."""
    rows = EngineChannel.objects.filter(channel_id=page.channel_id)
    flag = "has_private_readers" if private else "has_public_readers"
    wait_until(lambda: rows.filter(**{flag: True}).exists())

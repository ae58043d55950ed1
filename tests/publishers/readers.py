"""Readers who follow as the scripts of 2.0 and of 1.0 do, and how to let many follow."""

import asyncio
import time
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx

from tests.servers.in_process import LoopThread

TRANSPORTS = "event-stream", "long-polling", "interval-polling"
NOT_SUPPORTED = 501, 503
TIMEOUT = 60


class Element(HTMLParser):
    """The attributes of the element ``<live-blog>`` in a page."""

    def __init__(self, html):
        super().__init__()
        self.attributes = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "live-blog":
            self.attributes = dict(attributes)


class Reader:
    """A reader; ``read_at`` has the moment at which they saw each post."""

    def __init__(self, client, page_url, updates_url):
        self.client = client
        self.page_url = page_url
        self.updates_url = updates_url
        self.polls = 0
        self.read_at = {}

    async def follow(self):
        raise NotImplementedError

    async def get(self, url, **query):
        response = await self.client.get(url, params=query)
        self.polls += 1
        return response

    def take(self, updates):
        for post_id in updates:
            self.read_at.setdefault(post_id, time.monotonic())


class PageReader(Reader):
    """Follows as ``live-blog.js`` does: by the attributes in the page."""

    async def follow(self):
        page = await self.client.get(self.page_url)
        element = Element(page.text).attributes
        self.cursor = element["cursor"]
        self.interval = float(element["interval"]) / 1000
        urls = [(name, element[name]) for name in TRANSPORTS if name in element]
        while True:
            pause = await self.poll(*urls[0])
            if pause is None:
                urls = urls[1:] or urls
            await asyncio.sleep(self.interval if pause is None else pause)

    async def poll(self, name, url):
        """Return the seconds to pause; ``None`` if the next transport may do better."""
        response = await self.get(url, last_update_ts=self.cursor, delta=1, head=1)
        if response.status_code in NOT_SUPPORTED:
            return None
        answer = response.raise_for_status().json()
        self.take(answer.get("updates", ()))
        self.cursor = str(answer.get("lastUpdateTimestamp", self.cursor))
        pause = 0 if "updates" in answer else 1
        pause = self.interval if name == "interval-polling" else pause
        return max(pause, float(response.headers.get("Retry-After", 0)))


class OldReader(Reader):
    """Follows as the script of wagtail-live 1.0 does in a browser: without a pause, but
    through the browser's cache."""

    has_cache = True

    async def follow(self):
        shaken = await self.client.post(self.updates_url)
        cursor = shaken.raise_for_status().json()["lastUpdateTimestamp"]
        while True:
            response = await self.get(self.updates_url, last_update_ts=repr(cursor))
            answer = response.json()
            if response.status_code == 200 and "timeOutReached" not in answer:
                self.take(answer["updates"])
                cursor = answer["lastUpdateTimestamp"]
            elif response.status_code == 200 and self.has_cache:
                await asyncio.sleep(get_max_age(response))


class HastyReader(OldReader):
    """The same without a cache."""

    has_cache = False


def get_max_age(response):
    rules = response.headers["Cache-Control"].split(", ")
    [seconds] = [rule[8:] for rule in rules if rule.startswith("max-age=")] or [0]
    return int(seconds)


@contextmanager
def following(server, page, reader_class, count):
    """Let so many readers follow a page."""
    # Each poll on a connection of its own: a server may close another at any time.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    client = httpx.AsyncClient(base_url=server.url, timeout=TIMEOUT, limits=limits)
    urls = page.url, f"/wagtail_live/get-updates/{page.channel_id}/"
    readers = [reader_class(client, *urls) for _ in range(count)]

    async def start():
        return [asyncio.create_task(reader.follow()) for reader in readers]

    async def stop(tasks):
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await client.aclose()
        return [result for result in results if isinstance(result, Exception)]

    with LoopThread() as loop:
        tasks = loop.run(start())
        try:
            yield readers
        finally:
            errors = loop.run(stop(tasks))
    for error in errors:
        raise error

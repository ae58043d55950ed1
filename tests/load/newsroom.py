"""The table of two desks: from the keys of one reporter to the other's screen, and the
queries of desks on which nothing happens."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import httpx
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.load.claims import Claim
from tests.load.followers import percentile
from tests.load.pages import new_page
from tests.load.painting import chromium, quantiles
from tests.load.queries import count_queries
from tests.load.report import show
from tests.load.run import Plan, started
from tests.load.targets import TARGETS

POSTS = 50
DESKS = 10
IDLE_TIME = 60.0  # seconds
MAX_DELAY = 500  # milliseconds, from the keys to the other screen, p99
MAX_DELAY_OF_SAVED = 300  # of a post that the server has saved
# The check of a session and of rights on a page takes some, every 25 seconds.
MAX_QUERIES = 40  # of a desk in a minute
POLLS = 50  # of a desk in a minute, without a stream
EDITOR = ".live-desk__composer [contenteditable=true]"
COLUMNS = ("from … to the other desk", "p50 ms", "p95 ms", "p99 ms")

PRESSED = """
window.pressed = [];
addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  window.pressed.push(performance.timeOrigin + performance.now());
}, true);
const send = window.fetch;
window.saved = [];
window.fetch = async (url, ...options) => {
  const response = await send(url, ...options);
  if (/save\\/$/.test(url)) window.saved.push(performance.timeOrigin + performance.now());
  return response;
};
"""
SHOWN = """
window.shown = [];
new MutationObserver((changes) => {
  const isPost = (node) => node.matches?.("article.live-desk__post");
  if (!changes.some(({ addedNodes }) => [...addedNodes].some(isPost))) return;
  requestAnimationFrame(() => setTimeout(() => {
    window.shown.push(performance.timeOrigin + performance.now());
  }));
}).observe(document.querySelector(".live-desk__posts"), { childList: true });
"""


def run(plan: Plan) -> list[Claim]:
    page = new_page()
    desk = reverse("wagtail_live:index", args=[page.pk])
    cookies = [sign_in(f"reporter-{number}") for number in range(DESKS)]
    with started(TARGETS["event-stream"]) as server:
        count = partial(count_queries, server.folder)
        idle, poll = measure_queries(server.url + desk, cookies, count)
        delays = measure_delays(server.url, desk, cookies)
    show(
        f"{POSTS} posts from one desk to another in Chromium",
        COLUMNS,
        [(name, *quantiles(values)) for name, values in delays.items()],
    )
    show(
        f"{DESKS} desks on which nothing happens, for {IDLE_TIME:.0f} s",
        ("with", "queries per minute"),
        [
            ("a stream each", f"{idle:.0f}"),
            ("polls every 1.2 s", f"{poll * POLLS * DESKS:,.0f}"),
        ],
    )
    return [
        Claim(
            "Ctrl+Enter to the other desk, p99",
            percentile(delays["Ctrl+Enter"], 0.99),
            MAX_DELAY,
            "ms",
        ),
        Claim(
            "saved to the other desk, p99",
            percentile(delays["the response"], 0.99),
            MAX_DELAY_OF_SAVED,
            "ms",
        ),
        Claim("queries of an idle desk in a minute", idle / DESKS, MAX_QUERIES),
    ]


def sign_in(name: str) -> str:
    """Return the session of a new editor."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(name))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def measure_queries(desk: str, cookies: list[str], count) -> tuple[float, float]:
    """Return the queries of all idle desks in a minute, and those of one poll."""
    with ExitStack() as stack:
        clients = [stack.enter_context(open_desk(desk, cookie)) for cookie in cookies]
        before = count()
        clients[0].get("changes/", params={"since": time.time(), "tab": "0"})
        poll = count() - before
        time.sleep(2)  # until all have been told of all others
        before, began = count(), time.monotonic()
        time.sleep(IDLE_TIME)
        idle = (count() - before) / (time.monotonic() - began) * 60
    return idle, poll


@contextmanager
def open_desk(desk: str, cookie: str) -> Iterator[httpx.Client]:
    cookies = {settings.SESSION_COOKIE_NAME: cookie}
    with (
        httpx.Client(base_url=desk, cookies=cookies, timeout=60) as client,
        client.stream("GET", "stream/?tab=0") as answer,
    ):
        events = answer.iter_raw()  # would close the stream if it was forgotten
        next(events)
        client.get("changes/", params={"since": time.time(), "tab": "0"})
        yield client


def measure_delays(site: str, desk: str, cookies: list[str]) -> dict[str, list[float]]:
    with chromium() as first:
        browser = first.context.browser
        one, other = (
            open_window(browser.new_context(base_url=site), site, desk, cookie)
            for cookie in cookies[:2]
        )
        one.evaluate(PRESSED)
        other.evaluate(SHOWN)
        for number in range(POSTS):
            one.locator(EDITOR).first.press_sequentially(f"Post {number}")
            one.keyboard.press("Control+Enter")
            has_shown = "count => window.shown.length >= count"
            other.wait_for_function(has_shown, arg=number + 1)
        pressed, saved = (one.evaluate(f"window.{n}") for n in ("pressed", "saved"))
        shown = other.evaluate("window.shown")
    return {
        "Ctrl+Enter": [b - a for a, b in zip(pressed, shown, strict=True)],
        "the response": [b - a for a, b in zip(saved, shown, strict=False)],
    }


def open_window(context, site: str, desk: str, cookie: str) -> Page:
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": cookie, "url": site}])
    window = context.new_page()
    window.goto(desk)
    window.wait_for_function("document.querySelector('live-desk-stream').isOpen")
    window.locator(EDITOR).first.wait_for()
    return window

"""The fourth table: from the writer to the reader's screen, in Chromium."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.load.claims import Claim
from tests.load.followers import percentile
from tests.load.marks import marked_text
from tests.load.pages import new_page
from tests.load.processes import CLIENT_CORE, on_core
from tests.load.report import show
from tests.load.run import Plan, started
from tests.load.targets import TARGETS
from tests.servers import find_program
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

UPDATES = 100
POSTS = 50
MAX_DELAY = 150  # milliseconds, p95
MAX_SCRIPT_TIME = 10  # milliseconds
SLOW_DOWN = 4  # times
VISITS = 9
MODULE = "live-blog.js"
COLUMNS = ("from publishing to", "p50 ms", "p95 ms", "p99 ms")
SCRIPT_COLUMNS = (f"{MODULE} at {SLOW_DOWN} x slow-down, {POSTS} posts", "ms")
SCRIPT_EVENTS = ("v8.compileModule", "v8.evaluateModule")

# A frame's callback runs before it is painted; the task after it, when it is.
RECORD = """
window.delays = { delivered: [], painted: [] };
const now = () => performance.timeOrigin + performance.now();
const published = (text) => Number(/\\[\\d+@(\\d+)\\]/.exec(text)[1]) / 1e6;
document.addEventListener("live-blog:update", ({ detail }) => {
  for (const { content } of Object.values(detail.updates)) {
    const since = published(content);
    window.delays.delivered.push(now() - since);
    requestAnimationFrame(() => setTimeout(() => {
      window.delays.painted.push(now() - since);
    }));
  }
});
"""


def run(plan: Plan) -> list[Claim]:
    page = new_page()
    for number in range(POSTS):
        posts.publish(page.live_channel, f"<p>{marked_text(number)}</p>", actor=SYSTEM)
    address = page.url  # the database is not asked once the browser's driver runs
    with started(TARGETS["event-stream"]) as server, chromium() as window:
        publish_url = f"{server.url}/publish/{page.pk}/"
        script_time = measure_script(window, server.url + address)
        delays = measure_delays(window, server.url + address, publish_url)
    show(
        f"{UPDATES} updates of a page in Chromium, event stream",
        COLUMNS,
        [(name, *quantiles(values)) for name, values in delays.items()],
    )
    show(
        "Parsing and running the module",
        SCRIPT_COLUMNS,
        [(name, f"{value:.1f}") for name, value in script_time.items()],
    )
    return [
        Claim(
            "painted after publishing, p95",
            percentile(delays["painted"], 0.95),
            MAX_DELAY,
            "ms",
        ),
        Claim(
            f"script time at {SLOW_DOWN} x slow-down",
            sum(script_time.values()),
            MAX_SCRIPT_TIME,
            "ms",
        ),
    ]


@contextmanager
def chromium() -> Iterator[Page]:
    program = find_program("chromium", "chromium-browser", "google-chrome")
    with on_core(CLIENT_CORE), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--headless", "--no-sandbox"]
        )
        yield browser.new_page()
        browser.close()


def measure_delays(window: Page, url: str, publish_url: str) -> dict[str, list[float]]:
    window.goto(url)
    window.evaluate(RECORD)
    for number in range(UPDATES):
        text = marked_text(number)
        httpx.post(publish_url, content=text.encode())
        window.wait_for_function(
            "count => window.delays.painted.length >= count", arg=number + 1
        )
    return window.evaluate("window.delays")


def measure_script(window: Page, url: str) -> dict[str, float]:
    """Milliseconds of processor time for the module in Chromium's trace, by event: the
    median of some visits after the first, which fills the browser's cache."""
    session = window.context.new_cdp_session(window)
    window.goto(url)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    visits = [trace_visit(window, url) for _ in range(VISITS)]
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return {name: median(visit[name] for visit in visits) for name in SCRIPT_EVENTS}


def trace_visit(window: Page, url: str) -> Counter:
    browser = window.context.browser
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.json")
        browser.start_tracing(page=window, path=path)
        window.goto(url)
        window.wait_for_function("!!customElements.get('live-blog')")
        window.evaluate("new Promise((resolve) => setTimeout(resolve, 500))")
        browser.stop_tracing()
        events = json.loads(path.read_text())["traceEvents"]
    times = Counter()
    for event in events:
        times[event["name"]] += event.get("tdur", event.get("dur", 0)) / 1000
    return times


def quantiles(values: list[float]) -> list[str]:
    return [f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99)]

"""The table of one reporter on a slow computer: from Ctrl+Enter to the next form, below an
empty timeline, a long one, and with a photo; and the tasks while photos are pasted."""

from base64 import b64encode
from io import BytesIO
from statistics import median

from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page

from tests.browser.desk import PASTE
from tests.load.claims import Claim
from tests.load.newsroom import EDITOR, open_window, sign_in
from tests.load.pages import new_page
from tests.load.painting import SLOW_DOWN, chromium, quantiles
from tests.load.report import show
from tests.load.run import Plan, started
from tests.load.targets import TARGETS
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM

POSTS = 30
EARLIER = 200  # posts in the long timeline
PHOTOS = 5
SIZE = (4000, 3000)
SMALL = (400, 300)
PAUSE = 1000  # milliseconds between two posts, as a fast reporter makes
MAX_DELAY = 50  # milliseconds from the key to the form, p50
MAX_TASK = 100  # milliseconds while photos are pasted
COLUMNS = (f"at {SLOW_DOWN} x slow-down", "p50 ms", "p95 ms", "p99 ms")

# The task after a frame's callback runs when the frame is painted.
RECORD = """
window.delays = [];
window.blocked = [];
addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  requestAnimationFrame(() => {
    const { activeElement } = document;
    const isReady = activeElement.closest(".live-desk__composer") && !activeElement.textContent;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      window.delays.push(isReady ? performance.now() - event.timeStamp : Infinity);
    };
    channel.port2.postMessage("");
  });
}, true);
new PerformanceObserver((list) => {
  window.blocked.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: "longtask" });
"""


def run(plan: Plan) -> list[Claim]:
    empty, long = new_page(), new_page()
    for number in range(EARLIER):
        posts.publish(long.live_channel, f"<p>Post {number}</p>", actor=SYSTEM)
    desks = [reverse("wagtail_live:index", args=[page.pk]) for page in (empty, long)]
    cookie = sign_in("reporter")
    photos = [make_photo() for _ in range(PHOTOS)]
    photo = make_photo(SMALL)
    with started(TARGETS["event-stream"]) as server, chromium() as first:
        context = first.context.browser.new_context(base_url=server.url)
        window = open_slowly(context, server.url, desks[0], cookie)
        delays = {"to the empty form": measure_delays(window)}
        delays["with a photo"] = measure_delays(window, photo)
        blocked = measure_paste(window, photos)
        window = open_slowly(context, server.url, desks[1], cookie)
        show_earlier(window)
        delays[f"above {EARLIER} posts"] = measure_delays(window)
    show(
        f"{POSTS} posts from Ctrl+Enter, and {PHOTOS} photos of 12 megapixels, in Chromium",
        COLUMNS,
        [
            *(
                (f"Ctrl+Enter, {name}", *quantiles(each))
                for name, each in delays.items()
            ),
            ("tasks while photos are pasted", *quantiles(blocked)),
        ],
    )
    return [
        *(
            Claim(f"Ctrl+Enter, {name}, p50", median(each), MAX_DELAY, "ms")
            for name, each in delays.items()
        ),
        Claim("longest task while photos are pasted", max(blocked), MAX_TASK, "ms"),
    ]


def open_slowly(context, site: str, desk: str, cookie: str) -> Page:
    window = open_window(context, site, desk, cookie)
    window.locator(".live-desk__spare [contenteditable]").first.wait_for(
        state="attached"
    )
    devtools = context.new_cdp_session(window)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    window.evaluate(RECORD)
    return window


def show_earlier(window: Page) -> None:
    older = window.locator(".live-desk__older")
    while older.is_visible():
        count = window.locator("article").count()
        older.click()
        window.wait_for_function(
            "count => document.querySelectorAll('article').length > count", arg=count
        )
    window.locator(EDITOR).first.click()


def measure_delays(window: Page, photo: dict[str, str] | None = None) -> list[float]:
    window.evaluate("window.delays.length = 0")
    for number in range(POSTS):
        if photo:
            prepare_paste(window, [photo])
            window.evaluate("window.paste()")
            window.wait_for_timeout(PAUSE)
        window.keyboard.type(f"Post {number}")
        window.keyboard.press("Control+Enter")
        window.wait_for_timeout(PAUSE)
    return window.evaluate("window.delays")


def measure_paste(window: Page, photos: list[dict[str, str]]) -> list[float]:
    """Return the times of the long tasks, without those that make the files."""
    prepare_paste(window, photos)
    window.wait_for_timeout(PAUSE)
    window.evaluate("window.blocked.length = 0")
    window.evaluate("window.paste()")
    window.wait_for_timeout(PHOTOS * PAUSE)
    return window.evaluate("window.blocked") or [0]


def prepare_paste(window: Page, images: list[dict[str, str]]) -> None:
    values = {"text": "", "images": images, "isLater": True}
    window.locator(EDITOR).last.evaluate(PASTE, values)


def make_photo(size: tuple[int, int] = SIZE) -> dict[str, str]:
    image = Image.effect_noise((40, 30), 100).resize(size).convert("RGB")
    output = BytesIO()
    image.save(output, "JPEG")
    data = b64encode(output.getvalue()).decode()
    return {"name": "Photo.jpg", "type": "image/jpeg", "data": data}

"""The table of one reporter: from Ctrl+Enter to the next form, and the frames that photos
take, on a slow computer."""

from base64 import b64encode
from io import BytesIO

from django.urls import reverse
from PIL import Image

from tests.browser.desk import PASTE
from tests.load.claims import Claim
from tests.load.newsroom import EDITOR, open_window, sign_in
from tests.load.pages import new_page
from tests.load.painting import SLOW_DOWN, chromium, quantiles
from tests.load.report import show
from tests.load.run import Plan, started
from tests.load.targets import TARGETS

POSTS = 30
PHOTOS = 5
SIZE = (4000, 3000)
PAUSE = 1000  # milliseconds between two posts, as a fast reporter makes
MAX_DELAY = 50  # milliseconds from the key to the form, p50
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
    desk = reverse("wagtail_live:index", args=[new_page().pk])
    cookie = sign_in("reporter")
    photos = [make_photo() for _ in range(PHOTOS)]
    with started(TARGETS["event-stream"]) as server, chromium() as first:
        context = first.context.browser.new_context(base_url=server.url)
        window = open_window(context, server.url, desk, cookie)
        devtools = context.new_cdp_session(window)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        window.evaluate(RECORD)
        for number in range(POSTS):
            window.keyboard.type(f"Post {number}")
            window.keyboard.press("Control+Enter")
            window.wait_for_timeout(PAUSE)
        delays = window.evaluate("window.delays")
        window.evaluate("window.blocked.length = 0")
        window.locator(EDITOR).first.evaluate(PASTE, {"text": "", "images": photos})
        window.wait_for_timeout(PHOTOS * PAUSE)
        blocked = window.evaluate("window.blocked") or [0]
    show(
        f"{POSTS} posts, and {PHOTOS} photos of 12 megapixels, in Chromium",
        COLUMNS,
        [
            ("Ctrl+Enter to the empty form", *quantiles(delays)),
            ("tasks while photos are pasted", *quantiles(blocked)),
        ],
    )
    middle = sorted(delays)[len(delays) // 2]
    return [Claim("Ctrl+Enter to the empty form, p50", middle, MAX_DELAY, "ms")]


def make_photo() -> dict[str, str]:
    image = Image.effect_noise((40, 30), 100).resize(SIZE).convert("RGB")
    output = BytesIO()
    image.save(output, "JPEG")
    data = b64encode(output.getvalue()).decode()
    return {"name": "Photo.jpg", "type": "image/jpeg", "data": data}

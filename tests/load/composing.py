"""The table of one reporter on a slow computer: from Ctrl+Enter to the next form, above an
empty timeline and a long one, with a photo and on a phone; and the tasks while photos are
pasted.

A delay begins with the time stamp of the key, before it waits for the keys typed until
then, and ends with the first frame whose callback finds a form without text, with the
focus: what is typed from then on is the next post. A key whose next frame has no such form
fails the run.

The other columns are when the screen shows that frame, by the browser's Event Timing (in
steps of 8 ms), and the same for the letters that are typed between: no key is on the screen
sooner in this browser, which draws without a graphics card.
"""

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

POSTS = 20
EARLIER = 200  # posts in the long timeline
PHOTOS = 5
SIZE = (4000, 3000)
SMALL = (400, 300)
PAUSE = 1000  # milliseconds between two posts, as a fast reporter makes
MAX_DELAY = 50  # milliseconds from the key to the empty form, p50
FRAME = 1000 / 60  # milliseconds
MAX_TASK = 100  # milliseconds while photos are pasted
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
}
COLUMNS = (f"at {SLOW_DOWN} x slow-down", "p50 ms", "p95 ms", "p99 ms")
FRAME_COLUMNS = (*COLUMNS, "on the screen, p50 ms", "a letter, p50 ms")

RECORD = """
window.delays = { ready: [], shown: [], letters: [] };
window.late = 0;
window.blocked = [];
const isReady = ({ activeElement }) =>
  activeElement.isContentEditable &&
  activeElement.closest(".live-desk__composer") &&
  !activeElement.textContent;
const pressed = new Set();
addEventListener("keydown", ({ key, timeStamp }) => {
  if (key !== "Enter") return;
  pressed.add(timeStamp);
  let isNext = true;
  const look = () => {
    if (!isReady(document)) {
      window.late += isNext;
      isNext = false;
      return requestAnimationFrame(look);
    }
    window.delays.ready.push(performance.now() - timeStamp);
  };
  requestAnimationFrame(look);
}, true);
new PerformanceObserver((list) => {
  for (const { name, startTime, duration } of list.getEntries()) {
    if (pressed.delete(startTime)) window.delays.shown.push(duration);
    else if (name === "keydown") window.delays.letters.push(duration);
  }
}).observe({ type: "event", durationThreshold: 16 });
new PerformanceObserver((list) => {
  window.blocked.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: "longtask" });
"""


def run(plan: Plan) -> list[Claim]:
    empty, long, small = new_page(), new_page(), new_page()
    for number in range(EARLIER):
        posts.publish(long.live_channel, f"<p>Post {number}</p>", actor=SYSTEM)
    cookie = sign_in("reporter")
    photos = [make_photo() for _ in range(PHOTOS)]
    photo = make_photo(SMALL)
    addresses = {
        page: reverse("wagtail_live:index", args=[page.pk])
        for page in (empty, long, small)
    }
    with started(TARGETS["event-stream"]) as server, chromium() as first:

        def open_desk(page, **options):
            browser = first.context.browser
            context = browser.new_context(base_url=server.url, **options)
            return open_slowly(context, server.url, addresses[page], cookie)

        window = open_desk(empty)
        late = 0
        delays = {"to the empty form": measure_delays(window)}
        delays["with a photo"] = measure_delays(window, photo)
        blocked = measure_paste(window, photos)
        late += window.evaluate("window.late")
        window.close()
        window = open_desk(long)
        show_earlier(window)
        delays[f"above {EARLIER} posts"] = measure_delays(window)
        late += window.evaluate("window.late")
        window.close()
        window = open_desk(small, **PHONE)
        delays["on a phone"] = measure_delays(window)
        late += window.evaluate("window.late")
    show(
        f"{POSTS} posts from Ctrl+Enter, in Chromium",
        FRAME_COLUMNS,
        [(f"Ctrl+Enter, {name}", *describe(each)) for name, each in delays.items()],
    )
    show(
        f"{PHOTOS} photos of 12 megapixels, in Chromium",
        COLUMNS,
        [("tasks while photos are pasted", *quantiles(blocked))],
    )
    return [
        *(
            Claim(f"Ctrl+Enter, {name}, p50", median(each["ready"]), MAX_DELAY, "ms")
            for name, each in delays.items()
        ),
        *(
            Claim(
                f"on the screen, {name}, later than a letter, p50",
                median(each["shown"]) - median(each["letters"]),
                FRAME,
                "ms",
            )
            for name, each in delays.items()
        ),
        Claim("keys whose next frame has no empty form with the focus", late, 0),
        Claim("longest task while photos are pasted", max(blocked), MAX_TASK, "ms"),
    ]


def describe(delays: dict[str, list[float]]) -> list[str]:
    others = (f"{median(delays[name]):.1f}" for name in ("shown", "letters"))
    return [*quantiles(delays["ready"]), *others]


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


def measure_delays(
    window: Page, photo: dict[str, str] | None = None
) -> dict[str, list[float]]:
    window.evaluate("Object.values(window.delays).forEach((each) => (each.length = 0))")
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

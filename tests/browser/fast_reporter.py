"""A reporter who doesn't stop writing, whatever happens to the connection and the browser."""

import time
from contextlib import suppress

from playwright.sync_api import Error, expect

from tests.browser.desk import Desk
from tests.receivers.image_files import make_image
from wagtail_live.models import LivePost

NO_LIMIT = -1
ERROR_PAGE = {"status": 500, "content_type": "text/html", "body": "<h1>Error</h1>"}
SAVING = "**/save/"


class FastReporter:
    """Writes posts with a number each, and some with a photo; times in milliseconds."""

    def __init__(self, window, page, *, latency=0, delay=0, patience=60_000):
        self.context, self.page = window.context, page
        self.latency, self.delay, self.patience = latency, delay, patience
        self.written, self.photos = [], []
        self.open(window)

    def open(self, window=None):
        """Open the desk in a tab."""
        self.window = window or self.context.new_page()
        self.window.set_default_timeout(self.patience)
        self.devtools = self.context.new_cdp_session(self.window)
        self.devtools.send("Network.enable")
        self.connect()
        self.desk = Desk(self.window, self.page, timeout=self.patience)

    def connect(self, offline=False):
        conditions = {
            "offline": offline,
            "latency": self.latency,
            "downloadThroughput": NO_LIMIT,
            "uploadThroughput": NO_LIMIT,
        }
        self.devtools.send("Network.emulateNetworkConditions", conditions)

    # Writing

    def write(self, *, photo=False, halfway=None):
        """Write a post and send it; something may happen halfway."""
        number = len(self.written) + 1
        text = f"Minute {number}: the reds attack"
        middle = len(text) // 2
        # A text is kept after each key, as quickly as people type.
        self.type(text[:middle], delay=max(60, self.delay) if halfway else self.delay)
        if halfway:
            halfway()
            expect(self.desk.editor).to_have_text(text[:middle], timeout=self.patience)
        self.type(text[middle:])
        if photo:
            name = f"Photo {number}"
            image = make_image("JPEG", (1200, 800), color=f"#{number * 997:06x}")
            self.desk.paste(images=[(f"{name}.jpg", image)], media_type="image/jpeg")
            self.photos.append(name)
        self.window.keyboard.press("Control+Enter")
        self.written.append(text)

    def type(self, text, delay=None):
        self.window.keyboard.type(text, delay=delay or self.delay)

    def write_offline(self, seconds, at_least=3):
        """Go on writing without a connection for some time, and for some posts."""
        self.connect(offline=True)
        until = time.monotonic() + seconds
        count = len(self.written) + at_least
        while time.monotonic() < until or len(self.written) < count:
            self.write()
        self.connect()

    # Accidents

    def fail(self, times=3):
        """Let the server fail at the next requests."""
        self.window.route(
            SAVING, lambda route: route.fulfill(**ERROR_PAGE), times=times
        )

    def hang(self):
        """Let the next request wait for ever."""
        self.window.route(SAVING, lambda route: None, times=1)

    def crash(self):
        """Let the tab crash, and open another one."""
        with self.window.expect_event("crash"), suppress(Error):
            self.window.goto("chrome://crash")
        crashed = self.window
        self.open()
        crashed.close()

    def reload(self):
        self.window.reload()
        expect(self.desk.editor).to_be_focused(timeout=self.patience)

    # Afterwards

    def expect_all(self):
        """Expect each post and each photo to have arrived once, in their order."""
        expect(self.desk.unsent).to_have_count(0, timeout=self.patience)
        posts = list(LivePost.objects.order_by("updated_at"))
        texts = [post.text for post in posts]
        assert texts == self.written, texts
        assert sorted(posts, key=lambda post: post.created) == posts
        images = [
            block.value.title
            for post in posts
            for block in post.content
            if block.block_type == "image"
        ]
        assert images == self.photos

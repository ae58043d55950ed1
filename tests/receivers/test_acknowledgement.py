"""A real server acknowledges at once while the image host hangs (R3, F-07)."""

import json
import time
from statistics import median
from threading import Event

import httpx
import pytest

from tests.receivers.image_files import ImageHost, make_image
from tests.receivers.test_webhook import SECRET, signed
from tests.servers import wait_until
from wagtail_live.models import Source
from wagtail_live.receivers.fetch import TOTAL_TIMEOUT

MESSAGES = 40
PATIENCE = 3  # seconds, as Slack has


class HangingHost(ImageHost):
    """A host that does not respond until it is released."""

    def __init__(self):
        super().__init__()
        self.is_open = Event()

    def hang(self, handler):
        self.is_open.wait(120)
        handler.send_response(200)
        handler.send_header("Content-Type", "image/jpeg")
        handler.end_headers()
        handler.wfile.write(make_image())


@pytest.fixture
def host():
    with HangingHost() as host:
        yield host
        host.is_open.set()


@pytest.fixture
def server(start_server):
    backend = "tests.receivers.loopback.LoopbackReceiver"
    receivers = {"newsroom": {"BACKEND": backend, "OPTIONS": {"secret": SECRET}}}
    return start_server(settings={"WAGTAIL_LIVE_RECEIVERS": receivers})


@pytest.fixture
def page(match_page):
    Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )
    return match_page


def message(host, number):
    names = [f"{number}-{index}" for index in range(3)]
    for name in names:
        host.files[f"/{name}"] = host.hang
    pictures = [{"id": name, "url": f"{host.url}/{name}"} for name in names]
    about = {"type": "message", "channel": "stand", "id": str(number), "version": 1}
    return json.dumps(
        {**about, "text": f"Goal {number}", "pictures": pictures}
    ).encode()


def message_of(size):
    """Return a message of this size in bytes."""
    about = {"type": "message", "channel": "stand", "id": "1", "version": 1}
    return json.dumps({**about, "text": "Goal"}).encode().ljust(size)


@pytest.mark.slow
def test_a_body_without_a_length_is_read_to_the_limit(page, server):
    """S8."""
    for size, status in ((2**10, 200), (2**20 + 1, 413)):
        body = message_of(size)
        parts = (body[start : start + 2**16] for start in range(0, size, 2**16))
        answer = httpx.post(
            f"{server.url}/wagtail_live/hooks/newsroom/",
            content=parts,
            headers=signed(body),
            trust_env=False,
        )
        assert answer.status_code == status
    assert page.live_posts.count() == 1


@pytest.mark.slow
def test_the_response_does_not_wait_for_images(page, server, host):
    times = []
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for number in range(MESSAGES):
            body = message(host, number)
            begun = time.monotonic()
            answer = client.post(
                "/wagtail_live/hooks/newsroom/", content=body, headers=signed(body)
            )
            times.append(time.monotonic() - begun)
            assert answer.status_code == 200
    # The machine may stop for some seconds, and a download ends after thirty.
    assert median(times) < PATIENCE
    assert max(times) < TOTAL_TIMEOUT / 2
    assert page.live_posts.count() == MESSAGES
    assert not any(post.images for post in page.live_posts)
    host.is_open.set()
    wait_until(lambda: any(post.images for post in page.live_posts), timeout=60)

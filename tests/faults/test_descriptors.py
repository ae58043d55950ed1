"""A process without a free file descriptor answers 503, and recovers."""

import hashlib
import hmac
import http.client
import json
import os
import resource
import time
from contextlib import contextmanager
from itertools import count

import pytest

from tests.servers import Uvicorn

SECRET = "secret"
SLACK = {
    "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
    "OPTIONS": {"signing_secret": SECRET},
}


@contextmanager
def no_descriptors(pid):
    """Take all descriptors from a process but those that it uses."""
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    first_free = next(number for number in count() if number not in used)
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (first_free, limits[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def sign(body):
    stamp = str(int(time.time()))
    message = f"v0:{stamp}:{body}".encode()
    digest = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


@pytest.fixture
def requests(match_page):
    base, query = "/wagtail_live/", "?last_update_ts=1"
    channel_id = match_page.channel_id
    event = {"type": "message", "channel": "C1", "ts": "1.1", "text": "Goal"}
    body = json.dumps({"type": "event_callback", "event_id": "1", "event": event})
    return [
        ("GET", f"{base}get-updates/{channel_id}/{query}", None, {}),
        ("POST", f"{base}get-updates/{channel_id}/", None, {}),
        ("HEAD", f"{base}get-updates/{channel_id}/", None, {}),
        ("GET", f"{base}poll/{channel_id}/{query}", None, {}),
        ("GET", f"{base}stream/{channel_id}/{query}", None, {}),
        ("GET", f"{base}feed/{channel_id}/atom/", None, {}),
        ("GET", f"{base}feed/{channel_id}/json/", None, {}),
        ("POST", f"{base}hooks/slack/", body, sign(body)),
    ]


@pytest.mark.sqlite
def test_requests_get_503_and_then_their_answers(start_server, match_page, requests):
    match_page.add_live_post("<p>Goal</p>")
    server = start_server(
        Uvicorn,
        *("--timeout-keep-alive", "60"),  # longer than a busy machine needs for all
        settings={"WAGTAIL_LIVE_RECEIVERS": {"slack": SLACK}},
        variables={"TEST_WITHOUT_MIDDLEWARE": "1"},
    )
    connections = [
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in requests
    ]
    for connection in connections:
        connection.connect()
        connection.request("HEAD", "/wagtail_live/poll/unknown/")  # uses the descriptor
        connection.getresponse().read()
    with no_descriptors(server.process.pid):
        for connection, request in zip(connections, requests, strict=True):
            connection.request(*request)
            response = connection.getresponse()
            assert response.status == 503, request
            assert int(response.headers["Retry-After"]) > 0
            response.read()
    for connection, request in zip(connections, requests, strict=True):
        connection.request(*request)
        assert connection.getresponse().status == 200, request
        connection.close()

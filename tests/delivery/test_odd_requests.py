"""Requests that no browser sends get an answer, and never an error of the server."""

import asyncio

import pytest
from django.core.asgi import get_asgi_application
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub
from wagtail_live.delivery.limits import limits

REFUSED = {400, 403, 404, 405, 413, 426, 501, 503}
ANSWERED = {200, 204, 301, 302, 304}
QUICKLY = settings(
    max_examples=60,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)

PATHS = [
    *("get-updates/{}/", "stream/{}/", "poll/{}/", "socket/{}/"),
    *("feed/{}/atom/", "feed/{}/json/", "status/", "hooks/{}/", "hooks/slack/"),
]
IDS = st.one_of(
    st.just("CHANNEL"),
    st.text(max_size=20),
    st.sampled_from(["", ".", "..", "%", "%00", "\x00", "a" * 300, "é", "//"]),
)
NAMES = [
    *("Accept-Language", "Authorization", "Content-Type", "Cookie", "Expect"),
    *("Forwarded", "Host", "If-Match", "If-Modified-Since", "If-None-Match"),
    *("Last-Event-ID", "Origin", "Range", "Referer", "Transfer-Encoding", "Upgrade"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
    *("X-HTTP-Method-Override", "X-Slack-Request-Timestamp", "X-Slack-Signature"),
]
VALUES = st.one_of(
    st.text(st.characters(max_codepoint=255), max_size=40),
    st.sampled_from(
        [
            *(
                "http://[",
                "http://[::1",
                "//",
                "null",
                "http://a\u00adb",
                "http://℀.com",
            ),
            *(
                "1.5",
                "1e999",
                "-1",
                "nan",
                "٣",
                "*",
                ",",
                ";",
                "=",
                '"',
                'W/"1"',
                "a" * 9000,
            ),
            *("::1", "[::1]:80", "2001:db8::1, 1", ", , ,", "localhost:99999", "\x00"),
            *("sessionid=\x00", "sessionid=" + "x" * 99, "csrftoken=%00; =; ;", "v0=é"),
            *("bytes=0-", "Wed, 99 Foo 0000 99:99:99 GMT", "chunked", "websocket"),
        ]
    ),
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)
QUERIES = st.one_of(
    st.just("last_update_ts=1"),
    st.text(max_size=30),
    st.sampled_from(
        [
            *("last_update_ts", "last_update_ts=1&delta=1", "last_update_ts=1e308"),
            *(
                "last_update_ts=%FF",
                "last_update_ts=１",
                "before=x",
                "before=%00",
                "a&" * 600,
            ),
            *(
                "last_update_ts=253402300799",
                "last_update_ts=0",
                "before=9999999999999999-x",
            ),
            "before=9999999999999999-00000000-0000-0000-0000-000000000000",
        ]
    ),
)
METHODS = st.sampled_from(
    [
        *("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"),
        "FOO",
        "get",
    ]
)


@pytest.fixture(autouse=True)
def odd_site(transactional_db, settings, match_page):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.01
    settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = ["https://app.example"]
    settings.WAGTAIL_LIVE_TRUSTED_PROXIES = 1
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "slack": {
            "BACKEND": "wagtail_live.receivers.slack.SlackReceiver",
            "OPTIONS": {"signing_secret": "secret"},
        }
    }
    match_page.add_live_post("<p>Goal</p>")
    yield
    close_hub()


def assert_answered(status):
    assert status in ANSWERED | REFUSED, status


def to_path(path, channel_id, page):
    channel_id = page.channel_id if channel_id == "CHANNEL" else channel_id
    return "/wagtail_live/" + path.format(channel_id)


@QUICKLY
@given(METHODS, st.sampled_from(PATHS), IDS, QUERIES, HEADERS)
@example(
    "GET",
    "get-updates/{}/",
    "CHANNEL",
    "last_update_ts=1",
    [("Cookie", "sessionid=\x00" * 9)],
)
@example("GET", "poll/{}/", "CHANNEL", "last_update_ts=1", [("If-None-Match", '"')])
@example("POST", "hooks/{}/", "slack", "", [("X-Slack-Signature", "v0=é")])
def test_django_answers(match_page, method, path, channel_id, query, headers):
    target = to_path(path, channel_id, match_page)
    environment = {
        "HTTP_" + name.upper().replace("-", "_"): value for name, value in headers
    }
    environment.pop("HTTP_CONTENT_TYPE", None)
    response = Client().generic(
        method,
        target,
        QUERY_STRING=query.encode().decode("latin-1"),
        **environment,
    )
    if not response.streaming:
        assert_answered(response.status_code)
    assert limits.count() == 0


class Connection:
    """An ASGI connection whose client sends nothing, and leaves after an answer."""

    def __init__(self, kind, method, path, query, headers):
        self.scope = {
            **({"method": method} if kind == "http" else {}),
            "type": kind,
            "path": path,
            "query_string": query.encode("utf-8", "replace"),
            "headers": [
                (name.lower().encode(), value.encode("latin-1", "replace"))
                for name, value in headers
            ],
        }
        self.sent = []
        self._messages = [
            {"type": "http.request"}
            if kind == "http"
            else {"type": "websocket.connect"}
        ]
        self._has_left = asyncio.Event()

    async def receive(self):
        if self._messages:
            return self._messages.pop()
        await self._has_left.wait()
        return {"type": self.scope["type"].removesuffix(".request") + ".disconnect"}

    async def send(self, message):
        self.sent.append(message)
        if len(self.sent) > 2:
            self._has_left.set()

    async def run(self):
        application = LiveUpdatesMiddleware(get_asgi_application())
        async with asyncio.timeout(20):
            await application(self.scope, self.receive, self.send)


KINDS = st.sampled_from(["http", "http", "websocket"])


@QUICKLY
@given(KINDS, METHODS, st.sampled_from(PATHS), IDS, QUERIES, HEADERS)
@example(
    "websocket",
    "GET",
    "socket/{}/",
    "CHANNEL",
    "last_update_ts=1",
    [("Origin", "http://[")],
)
@example(
    "websocket",
    "GET",
    "socket/{}/",
    "CHANNEL",
    "last_update_ts=1",
    [("Origin", "http://\xb2")],
)
@example(
    "http",
    "GET",
    "stream/{}/",
    "CHANNEL",
    "",
    [("Last-Event-ID", "1"), ("Last-Event-ID", "2")],
)
@example(
    "http",
    "GET",
    "get-updates/{}/",
    "CHANNEL",
    "last_update_ts=1",
    [("Host", "a"), ("Host", "b")],
)
def test_the_middleware_answers(
    match_page, kind, method, path, channel_id, query, headers
):
    path = to_path(path, channel_id, match_page)
    connection = Connection(kind, method, path, query, headers)
    is_ours = kind == "http" or path.startswith("/wagtail_live/socket/")
    if not is_ours:
        return  # Django has no WebSockets
    asyncio.run(connection.run())
    first = connection.sent[0]
    if kind == "http":
        assert_answered(first["status"])
    else:
        assert first["type"] in {"websocket.accept", "websocket.close"}
    assert limits.count() == 0

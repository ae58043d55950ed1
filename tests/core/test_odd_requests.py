"""Requests that no browser sends: a status below 500 for all URLs of the package.

``FUZZ_EXAMPLES`` sets how many requests are made.
"""

import os
import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.admin.desk.requests import form_data
from wagtail_live.api.models import ApiToken

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
pytestmark = pytest.mark.django_db(transaction=True)  # polls close the connection

OURS = re.compile(r"^(admin/live/|wagtail_live/)")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def find_routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from find_routes(pattern, route)
        elif isinstance(pattern, URLPattern) and OURS.match(route):
            yield route


ROUTES = sorted(set(find_routes(get_resolver())))
METHODS = ["get", "post", "put", "patch", "delete", "head", "options"]
TYPES = [
    *("", "application/json", "application/json; charset=utf-16", "text/plain; q"),
    *("multipart/form-data", "multipart/form-data; boundary=", "application/xml"),
    *("multipart/form-data; boundary=x", "application/json; charset=\xe9", ";;=", "é"),
    *("application/x-www-form-urlencoded; charset=nothing", "*/*", "x" * 500),
]
HEADERS = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization"),
    *(
        "Cookie",
        "Forwarded",
        "Host",
        "Idempotency-Key",
        "If-Match",
        "If-Modified-Since",
    ),
    *("If-None-Match", "If-Unmodified-Since", "Last-Event-ID", "Origin", "Range"),
    *("Referer", "Sec-Fetch-Site", "Transfer-Encoding", "Upgrade", "User-Agent"),
    *("Webhook-Id", "Webhook-Signature", "Webhook-Timestamp", "X-CSRFToken"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Requested-With"),
    *("X-Slack-Request-Timestamp", "X-Slack-Signature", "Grip-Sig"),
    "X-Telegram-Bot-Api-Secret-Token",
]
QUERIES = [
    *("action", "author", "before", "delta", "editing", "key_events", "last_update_ts"),
    *(
        "limit",
        "next",
        "ordering",
        "p",
        "page",
        "post",
        "q",
        "since",
        "source",
        "status",
    ),
    *("state", "url", "expected", "undo", "summary", "pinned", "message_id", "form"),
    *("content-count", "content-0-type", "content-0-value", "content-0-order", "title"),
    *("content-0-deleted", "content-0-id", "go_live_at", "key-points-summary", "file"),
    *("receiver", "external_id", "policy", "delay", "pages", "bearer", "expires_at"),
    *("name", "may_publish", "events", "is_active", "allowed_senders", "user"),
]
ODD = [
    *("", "0", "-1", "9" * 30, str(2**63), "1e400", "nan", "null", "true", "[]", "{}"),
    *("\x00", "%00", "é", "٣", "\ud800", "\u202e", "\xff", "..", "../..", "a/b", "*"),
    *(
        "'",
        '"',
        "<script>",
        "W/",
        '"\x7f"',
        "bytes=0-",
        "bytes=9-1",
        "Bearer",
        "Bearer  ",
    ),
    *("https://[", "//", "http://a.example:99999999", "null, null", "::1, ::1", ",,,"),
    *("Thu, 99 Foo 2026 99:99:99 GMT", "1601-01-01T00:00", "9999-12-31T23:59:59+14:00"),
    *("00000000-0000-0000-0000-000000000000", "latest", "chunked", "websocket", "1, 2"),
    *(
        "wlt_\x00",
        "x" * 5000,
        '{"blocks": 1}',
        '{"blocks": [1], "entityMap": []}',
        "text",
    ),
    *("image", "embed", "publish", "schedule", "draft", "submit", "save", "live", "on"),
]
odd = st.sampled_from(ODD) | st.text(st.characters(max_codepoint=0x2FF), max_size=20)
BODIES = [
    b"",
    b"\xff\xfe",
    b"{",
    b"[]",
    b"null",
    b"--x\r\n",
    b"--x--",
    b"a=1&a=2",
    b"\x00",
]
bodies = st.sampled_from(BODIES) | st.binary(max_size=60)
names = st.sampled_from(QUERIES) | odd


FORMS = {
    "key-points-summary": {"expected": ""},
    "content": form_data(),
    "source": {
        "receiver": "slack",
        "external_id": "C1",
        "policy": "publish",
        "delay": "0",
        "thread_replies": "ignore",
        "allowed_senders": "",
    },
    "token": {"name": "Ticker", "bearer": "me", "pages": "3", "expires_at": ""},
    "webhook": {"name": "Push", "url": "https://push.example/", "is_active": "on"},
    "nothing": {},
}


@st.composite
def forms(draw):
    """The data of a form in which some fields are odd, or missing."""
    data = dict(draw(st.sampled_from(list(FORMS.values()))))
    for name in (
        draw(st.sets(st.sampled_from(sorted(data)), max_size=3)) if data else ()
    ):
        if draw(st.booleans()):
            data[name] = draw(odd)
        else:
            del data[name]
    return data | draw(st.dictionaries(names, odd, max_size=2))


@st.composite
def requests(draw):
    route = draw(st.sampled_from(ROUTES))
    return {
        "route": route,
        "odd_values": draw(
            st.dictionaries(
                st.sampled_from(PARAMETER.findall(route) or ["none"]), odd, max_size=1
            )
        ),
        "method": draw(st.sampled_from(METHODS)),
        "headers": draw(st.dictionaries(st.sampled_from(HEADERS), odd, max_size=3)),
        "query": draw(st.dictionaries(names, odd, max_size=3)),
        "form": draw(st.none() | forms()),
        "content_type": draw(st.sampled_from(TYPES)),
        "body": draw(bodies),
    }


@pytest.fixture
def known(match_page, admin_user, settings):
    """Values of the URLs' parameters with which there is something to find."""
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 1
    settings.WAGTAIL_LIVE_API_BURST = 10**9
    post = match_page.add_live_post("Goal")
    return {
        "page_id": match_page.pk,
        "post_id": post.pk,
        "channel_id": match_page.channel_id,
        "revision_id": post.latest_revision_id,
        "revision_id_a": post.latest_revision_id,
        "revision_id_b": "latest",
        "pk": post.pk,
    }


@pytest.fixture
def clients(match_page, admin_user):
    admin = Client()
    admin.force_login(admin_user)
    _, secret = ApiToken.objects.issue([match_page.live_channel], name="Fuzz")
    return [Client(), admin, Client(headers={"Authorization": f"Bearer {secret}"})]


def send(client, known, route, odd_values, method, query, form, content_type, **others):
    values = known | odd_values
    if route.count("<int:pk>"):
        values = {"pk": 1} | odd_values | {"page_id": known["page_id"]}
    path = "/" + PARAMETER.sub(lambda match: str(values.get(match[1], "slack")), route)
    path = path.encode("utf-8", "replace").decode()
    headers = {name: latin(value) for name, value in others["headers"].items()}
    if form is not None:
        form = {latin(name): latin(value) for name, value in form.items()}
        response = client.post(
            path, form, query_params=readable(query), headers=headers
        )
    else:
        response = client.generic(
            method.upper(),
            path,
            others["body"],
            content_type=latin(content_type),
            query_params=readable(query),
            headers=headers,
        )
    response.close()
    return response


def latin(value):
    return value.encode("utf-8", "replace").decode("latin-1")


def readable(query):
    encoded = {name.encode("utf-8", "replace"): value for name, value in query.items()}
    return {
        name.decode(): value.encode("utf-8", "replace").decode()
        for name, value in encoded.items()
    }


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(request=requests(), who=st.integers(0, 2))
def test_any_request(clients, known, request, who):
    response = send(clients[who], known, **request)
    # A stream needs an ASGI server.
    refusals = {501, 503} if "stream/" in request["route"] else {503}
    assert response.status_code < 500 or response.status_code in refusals

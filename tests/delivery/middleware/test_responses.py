"""The middleware and Django give readers the same answers."""

import socket

import httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.delivery.middleware.conftest import GET_UPDATES, poll
from tests.servers import wait_until
from wagtail_live import posts
from wagtail_live.delivery.hub import get_hub
from wagtail_live.delivery.limits import limits
from wagtail_live.permissions import SYSTEM


def test_updates_are_the_same(sites, posted, start, subtests):
    ids = [str(post.pk) for post in posted.live_posts.reverse()]
    forms = {}, {"delta": 1}, {"delta": 1, "head": 1}, {"head": 1}, {"delta": 0}
    for form in forms:
        with subtests.test(form=form):
            answer = sites.get(poll(posted, start, **form))
            assert answer.status_code == 200
            assert list(answer.json()["updates"]) == ids
            assert answer.headers["Cache-Control"] == "public, max-age=1"
            assert "Set-Cookie" not in answer.headers
            assert "Vary" not in answer.headers
    assert sites.behind.passed_on == []


def test_time_outs_are_the_same(sites, posted):
    answer = sites.get(poll(posted, posted.last_update_timestamp))
    assert answer.json() == {"timeOutReached": "Timeout duration reached."}
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert sites.behind.passed_on == []


def test_an_unknown_cursor_gets_the_full_form(sites, posted):
    answer = sites.get(poll(posted, "9999999999.0", delta=1))
    assert len(answer.json()["currentPosts"]) == 2


BAD_CURSORS = [
    "",
    "last_update_ts=",
    "last_update_ts=yesterday",
    "last_update_ts=nan",
    "last_update_ts=inf",
    "last_update_ts=-1",
    "last_update_ts=1e999",
    "last_update_ts=%E0%A4%A",
    "last_update_ts=%00",
    "last_update_ts=1&last_update_ts=2",
    "last_update_ts=253402300800",
]


def test_bad_cursors_are_refused_the_same(sites, posted, subtests):
    for query in BAD_CURSORS:
        with subtests.test(query=query):
            answer = sites.get(GET_UPDATES.format(posted.channel_id) + f"?{query}")
            assert answer.status_code == 400
            assert "last_update_ts" in answer.json()["error"]
            assert answer.headers["Cache-Control"] == "no-store"
    assert sites.behind.passed_on == []


NAMES = ["last_update_ts", "delta", "head", "last%5Fupdate_ts", "LAST_UPDATE_TS", "x"]
VALUES = [
    "0",
    "1",
    "%31",
    "1.5",
    "+1",
    "1e3",
    "-1",
    "nan",
    "%FF",
    "\\",
    "1;2",
    "é",
    "=",
]
PAIRS = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["=", ""]), st.sampled_from(VALUES)
)


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pairs=st.lists(PAIRS, max_size=4), separator=st.sampled_from(["&", "&&", ";"]))
@example(pairs=[("last_update_ts", "=", "1"), ("x", "=", "0" * 300)], separator="&")
@example(pairs=[("x", "=", "0" * 9000), ("last_update_ts", "=", "b")], separator="&")
def test_any_query_gets_the_same_response(sites, posted, pairs, separator):
    query = separator.join(map("".join, pairs))
    answer = sites.get(GET_UPDATES.format(posted.channel_id) + f"?{query}")
    assert answer.status_code in {200, 400}


def test_a_long_query_is_left_to_django(sites, posted, start):
    answer = sites.get(poll(posted, start, x="0" * 300))
    assert answer.status_code == 200
    assert len(sites.behind.passed_on) == 1


def test_channels_without_access_are_not_found(sites, home_page, posted, start):
    """P2: unknown, draft and forbidden look the same."""
    bodies = {sites.get(GET_UPDATES.format("unknown") + "?last_update_ts=1").text}
    posted.view_restrictions.create(restriction_type="login")
    bodies.add(sites.get(poll(posted, start)).text)
    posted.view_restrictions.all().delete()
    posted.unpublish()
    answer = sites.get(poll(posted, start))
    bodies.add(answer.text)
    assert bodies == {'{"error":"There is no live page here."}'}
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("restriction", ["login", "groups", "password"])
def test_restricted_pages_are_left_to_django(
    sites, posted, start, reporter, client, restriction
):
    restrict(posted, restriction, reporter, client)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    answer = sites.get(poll(posted, start), cookies=cookies)
    assert len(answer.json()["updates"]) == 2
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert sites.get(poll(posted, start)).status_code == 404


def restrict(page, restriction, reporter, client):
    rule = page.view_restrictions.create(restriction_type=restriction, password="ole")
    if restriction == "password":
        form = f"/_util/authenticate_with_password/{rule.pk}/{page.pk}/"
        client.post(form, {"password": "ole", "return_url": "/match/"})
    else:
        rule.groups.set(reporter.groups.all())
        client.force_login(reporter)


ORIGIN = "https://app.example"
ORIGINS = [
    ([], ORIGIN, None),
    ([ORIGIN], ORIGIN, ORIGIN),
    ([ORIGIN], "https://evil.example", None),
    ([ORIGIN], "https://app.example.evil.example", None),
    ([ORIGIN], "null", None),
    ([ORIGIN], "", None),
]


def test_only_origins_that_the_site_names_may_read_answers(
    sites, posted, start, settings, subtests
):
    """P6: off by default, and echoed exactly."""
    good, bad = poll(posted, start), poll(posted, "bad")
    for target in (good, bad, good.replace("get-updates", "poll")):
        for allowed, origin, echoed in ORIGINS:
            settings.WAGTAIL_LIVE_ALLOWED_ORIGINS = allowed
            headers = {"Origin": origin} if origin else {}
            with subtests.test(target=target, allowed=allowed, origin=origin):
                answer = sites.get(target, headers=headers)
                assert answer.headers.get("Access-Control-Allow-Origin") == echoed
                assert answer.headers.get("Vary") == ("Origin" if allowed else None)
                assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["get-updates", "stream"])
@pytest.mark.parametrize("name", ["behind", "plain"])
def test_a_disconnect_frees_the_slot_at_once(sites, posted, settings, name, path):
    settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 25
    site = getattr(sites, name)
    target = poll(posted, posted.last_update_timestamp).replace("get-updates", path)
    with socket.create_connection(("127.0.0.1", site.port)) as reader:
        reader.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        wait_until(lambda: get_hub().count_readers() == limits.count() == 1)
    wait_until(lambda: limits.count() == 0)
    wait_until(lambda: get_hub().count_readers() == 0)


def test_a_kept_connection_serves_one_poll_after_another(sites, posted, settings):
    cursor = posted.last_update_timestamp
    with httpx.Client(base_url=sites.behind.url, timeout=20) as reader:
        for _ in range(3):
            settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 0.1
            assert "timeOutReached" in reader.get(poll(posted, cursor)).json()
            settings.WAGTAIL_LIVE_POLLING_TIMEOUT = 25  # the hub looks in its own time
            post = posts.publish(posted.live_channel, "<p>More</p>", actor=SYSTEM)
            answer = reader.get(poll(posted, cursor)).json()
            assert list(answer["updates"]) == [str(post.pk)]
            cursor = answer["lastUpdateTimestamp"]
    assert sites.behind.passed_on == []
    wait_until(lambda: limits.count() == 0)

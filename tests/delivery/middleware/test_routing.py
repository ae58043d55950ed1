"""The requests that the middleware answers, and those that it leaves to Django."""

import asyncio
import http.client
from urllib.parse import quote

import httpx
import pytest
from django.urls import include, path
from wagtail import urls as wagtail_urls

from tests.delivery.middleware.conftest import GET_UPDATES, both_sites, poll
from wagtail_live.asgi import LiveUpdatesMiddleware
from wagtail_live.delivery.hub import close_hub

# Another way to include our URLs, for ROOT_URLCONF.
urlpatterns = [
    path("en/ticker/", include("wagtail_live.urls")),
    path("", include(wagtail_urls)),
]


def test_other_pages_are_the_same(sites, match_page, subtests):
    for target in ("/match/", "/nothing/", "/admin/login/?next=/"):
        with subtests.test(target=target):
            behind, plain = (
                httpx.get(site.url + target) for site in (sites.behind, sites.plain)
            )
            assert behind.status_code == plain.status_code
            assert sorted(behind.headers) == sorted(plain.headers)


LEFT_TO_DJANGO = [
    ("POST", "/wagtail_live/get-updates/{}/"),
    ("HEAD", "/wagtail_live/poll/{}/"),
    ("OPTIONS", "/wagtail_live/get-updates/{}/"),
    ("PUT", "/wagtail_live/get-updates/{}/"),
    ("GET", "/wagtail_live/get-updates/{}"),
    ("GET", "/wagtail_live/get-updates/{}/more/"),
    ("GET", "/wagtail_live/get-updates//"),
    ("GET", "/wagtail_live/get-updates/"),
    ("GET", "//wagtail_live/get-updates/{}/"),
]


def test_other_methods_and_paths_are_left_to_django(sites, posted, subtests):
    for number, (method, target) in enumerate(LEFT_TO_DJANGO, start=1):
        target = target.format(posted.channel_id)
        with subtests.test(method=method, target=target):
            sites.request(method, target)
            assert len(sites.behind.passed_on) == number


ODD_CHANNEL_IDS = ["Fußball live", "100% live", "a+b", "..x", "?", "0"]


def test_every_channel_id_is_found(sites, match_page, subtests):
    for channel_id in ODD_CHANNEL_IDS:
        match_page.channel_id = channel_id
        match_page.save()
        cursor = match_page.last_update_timestamp
        match_page.add_live_post("<p>Goal</p>")
        with subtests.test(channel_id=channel_id):
            target = GET_UPDATES.format(quote(channel_id, safe="+"))
            answer = sites.get(f"{target}?last_update_ts={cursor!r}")
            assert len(answer.json()["updates"]) == 1
    assert sites.behind.passed_on == []


class Recorder:
    """An application that remembers how it was called."""

    def __init__(self):
        self.calls = []

    async def __call__(self, *call):
        self.calls.append(call)


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}},
        {"type": "websocket", "path": "/chat/", "headers": [], "query_string": b""},
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [],
            "query_string": b"",
        },
        {
            "type": "http",
            "method": "POST",
            "path": "/wagtail_live/get-updates/a/",
            "headers": [],
        },
        {
            "type": "http",
            "method": "GET",
            "path": "/wagtail_live/get-updates/a",
            "headers": [],
        },
        {"type": "something else"},
    ],
    ids=lambda scope: f"{scope['type']} {scope.get('path', '')}",
)
def test_other_requests_pass_through(scope):
    application, receive, send = Recorder(), object(), object()
    given = dict(scope)
    asyncio.run(LiveUpdatesMiddleware(application)(scope, receive, send))
    ((passed, *channels),) = application.calls
    assert passed is scope
    assert {name: passed[name] for name in given} == given
    assert channels == [receive, send]


HOSTS = [
    ("live.example", "live.example", 200),
    ("live.example", "live.example:8000", 200),
    ("live.example", "LIVE.example", 200),
    ("live.example", "live.example.", 200),
    ("live.example", "evil.example", 400),
    ("live.example", "live.example@evil.example", 400),
    ("live.example", "", 400),
    (".example", "sub.example", 200),
    (".example", "example.org", 400),
    ("[::1]", "[::1]:80", 200),
    ("*", "anything.example", 200),
    ("*", "not a host", 400),
]


def test_only_allowed_hosts_are_answered(sites, posted, start, settings, subtests):
    for allowed, host, status in HOSTS:
        settings.ALLOWED_HOSTS = [allowed]
        sites.behind.passed_on.clear()
        with subtests.test(allowed=allowed, host=host):
            answer = sites.get(poll(posted, start), headers={"Host": host})
            assert answer.status_code == status
            assert bool(sites.behind.passed_on) == (status == 400)


def test_the_hosts_of_development_are_answered(sites, posted, start, settings):
    settings.ALLOWED_HOSTS = []
    settings.DEBUG = True
    for host, status in {
        "127.0.0.1": 200,
        "a.localhost": 200,
        "a.example": 400,
    }.items():
        answer = httpx.get(
            sites.behind.url + poll(posted, start), headers={"Host": host}
        )
        assert answer.status_code == status


FORWARDED_HOSTS = [
    (True, "live.example", 200),
    (True, "evil.example", 400),
    (False, "live.example", 400),
]


def test_the_forwarded_host_is_used_if_the_settings_say_so(
    sites, posted, start, settings, subtests
):
    settings.ALLOWED_HOSTS = ["live.example"]
    for trusted, forwarded, status in FORWARDED_HOSTS:
        settings.USE_X_FORWARDED_HOST = trusted
        headers = {"Host": "inner.example", "X-Forwarded-Host": forwarded}
        with subtests.test(trusted=trusted, forwarded=forwarded):
            answer = sites.get(poll(posted, start), headers=headers)
            assert answer.status_code == status


def test_a_request_without_host_is_left_to_django(sites, posted, start):
    answers = []
    for site in (sites.behind, sites.plain):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        connection._http_vsn_str = "HTTP/1.0"
        connection.putrequest("GET", poll(posted, start), skip_host=True)
        connection.endheaders()
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
        connection.close()
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert len(sites.behind.passed_on) == 1


def test_a_forced_script_name_is_taken_off(sites, settings, posted, start):
    settings.FORCE_SCRIPT_NAME = "/news"
    for prefix in ("/news", ""):
        answer = sites.get(prefix + poll(posted, start))
        assert len(answer.json()["updates"]) == 2
    assert sites.behind.passed_on == []


def test_the_site_can_be_mounted_below_a_path(transactional_db, posted, start):
    with both_sites(root_path="/news") as sites:
        answer = sites.get(poll(posted, start))
        assert len(answer.json()["updates"]) == 2
        assert sites.behind.passed_on == []
    close_hub()


def test_the_prefix_of_our_urls_is_found(sites, settings, posted, start):
    settings.ROOT_URLCONF = __name__
    target = poll(posted, start).replace("wagtail_live", "en/ticker")
    assert len(sites.get(target).json()["updates"]) == 2
    assert sites.behind.passed_on == []


def test_a_site_without_our_urls_is_left_alone(sites, settings, posted, start):
    settings.ROOT_URLCONF = "wagtail.urls"
    assert sites.get(poll(posted, start)).status_code == 404
    assert len(sites.behind.passed_on) == 1

"""Tests that test_push.py runs in a process with other settings: the endpoints."""

import re

import pytest
from django.core import checks
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from tests.contrib.push.service import Browser
from wagtail_live.contrib.push import conf
from wagtail_live.contrib.push.keys import get_public_key
from wagtail_live.contrib.push.models import PushSubscription
from wagtail_live.models import ChannelState
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import set_state

pytestmark = pytest.mark.django_db
SAME_ORIGIN = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
SUBSCRIPTION = Browser("https://push.example/send/abc?x=1").subscription


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def post(match_page):
    client = Client(enforce_csrf_checks=True)

    def post(name, data, headers=SAME_ORIGIN, **options):
        path = f"/wagtail_live/push/{match_page.channel_id}/{name}/"
        options.setdefault("content_type", "application/json")
        return client.post(path, data, headers=headers, **options)

    return post


def test_only_the_url_and_the_keys_are_stored(post):
    assert post("subscribe", SUBSCRIPTION).status_code == 204
    fields = {field.name for field in PushSubscription._meta.get_fields()}
    assert fields == {
        *("id", "channel", "endpoint", "digest", "p256dh", "auth"),
        *("created_at", "renewed_at", "pushdelivery"),
    }
    stored = PushSubscription.objects.get()
    assert stored.endpoint == SUBSCRIPTION["endpoint"]
    assert {"p256dh": stored.p256dh, "auth": stored.auth} == SUBSCRIPTION["keys"]


def test_subscribing_again_renews(post):
    for _ in range(2):
        response = post("subscribe", SUBSCRIPTION)
    assert response.status_code == 204
    assert not response.cookies
    assert PushSubscription.objects.count() == 1


def test_unsubscribing(post):
    post("subscribe", SUBSCRIPTION)
    body = {"endpoint": SUBSCRIPTION["endpoint"]}
    assert post("unsubscribe", body).status_code == 204
    assert post("unsubscribe", body).status_code == 204
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_other_sites_may_not_subscribe(post, headers):
    assert post("subscribe", SUBSCRIPTION, headers=headers).status_code == 403
    assert not PushSubscription.objects.exists()


def test_a_form_of_another_site_may_not_subscribe(post):
    response = post("subscribe", "{}", content_type="text/plain")
    assert response.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://push.example/"},
        {"endpoint": "https://user@push.example/"},
        {"endpoint": "https:///path"},
        {"endpoint": f"https://push.example/{'a' * 1000}"},
        {"endpoint": "https://push.example/\n"},
        {"endpoint": 5},
        {"endpoint": "https://push.example:99999/"},
        {"keys": None},
        {"keys": {"p256dh": "AAAA", "auth": SUBSCRIPTION["keys"]["auth"]}},
        {"keys": {**SUBSCRIPTION["keys"], "auth": "AAAA"}},
        {"keys": {**SUBSCRIPTION["keys"], "p256dh": "B" + "A" * 86}},
        {"keys": {**SUBSCRIPTION["keys"], "auth": "ä" * 22}},
    ],
)
def test_what_is_no_subscription_is_refused(post, change):
    response = post("subscribe", SUBSCRIPTION | change)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("body", ["[", "[]", "null", "[" * 5000, "x" * 5000])
def test_what_is_no_json_is_refused(post, body):
    assert post("subscribe", body).status_code == 400


@pytest.mark.parametrize(
    ("host", "is_accepted"),
    [
        ("fcm.googleapis.com", True),
        ("updates.push.services.mozilla.com", True),
        ("web.push.apple.com", True),
        ("wns2-par02p.notify.windows.com", True),
        ("push.example", False),
        ("evil-fcm.googleapis.com", False),
        ("push.services.mozilla.com.example", False),
    ],
)
def test_only_push_services_are_accepted(post, settings, host, is_accepted):
    settings.WAGTAIL_LIVE_PUSH_SERVICES = list(conf.SERVICES)  # the default
    endpoint = f"https://{host}/send/abc"
    status = post("subscribe", SUBSCRIPTION | {"endpoint": endpoint}).status_code
    assert status == (204 if is_accepted else 400)
    settings.WAGTAIL_LIVE_PUSH_SERVICES = ["*"]
    assert post("subscribe", SUBSCRIPTION | {"endpoint": endpoint}).status_code == 204


def test_requests_of_an_address_are_limited(post, settings):
    settings.WAGTAIL_LIVE_PUSH_LIMIT = 2
    statuses = [post("subscribe", SUBSCRIPTION).status_code for _ in range(3)]
    assert statuses == [204, 204, 429]
    # Who has subscribed can always end it.
    assert post("unsubscribe", SUBSCRIPTION).status_code == 204
    other = post("subscribe", SUBSCRIPTION, REMOTE_ADDR="198.51.100.7")
    assert other.status_code == 204
    assert not any("127.0.0.1" in key for key in cache._cache)


@pytest.mark.parametrize("how", ["unknown", "draft", "restricted"])
def test_pages_that_not_everybody_sees_are_not_found(post, client, match_page, how):
    admin_headers = SAME_ORIGIN
    if how == "unknown":
        response = client.post(
            "/wagtail_live/push/unknown/subscribe/",
            SUBSCRIPTION,
            content_type="application/json",
            headers=admin_headers,
        )
    else:
        if how == "draft":
            match_page.unpublish()
        else:
            page = Page.objects.get(pk=match_page.pk)
            PageViewRestriction.objects.create(page=page, restriction_type="login")
        response = post("subscribe", SUBSCRIPTION)
    assert response.status_code == 404
    assert response.json() == {"error": "There is no live page here."}


def test_the_worker(client):
    response = client.get("/wagtail_live/push/worker.js")
    assert response["Content-Type"] == "text/javascript"
    assert response["Service-Worker-Allowed"] == "/"
    assert b"showNotification" in response.content


def test_the_page_has_the_button_and_nothing_of_the_reader(
    client, match_page, settings
):
    html = client.get(match_page.url).content.decode()
    [element] = re.findall(r"<live-push[^>]*>", html)
    assert f'key="{get_public_key(settings.WAGTAIL_LIVE_PUSH_PRIVATE_KEY)}"' in element
    assert " hidden" in element
    assert "csrf" not in html
    assert client.get(match_page.url).content.decode() == html


@pytest.mark.parametrize("why", ["ended", "no key", "restricted"])
def test_pages_without_the_button(client, admin_client, match_page, settings, why):
    if why == "ended":
        set_state(match_page.live_channel, ChannelState.ENDED, actor=SYSTEM)
    elif why == "no key":
        settings.WAGTAIL_LIVE_PUSH_PRIVATE_KEY = None
    else:
        page = Page.objects.get(pk=match_page.pk)
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    html = admin_client.get(match_page.url).content.decode()
    assert "<live-blog" in html
    assert "<live-push" not in html


def test_the_command_makes_keys_that_are_valid(capsys, settings):
    call_command("live_push_keys")
    output = capsys.readouterr().out
    [key] = re.findall(r'WAGTAIL_LIVE_PUSH_PRIVATE_KEY = "([\w-]{43})"', output)
    settings.WAGTAIL_LIVE_PUSH_PRIVATE_KEY = key
    assert run_checks() == set()
    assert get_public_key(key) in output


def run_checks(**options):
    found = checks.run_checks(tags=["wagtail_live"], **options)
    return {each.id for each in found if each.id.startswith("wagtail_live_push.")}


def test_checks(settings):
    settings.WAGTAIL_LIVE_PUSH_CONTACT = None
    assert run_checks() == {"wagtail_live_push.W002"}
    settings.WAGTAIL_LIVE_PUSH_CONTACT = "me"
    settings.WAGTAIL_LIVE_PUSH_PRIVATE_KEY = "short"
    settings.WAGTAIL_LIVE_PUSH_RATE = 0
    settings.WAGTAIL_LIVE_PUSH_KEEP = 0
    settings.WAGTAIL_LIVE_PUSH_LIMIT = 0
    settings.WAGTAIL_LIVE_PUSH_SERVICES = ["https://push.example/"]
    assert run_checks() == {f"wagtail_live_push.E00{number}" for number in range(1, 7)}
    settings.WAGTAIL_LIVE_PUSH_CONTACT = None
    settings.WAGTAIL_LIVE_PUSH_PRIVATE_KEY = None
    assert "wagtail_live_push.W001" in run_checks()


def test_a_cache_of_each_process_is_a_warning(settings):
    deploying = {"include_deployment_checks": True}
    assert "wagtail_live_push.W003" in run_checks(**deploying)
    redis = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1"}}
    assert run_checks(**deploying) == set()

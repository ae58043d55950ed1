"""Outgoing webhooks."""

import logging
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings as site_settings
from django.db import transaction
from django.urls import set_script_prefix
from django.utils import timezone
from wagtail.rich_text import RichText

from tests.servers.process import wait_until
from tests.webhooks.endpoint import Endpoint
from wagtail_live import outbound, posts
from wagtail_live.background import threads
from wagtail_live.housekeeping import housekeeper, run_jobs
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import channel as coverage
from wagtail_live.webhooks import outbox
from wagtail_live.webhooks.models import WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setattr(outbound, "send", partial(outbound.send, is_trusted=True))
    monkeypatch.setattr(outbox, "FIRST_PAUSE", 3600)  # none ends in the midst of a test
    with Endpoint() as service:
        yield service
        assert threads.wait(20)


@pytest.fixture
def webhook(match_page, service):
    return WebhookEndpoint.objects.create(
        channel=match_page.live_channel, name="Push", url=service.url
    )


def sent(service, webhook, count):
    wait_until(lambda: len(service.requests) >= count)
    assert threads.wait(20)
    assert len(service.requests) == count
    return service.read(webhook.secret)


def test_each_update_is_sent_signed_and_in_order(match_page, service, webhook):
    post = match_page.add_live_post("Gaol")
    match_page.update_live_post(post, content="Goal")
    coverage.pin(match_page.live_channel, post, actor=SYSTEM)
    coverage.pin(match_page.live_channel, None, actor=SYSTEM)
    match_page.update_live_post(post, show=False)
    match_page.update_live_post(post, show=True)
    match_page.delete_live_post(post)
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    messages = sent(service, webhook, 8)
    assert [message["type"] for message in messages] == [
        *("post.published", "post.edited", "post.pinned", "post.unpinned"),
        *("post.hidden", "post.shown", "post.deleted", "page.ended"),
    ]
    assert {message["data"]["post_id"] for message in messages} == {str(post.pk), None}
    assert messages[-1]["data"]["channel"]["state"] == "ended"
    path, headers, _ = service.requests[0]
    assert path == "/updates?for=match"
    assert headers["content-type"] == "application/json"


def test_internal_addresses_are_refused(match_page):
    with Endpoint() as service:
        WebhookEndpoint.objects.create(
            channel=match_page.live_channel, name="Push", url=service.url
        )
        match_page.add_live_post("Goal")
        wait_until(lambda: WebhookDelivery.objects.filter(attempts=1).exists())
        assert threads.wait(20)
    assert service.requests == []
    assert "https://" in WebhookDelivery.objects.get().error


def test_a_message_has_the_page_as_it_is_when_it_is_sent(match_page, service, webhook):
    service.hangs = threading.Event()
    WebhookEndpoint.objects.update(blocked_until=timezone.now() + timedelta(hours=1))
    match_page.add_live_post("Goal")
    coverage.set_state(match_page.live_channel, "ended", actor=SYSTEM)
    assert threads.wait(20)
    WebhookEndpoint.objects.update(blocked_until=None)
    threads.add(partial(outbox.send_due.call, webhook.pk))
    wait_until(lambda: service.requests)
    coverage.set_state(match_page.live_channel, "live", actor=SYSTEM)
    service.hangs.set()
    messages = sent(service, webhook, 3)
    states = [message["data"]["channel"]["state"] for message in messages]
    assert states == ["ended", "live", "live"]


def test_nothing_more_is_sent_to_an_endpoint_that_is_deactivated_or_deleted(
    match_page, service, webhook
):
    for end in (
        lambda: WebhookEndpoint.objects.update(is_active=False),
        lambda: WebhookEndpoint.objects.all().delete(),
    ):
        WebhookEndpoint.objects.update(is_active=True)
        service.hangs = threading.Event()
        service.requests.clear()
        match_page.add_live_post("One")
        wait_until(lambda: service.requests)
        match_page.add_live_post("Two")
        end()
        service.hangs.set()
        assert threads.wait(20)
        assert len(service.requests) == 1


def test_an_endpoint_stays_deactivated_when_a_request_to_it_fails(
    match_page, service, webhook
):
    service.answers = [400]
    service.hangs = threading.Event()
    match_page.add_live_post("Goal")
    wait_until(lambda: service.requests)
    WebhookEndpoint.objects.update(is_active=False)
    service.hangs.set()
    assert threads.wait(20)
    webhook.refresh_from_db()
    assert webhook.last_error
    assert not webhook.is_active


def test_a_message_brings_the_post(match_page, service, webhook):
    match_page.add_live_post("Goal")
    [message] = sent(service, webhook, 1)
    assert message["data"]["post"]["content"][0]["value"] == "<p>Goal</p>"
    assert message["data"]["channel"]["page"]["title"] == "Match"


def test_changes_that_readers_do_not_see_are_not_sent(match_page, service, webhook):
    channel = match_page.live_channel
    draft = posts.publish(channel, "Draft", show=False, actor=SYSTEM)
    posts.edit(channel, draft, content="Better", submitted=True, actor=SYSTEM)
    posts.delete(channel, draft, actor=SYSTEM)
    hidden = match_page.add_live_post("Wrong")
    match_page.update_live_post(hidden, show=False)
    match_page.update_live_post(hidden, content="Secret")
    messages = sent(service, webhook, 2)
    assert messages[-1]["type"] == "post.hidden"
    assert b"Secret" not in b"".join(body for _, _, body in service.requests)
    match_page.unpublish()
    match_page.add_live_post("On a page that nobody sees")
    assert len(sent(service, webhook, 2)) == 2


def test_posts_hidden_before_sending_are_not_sent(match_page, service, webhook):
    WebhookEndpoint.objects.update(blocked_until=timezone.now() + timedelta(hours=1))
    post = match_page.add_live_post("Wrong")
    match_page.update_live_post(post, show=False)
    WebhookEndpoint.objects.update(blocked_until=None)
    outbox.send_all_due(timezone.now())
    messages = sent(service, webhook, 2)
    assert [message["data"]["post"] for message in messages] == [None, None]


def test_a_failed_delivery_is_retried(match_page, service, webhook, monkeypatch):
    monkeypatch.setattr(outbox, "FIRST_PAUSE", 0.05)
    service.answers = [500, 503, 204]
    match_page.add_live_post("Goal")
    wait_until(lambda: WebhookDelivery.objects.filter(error="", attempts=3).exists())
    first, *others = (headers["webhook-id"] for _, headers, _ in service.requests)
    assert others == [first, first]
    webhook.refresh_from_db()
    assert webhook.last_error == "The endpoint returned 503."
    assert webhook.last_success_at > webhook.last_failure_at


def test_all_deliveries_wait_while_an_endpoint_is_paused(match_page, service, webhook):
    service.answers = [500]
    match_page.add_live_post("One")
    wait_until(lambda: WebhookDelivery.objects.filter(attempts=1).exists())
    match_page.add_live_post("Two")
    assert len(sent(service, webhook, 1)) == 1
    assert not outbox.find_due(timezone.now()).exists()
    assert outbox.find_due(timezone.now() + timedelta(hours=1)).exists()


def test_a_refused_delivery_does_not_delay_the_next(match_page, service, webhook):
    service.answers = [400, 204]
    match_page.add_live_post("One")
    match_page.add_live_post("Two")
    sent(service, webhook, 2)
    refused, taken = WebhookDelivery.objects.order_by("cursor")
    assert refused.error == "The endpoint returned 400."
    assert refused.due_at
    assert taken.delivered_at


def test_a_service_is_given_up_after_many_attempts(match_page, service, webhook):
    service.answers = [400]
    match_page.add_live_post("Goal")
    sent(service, webhook, 1)
    WebhookDelivery.objects.update(attempts=9, due_at=timezone.now())
    outbox.send_all_due(timezone.now())
    delivery = WebhookDelivery.objects.get()
    assert (delivery.attempts, delivery.due_at, delivery.delivered_at) == (
        10,
        None,
        None,
    )


def test_status_410_deactivates_the_endpoint(match_page, service, webhook):
    service.answers = [410]
    match_page.add_live_post("Goal")
    sent(service, webhook, 1)
    webhook.refresh_from_db()
    assert not webhook.is_active


def test_redirects_are_not_followed(match_page, service, webhook):
    service.answers = [307]
    match_page.add_live_post("Goal")
    sent(service, webhook, 1)
    assert WebhookDelivery.objects.get().error == "The endpoint returned 307."


def test_a_writer_does_not_wait_for_a_service_that_hangs(match_page, service, webhook):
    service.hangs = threading.Event()
    match_page.add_live_post("Post 0")
    wait_until(lambda: service.requests)
    for number in range(1, 3):
        match_page.add_live_post(f"Post {number}")
    assert not WebhookDelivery.objects.filter(attempts__gt=0).exists()
    assert len(service.requests) == 1
    service.hangs.set()
    sent(service, webhook, 3)


def test_deliveries_of_a_dead_process_are_sent_by_another(
    match_page, service, webhook, monkeypatch
):
    WebhookEndpoint.objects.update(blocked_until=timezone.now() + timedelta(hours=1))
    match_page.add_live_post("Goal")
    assert threads.wait(20)
    WebhookEndpoint.objects.update(blocked_until=timezone.now())
    wait_until(lambda: not housekeeper.is_busy)
    monkeypatch.setattr(housekeeper, "_next_look", 0.0)  # it looks now and then
    housekeeper.look()
    housekeeper.wait()
    sent(service, webhook, 1)


def test_the_command_sends_before_it_ends(match_page, service, webhook):
    WebhookEndpoint.objects.update(blocked_until=timezone.now() + timedelta(hours=1))
    match_page.add_live_post("Goal")
    assert threads.wait(20)
    WebhookEndpoint.objects.update(blocked_until=timezone.now())
    run_jobs(timezone.now())
    assert len(service.requests) == 1


def test_the_secret_key_of_the_site_can_be_replaced(
    match_page, service, webhook, settings
):
    secret = webhook.secret
    settings.SECRET_KEY_FALLBACKS = [site_settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    match_page.add_live_post("Goal")
    wait_until(lambda: service.requests)
    assert service.read(secret) == service.read(webhook.secret)


def test_secrets_are_neither_stored_nor_logged(match_page, service, webhook, caplog):
    caplog.set_level(logging.DEBUG)
    service.answers = [500]
    match_page.add_live_post("Goal")
    sent(service, webhook, 1)
    row = WebhookEndpoint.objects.values().get()
    assert webhook.secret.removeprefix("whsec_") not in f"{row} {caplog.text}"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://2130706433:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://0.0.0.0:{port}/",
        "http://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "https://127.0.0.1:x/",
        "https:///",
    ],
)
def test_internal_addresses_are_not_connected_to(url):
    with Endpoint() as service:
        port = service.url.split(":")[2].partition("/")[0]
        with pytest.raises(outbound.RequestFailed):
            send(url.format(port=port))
    assert service.requests == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "100.64.0.1", "[fd00::1]"]
)
def test_private_networks_are_not_connected_to(host):
    with pytest.raises(outbound.RequestFailed, match="no public address"):
        send(f"https://{host}/")


def send(url):
    with outbound.send(url, method="POST", body=b"{}", timeout=5):
        pass


def test_a_delivery_is_stored_with_the_update_or_not_at_all(
    match_page, service, webhook
):
    """A process that dies loses neither an update nor its note."""
    with transaction.atomic():
        match_page.add_live_post("Goal")
        assert WebhookDelivery.objects.count() == 1
        transaction.set_rollback(True)
    assert WebhookDelivery.objects.count() == 0
    assert match_page.live_posts.count() == 0
    assert service.requests == []


def test_urls_are_absolute_and_below_the_path_of_the_site(match_page, service, webhook):
    set_script_prefix("/news")  # as in the request in which the post is written
    link = f'<a linktype="page" id="{match_page.pk}">here</a>'
    match_page.add_live_post([("text", RichText(f"<p>Read {link}</p>"))])
    [message] = sent(service, webhook, 1)
    url = "http://localhost/news/match/"
    assert message["data"]["channel"]["page"]["url"] == url
    assert message["data"]["post"]["url"].startswith(f"{url}?post=")
    assert f'<a href="{url}">here</a>' in message["data"]["post"]["html"]

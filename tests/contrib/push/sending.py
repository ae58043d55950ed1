"""Tests that test_push.py runs in a process with other settings: sending."""

import os
import subprocess
import sys
from datetime import timedelta
from email.utils import formatdate
from functools import partial

import pytest
from django.core.management import call_command
from wagtail.models import Page, PageViewRestriction

from tests.contrib.push.service import PushService, send_plainly
from tests.servers import wait_until
from tests.servers.site import ROOT
from wagtail_live import background, cursors, outbound, posts
from wagtail_live.background import threads
from wagtail_live.contrib.push import alerts, conf, subscriptions
from wagtail_live.contrib.push.keys import get_public_key
from wagtail_live.contrib.push.models import (
    PushAlert,
    PushDelivery,
    PushSubscription,
)
from wagtail_live.housekeeping import run_jobs
from wagtail_live.models import Channel, ChannelState
from wagtail_live.permissions import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setattr(outbound, "send", send_plainly)
    with PushService(get_public_key(conf.get_private_key())) as service:
        yield service


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def browser(service, channel):
    browser = service.new_browser()
    subscriptions.subscribe(channel, browser.subscription)
    return browser


@pytest.fixture
def subscribe(service, channel):
    def subscribe(count):
        for number in range(count):
            browser = service.new_browser(str(number))
            subscriptions.subscribe(channel, browser.subscription)

    return subscribe


@pytest.fixture
def publish(channel):
    return partial(posts.publish, channel, actor=SYSTEM, is_key_event=True)


def wait():
    assert threads.wait(20)


def test_a_browser_is_told_of_a_key_event(service, browser, publish, match_page):
    post = publish("<p>Goal for the hosts</p>", title="1–0")
    wait()
    assert service.refused == []
    [(path, headers, body)] = service.messages
    assert path == "/push/1"
    assert headers["Topic"] == post.pk.hex
    assert headers["Urgency"] == "high"
    assert browser.decrypt(body) == {
        "title": "Match",
        "body": "1–0",
        "url": f"http://localhost{match_page.url}?post={post.pk}",
        "tag": str(post.pk),
        "lang": "en-us",
    }
    assert not PushDelivery.objects.exists()


def test_other_posts_are_not_sent(service, browser, publish, channel):
    publish("No key event", is_key_event=False)
    publish("A draft", show=False)
    publish("Later", go_live_at=cursors.now() + timedelta(hours=1))
    hidden = publish("Hidden", is_key_event=False)
    posts.hide(channel, hidden, actor=SYSTEM)
    posts.edit(channel, hidden, is_key_event=True, actor=SYSTEM)
    wait()
    assert service.messages == []


def test_a_post_is_sent_when_it_becomes_a_key_event_and_never_twice(
    service, browser, publish, channel
):
    post = publish("Goal", is_key_event=False)
    for is_key_event in (True, False, True):
        posts.edit(channel, post, is_key_event=is_key_event, actor=SYSTEM)
        wait()
    posts.hide(channel, post, actor=SYSTEM)
    posts.show(channel, post, actor=SYSTEM)
    deleted = posts.delete(channel, post, actor=SYSTEM)
    posts.restore(channel, deleted, actor=SYSTEM)
    posts.edit(channel, post, title="Goal!", actor=SYSTEM)
    wait()
    assert len(service.messages) == 1


def test_an_old_post_is_no_news(service, browser, publish, channel):
    post = publish("Goal", is_key_event=False)
    old = cursors.now() - timedelta(hours=2)
    channel.posts.filter(pk=post.pk).update(first_published_at=old)
    posts.edit(channel, post, is_key_event=True, actor=SYSTEM)
    wait()
    assert service.messages == []


def test_a_scheduled_key_event_is_sent_when_it_is_published(
    service, browser, publish, channel
):
    post = publish("Goal", show=False)
    posts.show(channel, post, actor=SYSTEM)
    wait()
    assert len(service.messages) == 1


@pytest.mark.parametrize("how", ["draft", "restricted"])
def test_pages_that_not_everybody_sees(service, browser, publish, match_page, how):
    if how == "draft":
        match_page.unpublish()
    else:
        page = Page.objects.get(pk=match_page.pk)
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    publish("Goal")
    wait()
    assert service.messages == []


def test_a_post_that_is_withdrawn_is_not_sent(
    service, browser, publish, channel, monkeypatch
):
    """The alerts that were recorded and not sent yet."""
    monkeypatch.setattr(alerts, "later", lambda *arguments, **options: None)
    post = publish("Goal")
    posts.hide(channel, post, actor=SYSTEM)
    assert alerts.send_all_due(cursors.now()) == 1
    assert service.messages == []
    assert not PushDelivery.objects.exists()
    posts.show(channel, post, actor=SYSTEM)
    assert alerts.send_all_due(cursors.now()) == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_deleted(service, browser, publish, status):
    service.answers = [status]
    publish("Goal")
    wait()
    assert len(service.messages) == 1
    assert not PushSubscription.objects.exists()
    assert not PushDelivery.objects.exists()


def test_a_host_without_a_public_address_is_not_requested(
    service, channel, publish, monkeypatch
):
    browser = service.new_browser()
    subscription = browser.subscription | {"endpoint": "https://10.0.0.1/push"}
    subscriptions.subscribe(channel, subscription)
    publish("Goal")
    wait()
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_fails_is_tried_again(
    service, browser, publish, monkeypatch, status
):
    monkeypatch.setattr(alerts, "FIRST_PAUSE", 0.01)
    service.answers = [status, status, 201]
    publish("Goal")
    wait_until_sent()
    assert len(service.messages) == 3
    assert PushSubscription.objects.count() == 1


def wait_until_sent():
    """Wait for the retries, which are jobs of a later time."""
    for _ in range(200):
        wait()
        if threads.is_idle:
            return
        background.time.sleep(0.02)


def test_retries_end(service, browser, publish, monkeypatch):
    monkeypatch.setattr(alerts, "FIRST_PAUSE", 0.001)
    service.answers = [500]
    publish("Goal")
    wait_until_sent()
    assert len(service.messages) == alerts.MAX_ATTEMPTS
    assert not PushDelivery.objects.exists()
    assert PushAlert.objects.get().due_at is None


@pytest.mark.parametrize("is_date", [False, True])
def test_the_service_says_when_to_try_again(service, browser, publish, is_date):
    moment = formatdate(background.time.time() + 1200, usegmt=True)
    service.answers = [429]
    service.headers = {"Retry-After": moment if is_date else "1200"}
    publish("Goal")
    wait()
    due = PushAlert.objects.get().due_at - cursors.now()
    assert timedelta(seconds=1100) < due <= timedelta(seconds=1200)


def test_a_service_that_asks_for_hours_is_not_tried_again(service, browser, publish):
    service.answers = [503]
    service.headers = {"Retry-After": "9" * 400}
    publish("Goal")
    wait()
    assert not PushDelivery.objects.exists()
    assert PushAlert.objects.get().due_at is None
    assert PushSubscription.objects.exists()


def test_a_service_that_the_site_no_longer_accepts(service, browser, publish, settings):
    settings.WAGTAIL_LIVE_PUSH_SERVICES = ["*.push.example"]
    publish("Goal")
    wait()
    assert service.messages == []
    assert not PushSubscription.objects.exists()


def test_a_message_that_is_refused_is_not_repeated(service, browser, publish):
    service.answers = [413]
    publish("Goal")
    wait()
    assert len(service.messages) == 1
    assert not PushDelivery.objects.exists()
    assert PushSubscription.objects.exists()


def test_housekeeping_sends_what_a_process_has_left(
    service, browser, publish, monkeypatch
):
    monkeypatch.setattr(alerts, "later", lambda *arguments, **options: None)
    publish("Goal")
    assert service.messages == []
    assert run_jobs(cursors.now())["alerts"] == 1
    assert len(service.messages) == 1
    assert run_jobs(cursors.now())["alerts"] == 0


def test_each_browser_gets_one_message_and_the_rate_is_kept(
    service, subscribe, publish, settings
):
    settings.WAGTAIL_LIVE_PUSH_RATE = 20
    subscribe(30)
    sizes = []
    real = alerts.send_together

    def send_together(deliveries, *arguments):
        sizes.append(len(deliveries))
        return real(deliveries, *arguments)

    alerts.send_together = send_together
    try:
        publish("Goal")
        wait()
    finally:
        alerts.send_together = real
    assert sizes == [20, 10]
    assert sorted(service.names) == sorted(map(str, range(30)))


def test_other_jobs_have_their_turn(service, subscribe, publish, monkeypatch, settings):
    monkeypatch.setattr(alerts, "TURN", 0)
    settings.WAGTAIL_LIVE_PUSH_RATE = 10
    subscribe(30)
    turns = []
    later = background.later

    def count(job, *arguments, **options):
        turns.append(job)
        later(job, *arguments, **options)

    monkeypatch.setattr(alerts, "later", count)
    publish("Goal")
    wait_until_sent()
    assert len(turns) == 3
    assert sorted(service.names) == sorted(map(str, range(30)))


def test_what_an_error_has_stopped_is_sent_later(
    service, subscribe, publish, monkeypatch
):
    subscribe(3)
    with monkeypatch.context() as broken:
        broken.setattr(alerts, "build_payload", lambda post: 1 / 0)
        publish("Goal")
        wait()
    assert service.messages == []
    assert run_jobs(cursors.now())["alerts"] == 0  # the claim lasts
    PushAlert.objects.update(due_at=cursors.now())
    assert run_jobs(cursors.now())["alerts"] == 1
    assert len(service.messages) == 3


def test_a_process_is_killed_while_it_sends(
    service, subscribe, channel, site_variables, shared_database
):
    """No browser goes without, and only the last messages may come twice."""
    subscribe(60)
    service.limit = 30
    command = [sys.executable, "-m", "tests.contrib.push.publisher", str(channel.pk)]
    environment = {
        **os.environ,
        **site_variables,
        "DJANGO_SETTINGS_MODULE": "tests.contrib.settings",
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        wait_until(lambda: len(service.messages) > service.limit, timeout=60)
        process.kill()
    service.may_go_on.set()
    assert len(service.messages) < 60
    PushAlert.objects.update(due_at=cursors.now())  # when the claim has ended
    assert run_jobs(cursors.now())["alerts"] == 1
    assert set(service.names) == set(map(str, range(60)))
    twice = len(service.messages) - 60
    assert twice <= alerts.MAX_SENT_TOGETHER
    assert len({headers["Topic"] for _, headers, _ in service.messages}) == 1


def test_a_subscription_that_comes_later_is_not_told(
    service, browser, publish, channel
):
    service.answers = [503]
    publish("Goal")
    wait()
    late = service.new_browser("late")
    subscriptions.subscribe(channel, late.subscription)
    PushAlert.objects.update(due_at=cursors.now())
    service.answers = [201]
    alerts.send_all_due(cursors.now())
    assert "late" not in service.names


def test_old_subscriptions_are_purged(service, browser, channel, match_page):
    now = cursors.now()
    assert run_jobs(now)["push_subscriptions"] == 0
    Channel.objects.update(state=ChannelState.ENDED, ended_at=now - timedelta(days=8))
    assert run_jobs(now)["push_subscriptions"] == 1
    subscriptions.subscribe(channel, browser.subscription)
    Channel.objects.update(state=ChannelState.LIVE)
    PushSubscription.objects.update(renewed_at=now - timedelta(days=91))
    assert run_jobs(now)["push_subscriptions"] == 1


def test_a_long_text_fits_into_a_message(service, browser, publish, match_page):
    match_page.title = "題" * 200
    match_page.save()
    publish(f"<p>{'語' * 5000}</p>")
    wait()
    [(_, _, body)] = service.messages
    assert len(browser.decrypt(body)["body"]) <= 200


def test_no_migration_is_missing(capsys):
    call_command("check", "wagtail_live_push", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out

"""Scheduled posts are published when their time has come, each once."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save
from django.utils import timezone
from freezegun import freeze_time
from wagtail.log_actions import registry

from tests.servers import wait_until
from tests.servers.in_process import LoopThread
from tests.servers.site import ROOT
from wagtail_live import posts
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.housekeeping import housekeeper
from wagtail_live.models import LivePost, PostStatus
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts.schedule import publish_if_due
from wagtail_live.publishers.polling import IntervalPollingPublisher
from wagtail_live.signals import live_page_update

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

SOON = timedelta(minutes=10)
LOOKS = 4


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def told():
    events = []

    def receive(post_id, action, **kwargs):
        events.append((action, post_id))

    live_page_update.connect(receive)
    yield events
    live_page_update.disconnect(receive)


def schedule(channel, text, after=SOON, **options):
    return posts.publish(
        channel, text, go_live_at=timezone.now() + after, **{"actor": SYSTEM, **options}
    )


def after(delay):
    """The clock of the process, some time later."""
    return freeze_time(timezone.now() + delay, tick=True)


def visible(channel):
    return [post.text for post in channel.posts.visible().newest_first()]


def test_nothing_is_published_before_its_time(channel):
    schedule(channel, "Half-time")
    assert posts.publish_due() == []
    assert visible(channel) == []


def test_a_scheduled_post_goes_live_on_top(channel):
    post = schedule(channel, "Half-time")
    posts.publish(channel, "Goal", actor=SYSTEM)
    with after(SOON * 2):
        assert posts.publish_due() == [post]
        assert posts.publish_due() == []
    assert visible(channel) == ["Half-time", "Goal"]
    post.refresh_from_db()
    assert (post.status, post.go_live_at) == (PostStatus.PUBLISHED, None)
    assert post.created == post.first_published_at == post.updated_at


def test_posts_go_live_in_the_order_of_their_times(channel):
    schedule(channel, "Second", SOON * 2)
    schedule(channel, "First")
    with after(SOON * 3):
        posts.publish_due()
    assert visible(channel) == ["Second", "First"]


def test_wagtails_command_publishes_what_is_due(channel, reporter):
    due = schedule(channel, "Half-time", actor=reporter)
    later = schedule(channel, "Full time", SOON * 9)
    with after(SOON * 2):
        call_command("publish_scheduled")
        call_command("publish_scheduled")
    assert visible(channel) == ["Half-time"]
    later.refresh_from_db()
    assert later.status == PostStatus.SCHEDULED
    entries = registry.get_logs_for_instance(due).order_by("timestamp")
    assert [entry.action for entry in entries] == [
        "wagtail_live.schedule",
        "wagtail.publish.scheduled",
    ]


def test_wagtails_command_publishes_the_latest_version_at_the_latest_time(channel):
    post = schedule(channel, "Half-time")
    posts.edit(
        channel,
        post,
        content="Half-time!",
        go_live_at=timezone.now() + 3 * SOON,
        actor=SYSTEM,
    )
    with after(SOON * 2):
        call_command("publish_scheduled")
        assert visible(channel) == []
    with after(SOON * 4):
        call_command("publish_scheduled")
    assert visible(channel) == ["Half-time!"]


@pytest.mark.parametrize(
    "change",
    [
        lambda channel, post: posts.edit(channel, post, go_live_at=None, actor=SYSTEM),
        lambda channel, post: posts.hide(channel, post, actor=SYSTEM),
        lambda channel, post: posts.delete(channel, post, actor=SYSTEM),
    ],
    ids=["cancelled", "hidden", "deleted"],
)
def test_unscheduled_posts_are_not_published(channel, change):
    change(channel, schedule(channel, "Half-time"))
    with after(SOON * 2):
        call_command("publish_scheduled")
        posts.publish_due()
    assert visible(channel) == []


def test_posts_rescheduled_after_the_query_are_not_published(channel):
    schedule(channel, "Half-time")
    with after(SOON * 2):
        seen = LivePost.objects.due(timezone.now()).get()
        posts.edit(
            channel,
            LivePost.objects.get(),
            go_live_at=timezone.now() + SOON,
            actor=SYSTEM,
        )
        assert publish_if_due(seen, timezone.now()) is False
    assert channel.posts.get().status == PostStatus.SCHEDULED


def test_posts_deleted_after_the_query_are_not_published(channel):
    schedule(channel, "Half-time")
    with after(SOON * 2):
        seen = LivePost.objects.due(timezone.now()).get()
        posts.delete(channel, LivePost.objects.get(), actor=SYSTEM)
        with pytest.raises(LivePost.DoesNotExist):
            publish_if_due(seen, timezone.now())
    assert not channel.posts.exists()


def test_a_post_that_fails_stops_no_other(channel, caplog):
    failing = schedule(channel, "Half-time")
    schedule(channel, "Full time", SOON * 2)

    def fail(instance, **kwargs):
        if instance == failing:
            raise RuntimeError("a receiver of the site's")

    pre_save.connect(fail, sender=LivePost)
    try:
        with after(SOON * 3):
            posts.publish_due()
    finally:
        pre_save.disconnect(fail, sender=LivePost)
    assert visible(channel) == ["Full time"]
    assert "a receiver of the site's" in caplog.text
    with after(SOON * 3):
        posts.publish_due()
    assert visible(channel) == ["Half-time", "Full time"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_threads_publish_each_post_once(channel, told):
    made = [schedule(channel, f"Post {n}") for n in range(5)]
    told.clear()
    due_at = timezone.now() + SOON * 2
    barrier, published = Barrier(LOOKS), []

    def look():
        barrier.wait()
        try:
            published.extend(posts.publish_due(due_at))
        finally:
            connection.close()

    threads = [Thread(target=look) for _ in range(LOOKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = sorted(post.pk for post in made)
    assert sorted(post.pk for post in published) == expected
    assert sorted(told) == [("published", pk) for pk in expected]
    assert [post.revisions.count() for post in made] == [2] * len(made)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_concurrent_processes_publish_each_post_once(channel, site_variables):
    made = [schedule(channel, f"Post {n}", timedelta(seconds=1)) for n in range(5)]
    wait_until(lambda: LivePost.objects.due(timezone.now()).count() == len(made))
    with ExitStack() as stack:
        commands = [
            stack.enter_context(start_command("publish_scheduled", site_variables))
            for _ in range(LOOKS // 2)
        ] + [
            stack.enter_context(start_command("live_housekeeping", site_variables))
            for _ in range(LOOKS // 2)
        ]
        outputs = [command.communicate() for command in commands]
    errors = "".join(error for _, error in outputs)
    assert [command.returncode for command in commands] == [0] * LOOKS, errors
    assert channel.posts.visible().count() == len(made)
    assert [post.revisions.count() for post in made] == [2] * len(made)


def start_command(name, variables):
    return subprocess.Popen(
        [sys.executable, "-m", "django", name],
        cwd=ROOT,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_a_waiting_reader_gets_a_post_at_its_time(channel, monkeypatch):
    """No command runs: the hub looks once, and knows when to look again."""
    close_hub()
    monkeypatch.setattr("wagtail_live.housekeeping.INTERVAL", 3600.0)
    post = schedule(channel, "Half-time", timedelta(seconds=6))
    channel.refresh_from_db()
    with LoopThread() as loop:
        answer = loop.start(
            get_hub().wait_for_update(channel.channel_id, channel.last_updated_at, 60)
        ).result(60)
    close_hub()
    housekeeper.wait()
    assert list(json.loads(answer.body)["updates"]) == [str(post.pk)]
    assert timedelta(0) <= answer.cursor - post.go_live_at < timedelta(seconds=30)


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_polls_makes_the_server_look(channel, client, settings):
    """Without a hub: under interval polling."""
    post = schedule(channel, "Half-time", timedelta(seconds=1))
    url = IntervalPollingPublisher.get_url(channel.channel_id)

    def is_published():
        client.head(url)
        housekeeper.wait()
        return channel.posts.visible().filter(pk=post.pk).exists()

    wait_until(is_published)

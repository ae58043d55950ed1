"""The order of what follows a commit, and what the writer does not wait for."""

import json
from threading import Event

import pytest
from django_tasks.backends.dummy import DummyBackend
from wagtail.search.backends import get_search_backend

from tests.receivers.events import RECEIVER, write
from tests.servers.in_process import LoopThread
from wagtail_live import posts
from wagtail_live.background import threads
from wagtail_live.bus.base import BaseBus
from wagtail_live.delivery.hub import close_hub, get_hub
from wagtail_live.models import Source
from wagtail_live.permissions import SYSTEM
from wagtail_live.receivers.intake import process
from wagtail_live.search import search
from wagtail_live.signals import channel_changed, live_page_update
from wagtail_live.webhooks.models import WebhookEndpoint

pytestmark = [
    pytest.mark.every_database,
    pytest.mark.real_threads,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def slow_index(monkeypatch):
    """A search server that answers when the event is set."""
    backend = type(get_search_backend())
    add, may_answer = backend.add_bulk, Event()

    def add_slowly(self, *arguments):
        assert may_answer.wait(20)
        add(self, *arguments)

    monkeypatch.setattr(backend, "add_bulk", add_slowly)
    monkeypatch.setattr(backend, "catch_indexing_errors", True)
    yield may_answer
    may_answer.set()
    assert threads.wait(20)


@pytest.fixture
def told(monkeypatch, settings):
    """The receivers of an update, in order; the task worker of the site by its tasks."""
    told = []

    class Bus(BaseBus):
        def publish(self, message):
            told.append("bus")

    class Worker(DummyBackend):
        def enqueue(self, task, args, kwargs):
            told.append(task.name)
            return super().enqueue(task, args, kwargs)

    def hub_is_told(**kwargs):
        told.append("hub")

    def site_is_told(**kwargs):
        told.append("site")

    monkeypatch.setattr("wagtail_live.posts.lock.get_bus", Bus)
    monkeypatch.setattr(f"{__name__}.Worker", Worker, raising=False)
    settings.TASKS = {"default": {"BACKEND": f"{__name__}.Worker"}}
    channel_changed.connect(hub_is_told)
    live_page_update.connect(site_is_told)
    yield told
    channel_changed.disconnect(hub_is_told)
    live_page_update.disconnect(site_is_told)


def test_the_hub_comes_first_and_then_the_bus(channel, told):
    url = "https://example.com/hook"
    WebhookEndpoint.objects.create(channel=channel, name="Hook", url=url)
    posts.publish(channel, "Goal", actor=SYSTEM)
    assert told == ["hub", "bus", "send_due", "site"]


def test_images_of_a_message_come_after_its_post(channel, told):
    Source.objects.create(receiver="newsroom", external_id="stand", channel=channel)
    process(RECEIVER, write("1", 1, "Goal", images=("goal.png",)))
    assert told[:3] == ["hub", "bus", "site"]
    assert set(told[3:]) == {"fetch_images", "give_feedback"}


def test_nobody_waits_for_the_search_index(channel, slow_index):
    with LoopThread() as loop:
        since = channel.last_updated_at
        waiting = get_hub().wait_for_update(channel.channel_id, since, 20)
        reader = loop.start(waiting)
        post = posts.publish(channel, "Goal", actor=SYSTEM)
        assert str(post.pk) in json.loads(reader.result(10).body)["updates"]
    close_hub()
    other = posts.publish(channel, "Another goal", actor=SYSTEM)
    posts.delete(channel, other, actor=SYSTEM)
    slow_index.set()
    assert threads.wait(20)
    assert list(search(channel, "goal")) == [post.pk]

"""Writers of one process wait for SQLite in a line, which always moves on."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F

from tests.testapp.models import MatchPage
from wagtail_live import posts
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts.lock import QUEUE_TIMEOUT, lock_channel
from wagtail_live.signals import live_page_update, live_page_updating

pytestmark = [pytest.mark.every_database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def other_channel(home_page):
    page = home_page.add_child(instance=MatchPage(title="Another match"))
    return page.live_channel


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def elsewhere():
    """Calls in a thread, and waits for the result less long than a writer would."""
    with ThreadPoolExecutor(1) as threads:

        def call(function, *arguments, **options):
            def work():
                try:
                    return function(*arguments, **options)
                finally:
                    connection.close()

            return threads.submit(work).result(QUEUE_TIMEOUT / 2)

        yield call


def test_signal_receivers_may_wait_for_another_writer(
    channel, other_channel, elsewhere
):
    def pass_on(sender, channel, **kwargs):
        if channel.pk != other_channel.pk:
            elsewhere(posts.publish, other_channel, "Goal elsewhere", actor=SYSTEM)

    live_page_update.connect(pass_on)
    try:
        posts.publish(channel, "Goal", actor=SYSTEM)
    finally:
        live_page_update.disconnect(pass_on)
    assert other_channel.posts.get().text == "Goal elsewhere"


def test_a_writer_that_failed_lets_the_next_one_in(channel, elsewhere):
    def fail(**kwargs):
        raise ZeroDivisionError

    live_page_updating.connect(fail)
    try:
        with suppress(ZeroDivisionError):
            posts.publish(channel, "Never seen", actor=SYSTEM)
    finally:
        live_page_updating.disconnect(fail)
    elsewhere(posts.publish, channel, "Goal", actor=SYSTEM)
    assert channel.posts.get().text == "Goal"


def test_a_writer_that_finds_sqlite_locked_tries_again(channel, elsewhere, monkeypatch):
    errors = [OperationalError("database is locked") for _ in range(2)]

    def lock(name):
        if errors:
            raise errors.pop()
        return F(name)

    monkeypatch.setattr("wagtail_live.posts.lock.F", lock)
    posts.publish(channel, "One", actor=SYSTEM)
    elsewhere(posts.publish, channel, "Two", actor=SYSTEM)
    assert channel.posts.count() == 2


def test_a_writer_in_its_own_transaction_does_not_queue(channel, elsewhere):
    with transaction.atomic():
        posts.publish(channel, "One", actor=SYSTEM)
    elsewhere(posts.publish, channel, "Two", actor=SYSTEM)
    assert channel.posts.count() == 2


def test_all_changes_under_one_lock_are_one_transaction(channel):
    with suppress(ZeroDivisionError), lock_channel(channel) as lock:
        post = posts.publish(lock.channel, "Goal", actor=SYSTEM)
        posts.edit(lock.channel, post, content="Goal!", actor=SYSTEM)
        raise ZeroDivisionError
    assert not channel.posts.exists()
    with lock_channel(channel) as lock:
        post = posts.publish(lock.channel, "Goal", actor=SYSTEM)
        posts.edit(lock.channel, post, content="Goal!", actor=SYSTEM)
    posts.edit(lock.channel, post, content="Goal!!", actor=SYSTEM)
    [post] = channel.posts.all()
    assert post.text == "Goal!!"
    channel.refresh_from_db()
    assert channel.last_updated_at == post.updated_at

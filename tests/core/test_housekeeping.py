"""Housekeeping: idle pages end, and old tombstones are purged."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from freezegun import freeze_time

from tests.testapp.models import MatchPage
from wagtail_live import cursors, housekeeping, posts
from wagtail_live.checks import check_settings
from wagtail_live.housekeeping import Housekeeper, run_jobs
from wagtail_live.models import Channel, ChannelState
from wagtail_live.page import updates
from wagtail_live.permissions import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


def state_of(channel):
    return Channel.objects.get(pk=channel.pk).state


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def in_days(days):
    return freeze_time(timezone.now() + timedelta(days=days), tick=True)


def test_coverage_does_not_end_by_itself_unless_the_site_says_so(channel):
    posts.publish(channel, "Goal", actor=SYSTEM)
    run_jobs(in_hours(10_000))
    assert state_of(channel) == ChannelState.LIVE


def test_idle_coverage_ends(channel, settings):
    settings.WAGTAIL_LIVE_END_AFTER = 3
    posts.publish(channel, "Goal", actor=SYSTEM)
    assert run_jobs(in_hours(2.9))["ended"] == 0
    assert run_jobs(in_hours(3.1))["ended"] == 1
    assert run_jobs(in_hours(3.1))["ended"] == 0
    ended = Channel.objects.get(pk=channel.pk)
    assert ended.state == ChannelState.ENDED
    assert ended.ended_at == ended.last_updated_at
    answer = updates.payload(ended, channel.last_updated_at, delta=True, overview=True)
    assert answer["state"] == "ended"


@pytest.mark.parametrize("state", ["not_started", "paused"])
def test_only_live_coverage_ends_by_itself(channel, settings, state):
    settings.WAGTAIL_LIVE_END_AFTER = 3
    Channel.objects.filter(pk=channel.pk).update(state=state)
    assert run_jobs(in_hours(10))["ended"] == 0
    assert state_of(channel) == state


def test_coverage_with_a_post_to_come_goes_on(channel, settings):
    settings.WAGTAIL_LIVE_END_AFTER = 3
    posts.publish(channel, "Goal", actor=SYSTEM)
    posts.publish(channel, "Full time", go_live_at=in_hours(20), actor=SYSTEM)
    assert run_jobs(in_hours(10))["ended"] == 0
    with in_days(1):
        done = run_jobs(timezone.now())
    assert (done["published"], done["ended"], done["purged"]) == (1, 0, 0)


def test_the_command_does_all_of_it(channel, home_page, settings, capsys):
    settings.WAGTAIL_LIVE_END_AFTER = 3
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    other.add_live_post("Goal")
    posts.delete(channel, posts.publish(channel, "Oops", actor=SYSTEM), actor=SYSTEM)
    posts.publish(channel, "Half-time", go_live_at=in_hours(1), actor=SYSTEM)
    with in_days(31):
        call_command("live_housekeeping")
    done = "Published 1 posts, ended 1 pages, purged 1 tombstones."
    assert done in capsys.readouterr().out
    assert [post.text for post in channel.posts.visible()] == ["Half-time"]
    assert not channel.tombstones.exists()
    assert (state_of(channel), state_of(other.live_channel)) == ("live", "ended")


def test_a_job_that_fails_stops_no_other_and_fails_the_command(
    channel, monkeypatch, capsys, caplog
):
    def fail(now):
        raise RuntimeError("The disk is full.")

    monkeypatch.setitem(housekeeping._jobs, "published", housekeeping.Job(run=fail))
    posts.delete(channel, posts.publish(channel, "Oops", actor=SYSTEM), actor=SYSTEM)
    with in_days(31), pytest.raises(CommandError, match="failed: published"):
        call_command("live_housekeeping")
    done = "Published 0 posts, ended 0 pages, purged 1 tombstones."
    assert done in capsys.readouterr().out
    assert "The disk is full." in caplog.text


def test_a_reader_from_before_the_purge_gets_all_posts(channel):
    post, gone = (
        posts.publish(channel, "Goal", actor=SYSTEM),
        posts.publish(channel, "Oops", actor=SYSTEM),
    )
    since = Channel.objects.get(pk=channel.pk).last_updated_at
    posts.delete(channel, gone, actor=SYSTEM)
    with in_days(31):
        run_jobs(timezone.now())
    answer = updates.payload(Channel.objects.get(pk=channel.pk), since, delta=True)
    assert answer["currentPosts"] == [str(post.pk)]


def test_each_deletion_purges_old_tombstones(channel, settings):
    settings.WAGTAIL_LIVE_KEEP_TOMBSTONES = 7
    made = [posts.publish(channel, text, actor=SYSTEM) for text in "ABC"]
    for age, post in zip((0, 6, 8), made, strict=True):
        with in_days(age):
            posts.delete(channel, post, actor=SYSTEM)
    kept = channel.tombstones.order_by("deleted_at").values_list("post_id", flat=True)
    assert list(kept) == [made[1].pk, made[2].pk]
    purged_at = Channel.objects.get(pk=channel.pk).tombstones_purged_at
    assert cursors.to_timestamp(purged_at) < cursors.to_timestamp(in_hours(1))


def test_a_check_costs_one_query_every_few_seconds(channel, monkeypatch):
    monkeypatch.setattr("wagtail_live.housekeeping.INTERVAL", 3600.0)
    housekeeper = Housekeeper()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            housekeeper.look()
    assert len(queries) == 1
    assert not housekeeper.is_busy


def test_the_next_check_is_not_left_out_because_it_comes_a_little_early(channel):
    """The hub calls every five seconds, but not always after its own query as fast."""
    housekeeper = Housekeeper()
    with freeze_time() as clock, CaptureQueriesContext(connection) as queries:
        for seconds in (0, 4.9, 4.9, 0.1):
            clock.tick(seconds)
            housekeeper.look()
    assert len(queries) == 3


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("WAGTAIL_LIVE_END_AFTER", "soon", "wagtail_live.E020"),
        ("WAGTAIL_LIVE_END_AFTER", 0, "wagtail_live.E020"),
        ("WAGTAIL_LIVE_KEEP_TOMBSTONES", None, "wagtail_live.E021"),
        ("WAGTAIL_LIVE_KEEP_TOMBSTONES", -1, "wagtail_live.E021"),
    ],
)
def test_a_wrong_setting_is_an_error_with_a_hint(settings, name, value, check_id):
    setattr(settings, name, value)
    [error] = check_settings(None)
    assert error.id == check_id
    assert name in error.msg
    assert name in error.hint

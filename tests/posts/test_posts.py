"""The writer of posts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from freezegun import freeze_time
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.rich_text import RichText

from tests.testapp.models import MatchPage
from wagtail_live import cursors, posts
from wagtail_live.models import Channel, ChannelState, LivePost
from wagtail_live.permissions import SYSTEM
from wagtail_live.posts import Message
from wagtail_live.posts import channel as coverage
from wagtail_live.posts.channel import END_DELAY
from wagtail_live.signals import live_page_update

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def channel(match_page):
    return match_page.live_channel


@pytest.fixture
def told():
    """Record the updates that the signal sends."""
    events = []

    def receive(sender, channel, post_id, action, cursor, **kwargs):
        events.append((action, post_id, cursor))

    live_page_update.connect(receive)
    yield events
    live_page_update.disconnect(receive)


def test_a_message_delivered_twice_is_one_post(channel):
    first = posts.publish(channel, "Goal", source="slack", message_id="1", actor=SYSTEM)
    again = posts.publish(
        channel, "Goal!!", source="slack", message_id="1", actor=SYSTEM
    )
    other = posts.publish(
        channel, "Goal", source="telegram", message_id="1", actor=SYSTEM
    )
    assert first == again != other
    assert channel.posts.count() == 2


def test_posts_without_a_message_are_never_the_same(channel):
    assert posts.publish(channel, "A", actor=SYSTEM) != posts.publish(
        channel, "A", actor=SYSTEM
    )


def test_a_deleted_message_stays_deleted(channel):
    posts.publish(channel, "Oops", source="slack", message_id="1", actor=SYSTEM)
    posts.delete(channel, Message("slack", "1"), actor=SYSTEM)
    with pytest.raises(posts.Withdrawn):
        posts.publish(channel, "Oops", source="slack", message_id="1", actor=SYSTEM)
    assert not channel.posts.exists()


def test_a_post_is_changed_by_its_message(channel):
    message = Message("slack", "1")
    posts.publish(channel, "Goal", source="slack", message_id="1", actor=SYSTEM)
    assert (
        posts.edit(channel, message, content="Own goal", actor=SYSTEM).text
        == "Own goal"
    )
    assert posts.hide(channel, message, actor=SYSTEM).show is False
    assert posts.show(channel, message, actor=SYSTEM).show is True
    posts.delete(channel, message, actor=SYSTEM)
    with pytest.raises(LivePost.DoesNotExist):
        posts.edit(channel, message, content="x", actor=SYSTEM)


def test_a_post_of_another_channel_is_refused(channel, home_page):
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    post = other.add_live_post("Goal")
    for change in (posts.hide, posts.show, posts.delete):
        with pytest.raises(LivePost.DoesNotExist):
            change(channel, post, actor=SYSTEM)
    post.refresh_from_db()
    assert post.show


def test_a_post_that_is_gone_cannot_be_edited(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.delete(channel, LivePost.objects.get(pk=post.pk), actor=SYSTEM)
    with pytest.raises(LivePost.DoesNotExist):
        posts.edit(channel, post, content="x", actor=SYSTEM)


def test_the_same_again_is_no_update(channel, told, django_capture_on_commit_callbacks):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    cursor = Channel.objects.get().last_updated_at
    with django_capture_on_commit_callbacks(execute=True):
        posts.edit(channel, post, content="Goal", show=True, actor=SYSTEM)
    assert told == []
    assert Channel.objects.get().last_updated_at == cursor
    assert post.modified is None


def test_an_edit_is_marked_and_a_toggle_is_not(channel):
    post = posts.publish(channel, "Goal", actor=SYSTEM)
    posts.hide(channel, post, actor=SYSTEM)
    posts.show(channel, post, actor=SYSTEM)
    assert post.modified is None
    posts.edit(channel, post, content="Own goal", actor=SYSTEM)
    assert post.modified == post.updated_at


def test_a_draft_that_is_edited_is_not_marked_as_edited(channel):
    post = posts.publish(channel, "Gaol", show=False, actor=SYSTEM)
    posts.edit(channel, post, content="Goal", show=True, actor=SYSTEM)
    assert post.modified is None
    assert post.first_published_at == post.updated_at


def test_a_tombstone_keeps_nothing_of_the_content(channel):
    post = posts.publish(
        channel, "Secret", source="slack", message_id="1", actor=SYSTEM
    )
    posts.delete(channel, post, actor=SYSTEM)
    tombstone = channel.tombstones.get()
    assert tombstone.post_id == post.pk
    assert tombstone.deleted_at == Channel.objects.get().last_updated_at
    assert "Secret" not in str(tombstone.__dict__)


def test_tombstones_are_purged_and_the_channel_remembers_up_to_when(channel):
    for text in ("A", "B"):
        posts.delete(channel, posts.publish(channel, text, actor=SYSTEM), actor=SYSTEM)
    first, last = channel.tombstones.order_by("deleted_at")
    assert posts.purge_tombstones(channel, before=last.deleted_at) == 1
    channel.refresh_from_db()
    assert channel.tombstones_purged_at == first.deleted_at
    assert posts.purge_tombstones(channel, before=last.deleted_at) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([("video", "x")], "choose one of: text, image, embed"),
        (["text"], "(block type, value)"),
        ([("text",)], "(block type, value)"),
    ],
)
def test_content_that_no_post_can_hold_is_refused(channel, content, message):
    with pytest.raises(ValueError, match=r"block|list") as error:
        posts.publish(channel, content, actor=SYSTEM)
    assert message in str(error.value)
    assert not channel.posts.exists()


def test_text_is_cleaned_and_rich_text_is_trusted(channel):
    dirty = '<p onclick="x()">Goal<script>x()</script></p>'
    post = posts.publish(
        channel, [("text", dirty), ("text", RichText("<h5>A</h5>"))], actor=SYSTEM
    )
    assert [str(block.value.source) for block in post.content] == [
        "<p>Goal</p>",
        "<h5>A</h5>",
    ]


def test_an_image_takes_its_own_alternative_text(channel):
    image = get_image_model().objects.create(
        title="ball.jpg", description="A red ball", file=get_test_image_file()
    )
    post = posts.publish(channel, [("image", image)], actor=SYSTEM)
    stored = LivePost.objects.get(pk=post.pk).content[0].value
    assert stored.contextual_alt_text == "A red ball"


@override_settings(
    WAGTAILEMBEDS_FINDERS=[
        {
            "class": "wagtail.embeds.finders.oembed",
            "providers": [
                {
                    "endpoint": "http://127.0.0.1:9/oembed",  # nobody listens there
                    "urls": [r"^https://video\.example/.+$"],
                }
            ],
        }
    ]
)
def test_an_embed_that_cannot_be_resolved_is_a_link(match_page, client):
    url = "https://video.example/1"
    match_page.add_live_post([("embed", url)])
    assert f'<a href="{url}"' in client.get(match_page.url).content.decode()


def test_the_signal_is_sent_for_each_update_after_the_commit(
    channel, told, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        post = posts.publish(channel, "Goal", actor=SYSTEM)
        posts.edit(channel, post, content="Own goal", actor=SYSTEM)
        posts.hide(channel, post, actor=SYSTEM)
        posts.show(channel, post, actor=SYSTEM)
        posts.delete(channel, post, actor=SYSTEM)
        assert told == []
    actions = [action for action, _, _ in told]
    assert actions == ["published", "edited", "hidden", "shown", "deleted"]
    assert {post_id for _, post_id, _ in told} == {post.pk}
    cursors = [cursor for _, _, cursor in told]
    assert cursors == sorted(set(cursors))


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_sends_no_signal(channel, told):
    """F-17: no event for what was never committed."""
    with transaction.atomic():
        posts.publish(channel, "Goal", actor=SYSTEM)
        transaction.set_rollback(True)
    assert told == []
    assert not LivePost.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_raises_stops_nobody(channel, told, caplog):
    """R4: a failing listener never fails the write."""

    def fail(**kwargs):
        raise RuntimeError("listener")

    live_page_update.connect(fail)
    try:
        posts.publish(channel, "Goal", actor=SYSTEM)
    finally:
        live_page_update.disconnect(fail)
    assert [action for action, _, _ in told] == ["published"]
    assert "listener" in caplog.text


def test_cursors_increase_when_the_clock_jumps_back(channel):
    """F-15: an NTP step of an hour back, and a clock that stands still."""
    cursors = []
    for moment in ("2026-05-01 12:00", "2026-05-01 11:00", "2026-05-01 11:00"):
        with freeze_time(moment):
            posts.publish(channel, "Goal", actor=SYSTEM)
        cursors.append(Channel.objects.get().last_updated_at)
    assert cursors == sorted(set(cursors))
    assert cursors[2] - cursors[0] == timedelta(microseconds=2)


def test_a_naive_moment_is_taken_in_the_sites_time_zone(channel):
    created = datetime(2026, 5, 1, 12, 0)
    post = posts.publish(channel, "Goal", created=created, actor=SYSTEM)
    assert post.created == datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_the_first_post_that_readers_see_starts_the_coverage(channel):
    posts.publish(channel, "Draft", show=False, actor=SYSTEM)
    channel.refresh_from_db()
    assert (channel.state, channel.started_at) == (ChannelState.NOT_STARTED, None)
    post = posts.publish(channel, "Kick-off", actor=SYSTEM)
    channel.refresh_from_db()
    assert channel.state == ChannelState.LIVE
    assert channel.started_at == post.first_published_at


def test_an_end_is_forgotten_when_the_coverage_goes_on(channel):
    posts.publish(channel, "Kick-off", actor=SYSTEM)
    started_at = Channel.objects.get().started_at
    ended = coverage.set_state(channel, "ended", actor=SYSTEM)
    assert ended.ended_at == ended.last_updated_at
    reopened = coverage.set_state(channel, "live", actor=SYSTEM)
    assert (reopened.ended_at, reopened.started_at) == (None, started_at)
    with pytest.raises(ValueError, match="half-time"):
        coverage.set_state(channel, "half-time", actor=SYSTEM)


def test_an_end_that_is_taken_back_is_none(channel):
    posts.publish(channel, "Kick-off", actor=SYSTEM)
    seen = Channel.objects.get().seen_updated_at
    before = cursors.now()
    ending = coverage.end_soon(channel, actor=SYSTEM)
    assert before + END_DELAY <= ending.ends_at <= cursors.now() + END_DELAY
    assert coverage.end_soon(channel, actor=SYSTEM).ends_at == ending.ends_at
    assert coverage.end_due(ending.ends_at - timedelta(seconds=1)) == 0
    kept = coverage.set_state(channel, "live", expected="live", actor=SYSTEM)
    assert coverage.end_due(ending.ends_at) == 0
    assert (kept.state, kept.ends_at, kept.seen_updated_at) == ("live", None, seen)


def test_an_end_comes_when_it_is_due(channel):
    posts.publish(channel, "Kick-off", actor=SYSTEM)
    ending = coverage.end_soon(channel, expected="live", actor=SYSTEM)
    assert list(coverage.end_times(ending.ends_at)) == [ending.ends_at]
    assert coverage.end_due(ending.ends_at) == 1
    ended = Channel.objects.get()
    assert (ended.state, ended.ends_at) == (ChannelState.ENDED, None)
    assert coverage.end_soon(ended, expected="live", actor=SYSTEM).ends_at is None
    with pytest.raises(posts.Conflict):
        coverage.set_state(channel, "live", expected="live", actor=SYSTEM)


def test_a_pause_before_the_end_takes_it_back(channel):
    posts.publish(channel, "Kick-off", actor=SYSTEM)
    coverage.end_soon(channel, actor=SYSTEM)
    paused = coverage.set_state(channel, "paused", actor=SYSTEM)
    assert (paused.state, paused.ends_at) == (ChannelState.PAUSED, None)
    with pytest.raises(posts.Conflict):
        coverage.end_soon(channel, expected="live", actor=SYSTEM)


def test_key_points_are_cleaned(channel):
    summarised = coverage.summarise(
        channel, "<ul><li onclick='x()'>1:0</li></ul>", actor=SYSTEM
    )
    assert summarised.summary == "<ul><li>1:0</li></ul>"


def test_only_a_post_of_the_channel_can_be_pinned(channel, home_page):
    post = posts.publish(channel, "Kick-off", actor=SYSTEM)
    assert coverage.pin(channel, post, actor=SYSTEM).pinned_post == post
    assert coverage.pin(channel, None, actor=SYSTEM).pinned_post is None
    other = home_page.add_child(instance=MatchPage(title="Other", slug="other"))
    with pytest.raises(LivePost.DoesNotExist):
        coverage.pin(channel, other.add_live_post("Goal"), actor=SYSTEM)

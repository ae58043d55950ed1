"""Messages are handled according to the settings of their source."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from tests.receivers.events import ANN, KICK_OFF, RECEIVER, delete, hide, write
from tests.receivers.loopback import LoopbackReceiver
from tests.testapp.models import MatchPage
from wagtail_live import background, posts
from wagtail_live.models import (
    Policy,
    PostStatus,
    ReceivedMessage,
    Source,
    SourceAuthor,
    UnconnectedSource,
)
from wagtail_live.permissions import SYSTEM
from wagtail_live.receivers.base import Author, Delete, Ignored, Outcome
from wagtail_live.receivers.content import Content
from wagtail_live.receivers.images import MAX_IMAGES
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )


def change(source, **values):
    Source.objects.filter(pk=source.pk).update(**values)


def the_post(page):
    return page.live_channel.posts.get()


def test_a_message_is_a_post_by_its_author(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    post = the_post(match_page)
    assert (post.text, post.author_name, post.created) == (
        "Goal",
        "Ann",
        KICK_OFF + timedelta(seconds=1),
    )
    assert match_page.get_live_post_by_message_id("1", "newsroom/stand") == post


@pytest.mark.every_database
def test_a_message_needs_few_queries(source, django_assert_max_num_queries):
    """S11: the number of queries limits the number of messages."""
    process(RECEIVER, write("1", 1, "Goal"))
    with django_assert_max_num_queries(21):
        process(RECEIVER, write("2", 2, "Another goal"))


def test_a_message_from_the_future_is_a_post_of_now(match_page, source):
    future = timezone.now() + timedelta(days=1000)
    process(RECEIVER, replace(write("1", 1, "Goal"), sent_at=future))
    assert the_post(match_page).created <= timezone.now()


def test_a_channel_that_has_a_pages_id_needs_no_connecting(match_page):
    match_page.channel_id = "stand"
    match_page.save()
    process(RECEIVER, write("1", 1, "Goal"))
    assert the_post(match_page).text == "Goal"


def test_messages_of_unconnected_sources_are_only_counted(match_page, caplog):
    """S10: no page gets it, its content is not stored, and editors see its source."""
    with caplog.at_level(logging.INFO):
        process(RECEIVER, write("1", 1, "canary"))
        process(RECEIVER, write("2", 1, "canary"))
    unconnected = UnconnectedSource.objects.get()
    assert (unconnected.external_id, unconnected.count) == ("stand", 2)
    assert not ReceivedMessage.objects.exists()
    assert len(caplog.records) == 2
    assert "canary" not in caplog.text


def test_ignored_events_are_logged(caplog):
    with caplog.at_level(logging.INFO):
        process(RECEIVER, Ignored("1", "A reaction."))
    assert "A reaction." in caplog.text


def test_held_messages_wait_for_an_editor(match_page, source):
    change(source, policy=Policy.HOLD)
    process(RECEIVER, write("1", 1, "Goal"))
    assert the_post(match_page).status == PostStatus.SUBMITTED
    process(RECEIVER, write("1", 2, "Goal!"))
    post = the_post(match_page)
    assert (post.status, post.text) == (PostStatus.SUBMITTED, "Goal!")
    assert not match_page.live_posts.exists()


def test_a_delay_lets_an_editor_step_in(match_page, source):
    change(source, delay=60)
    process(RECEIVER, write("1", 1, "Goal"))
    post = the_post(match_page)
    assert post.status == PostStatus.SCHEDULED
    seconds = (post.go_live_at - timezone.now()).total_seconds()
    assert 50 < seconds <= 60
    posts.publish_due(timezone.now() + timedelta(seconds=61))
    assert match_page.live_posts.get().text == "Goal"


def test_only_allowed_senders_write_and_withdraw(match_page, source):
    """S10."""
    change(source, allowed_senders="bob\nann")
    process(RECEIVER, write("1", 1, "Goal"))
    stranger = Author("eve", "Eve")
    process(RECEIVER, write("2", 1, "Spam", author=stranger))
    process(RECEIVER, write("1", 2, "Spam", author=stranger))
    process(RECEIVER, replace(delete("1"), author=stranger))
    process(RECEIVER, replace(hide("1"), author=stranger))
    assert [post.text for post in match_page.live_posts] == ["Goal"]
    process(RECEIVER, delete("1"))
    assert not match_page.live_posts.exists()


def test_bots_are_accepted_if_the_source_includes_them(match_page, source):
    bot = Author("b", "Score bot", is_bot=True)
    process(RECEIVER, write("1", 1, "1:0", author=bot))
    assert not match_page.live_posts.exists()
    change(source, include_bots=True)
    process(RECEIVER, write("2", 1, "1:0", author=bot))
    assert match_page.live_posts.get().author_name == "Score bot"


def test_replies_are_ignored_if_the_source_says_so(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    process(RECEIVER, write("2", 1, "Who?", reply_to="1"))
    assert [post.text for post in match_page.live_posts] == ["Goal"]


def test_an_editor_can_name_an_author(match_page, source, reporter):
    SourceAuthor.objects.create(
        receiver="newsroom", sender_id="ann", name="Ann de Vries", user=reporter
    )
    process(RECEIVER, write("1", 1, "Goal"))
    post = the_post(match_page)
    assert (post.author, post.author_name) == (reporter, "Ann de Vries")


def test_an_unknown_author_is_remembered_to_be_named(source):
    process(RECEIVER, write("1", 1, "Goal"))
    author = SourceAuthor.objects.get()
    assert (author.receiver, author.sender_id, author.name) == ("newsroom", "ann", "")


def test_a_name_follows_the_platform_until_an_editor_gives_one(match_page, source):
    for number, name in enumerate(["", "Ann", "Ann (stand)"]):
        process(RECEIVER, write(str(number), 1, "Goal", author=Author("ann", name)))
    names = [post.author_name for post in match_page.live_posts.oldest_first()]
    assert names == ["", "Ann", "Ann (stand)"]


def test_a_post_deleted_by_an_editor_stays_deleted(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    posts.delete(match_page.live_channel, the_post(match_page), actor=SYSTEM)
    match_page.live_channel.tombstones.all().delete()  # as after a month
    for event in (write("1", 1, "Goal"), write("1", 2, "Goal!"), delete("1")):
        process(RECEIVER, event)
    assert not match_page.live_channel.posts.exists()


def test_a_restored_post_follows_its_message(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    post = the_post(match_page)
    kept = posts.snapshot(post)
    posts.delete(match_page.live_channel, post, actor=SYSTEM)
    posts.restore(match_page.live_channel, kept, actor=SYSTEM)
    process(RECEIVER, write("1", 2, "Goal!"))
    assert match_page.live_posts.get().text == "Goal!"


def test_a_post_hidden_by_an_editor_stays_hidden(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    posts.hide(match_page.live_channel, the_post(match_page), actor=SYSTEM)
    process(RECEIVER, write("1", 2, "Goal!"))
    post = the_post(match_page)
    assert (post.text, post.status) == ("Goal!", PostStatus.HIDDEN)


def test_a_post_changed_by_an_editor_is_not_overwritten(match_page, source):
    """A correction could restore what an editor removed, so it is only noted."""
    process(RECEIVER, write("1", 1, "Goal by a minor"))
    posts.edit(
        match_page.live_channel,
        the_post(match_page),
        content="<p>Goal</p>",
        actor=SYSTEM,
    )
    process(RECEIVER, write("1", 2, "Goal by a minor!"))
    assert the_post(match_page).text == "Goal"
    assert "changed here" in ReceivedMessage.objects.get().note
    process(RECEIVER, delete("1"))
    assert not match_page.live_channel.posts.exists()


def test_a_repeated_command_does_not_hide_what_an_editor_shows(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    process(RECEIVER, hide("1"))
    assert not match_page.live_posts.exists()
    posts.show(match_page.live_channel, the_post(match_page), actor=SYSTEM)
    process(RECEIVER, hide("1"))
    assert match_page.live_posts.exists()


def test_a_message_that_is_emptied_leaves_readers_nothing(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    process(RECEIVER, write("1", 2, ""))
    assert not match_page.live_posts.exists()
    process(RECEIVER, write("1", 3, "Goal!"))
    assert match_page.live_posts.get().text == "Goal!"


def test_messages_of_one_id_in_two_channels_are_two_posts(match_page, source):
    Source.objects.create(
        receiver="newsroom", external_id="bench", channel=source.channel
    )
    process(RECEIVER, write("1", 1, "Goal"))
    process(RECEIVER, replace(write("1", 1, "Tackle"), external_id="bench"))
    process(RECEIVER, Delete("d", "bench", "1", (2,)))
    assert [post.text for post in match_page.live_posts] == ["Goal"]


def test_an_edit_goes_where_its_message_went(match_page, source, home_page):
    other = home_page.add_child(instance=MatchPage(title="Next match"))
    process(RECEIVER, write("1", 1, "Goal"))
    change(source, channel=other.live_channel)
    process(RECEIVER, write("1", 2, "Goal!"))
    process(RECEIVER, write("2", 1, "Kick-off"))
    assert [post.text for post in match_page.live_posts] == ["Goal!"]
    assert [post.text for post in other.live_posts] == ["Kick-off"]


def test_messages_of_a_deleted_page_are_not_posted(match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    match_page.delete()
    process(RECEIVER, write("1", 2, "Goal!"))
    assert not ReceivedMessage.objects.exists()


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "🎉", "مرحبا", "a\u200bb", "<script>alert(1)</script>"]
)
def test_any_text_is_shown_as_text(text, match_page, source):
    """C1, C2."""
    process(RECEIVER, write("1", 1, text))
    assert "<script" not in the_post(match_page).content[0].value.source
    assert the_post(match_page).text == text


def test_ids_that_cannot_be_stored_are_refused(source):
    """S9."""
    for message_id in ("\x00", "\ud800", "1" * 201, ""):
        with pytest.raises(ValueError, match="message_id"):
            process(RECEIVER, replace(write("1", 1, "Goal"), message_id=message_id))
    process(RECEIVER, write("1", 1, "Goal", author=replace(ANN, name="\x00" * 9)))
    assert ReceivedMessage.objects.get().sender_name == ""


def omit(message_id, version, text, *omitted):
    return replace(write(message_id, version, text), omitted=omitted)


def test_editors_learn_what_is_not_shown(match_page, source):
    process(RECEIVER, omit("1", 1, "Goal", "video “goal.mp4”", "poll"))
    assert the_post(match_page).text == "Goal"
    message = ReceivedMessage.objects.get()
    assert message.omitted == "Not shown: video “goal.mp4”, poll"
    process(RECEIVER, omit("1", 2, "Goal", "poll"))
    message.refresh_from_db()
    assert message.omitted == "Not shown: poll"
    process(RECEIVER, delete("1"))
    message.refresh_from_db()
    assert message.omitted == ""


@pytest.mark.parametrize(
    ("language", "excess", "note"),
    [
        ("en", 1, "Not shown: file “a.pdf”, 1 more image"),
        ("en", 2, "Not shown: file “a.pdf”, 2 more images"),
        ("de", 1, "Nicht angezeigt: Datei „a.pdf“, 1 weiteres Bild"),
        ("ar", 2, "محتوى غير معروض: ملف «a.pdf», صورتان أخريان"),
    ],
)
def test_what_is_not_shown_is_named_in_the_sites_language(
    match_page, source, language, excess, note
):
    with translation.override(language):
        content = Content()
        content.omit(translation.gettext("file"), "a.pdf")
        images = map(str, range(MAX_IMAGES + excess))
        message = write("1", 1, "Goal", images=images)
        process(RECEIVER, replace(message, omitted=tuple(content.omitted)))
    assert ReceivedMessage.objects.get().omitted == note


def test_a_message_with_nothing_to_show_makes_no_post(match_page, source):
    process(RECEIVER, omit("1", 1, "", "sticker\x00", "x" * 500))
    assert not match_page.live_channel.posts.exists()
    message = ReceivedMessage.objects.get()
    assert message.omitted.startswith("Not shown: sticker, xxx")
    assert len(message.omitted) == 255


def test_nothing_is_kept_of_people_who_may_not_write(match_page, source):
    change(source, allowed_senders="bob")
    process(RECEIVER, omit("1", 1, "", "sticker"))
    assert not ReceivedMessage.objects.exists()


def test_an_edit_without_a_change_is_not_noted(match_page, source):
    """Telegram also reports reactions and Slack previews as edits."""
    process(RECEIVER, write("1", 1, "Goal"))
    post, channel = the_post(match_page), match_page.live_channel
    posts.edit(channel, post, content="<p>Corrected</p>", actor=SYSTEM)
    process(RECEIVER, write("1", 2, "Goal"))
    assert ReceivedMessage.objects.get().note == ""
    process(RECEIVER, write("1", 3, "Goals"))
    assert "edited after" in ReceivedMessage.objects.get().note
    process(RECEIVER, write("1", 4, "Goals"))
    assert "edited after" in ReceivedMessage.objects.get().note
    assert the_post(match_page).text == "Corrected"


@pytest.mark.django_db(transaction=True)
def test_the_sender_learns_what_is_not_shown(source, settings):
    backend = "tests.receivers.loopback.LoopbackReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {"newsroom": {"BACKEND": backend}}
    LoopbackReceiver.told.clear()
    process(RECEIVER, omit("1", 1, "", "poll"))
    process(RECEIVER, omit("1", 2, "", "poll"))
    background.threads.wait(20)
    assert LoopbackReceiver.told == [("1", Outcome.FAILED, "Not shown: poll")]

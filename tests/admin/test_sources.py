"""Sources: connect them, and see the messages that failed."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.desk.requests import user_who_may
from tests.receivers.events import RECEIVER, write
from tests.receivers.test_webhook import SECRET
from tests.testapp.models import AuthorPage, MatchPage
from wagtail_live.models import (
    FailedDelivery,
    Policy,
    ReceivedImage,
    ReceivedMessage,
    Source,
    SourceAuthor,
    UnconnectedSource,
)
from wagtail_live.receivers import get_receivers
from wagtail_live.receivers.base import Move
from wagtail_live.receivers.failures import keep_failed
from wagtail_live.receivers.intake import process

pytestmark = pytest.mark.django_db
FORM = {
    "receiver": "newsroom",
    "external_id": "stand",
    "label": "The stand",
    "policy": Policy.HOLD,
    "delay": "0",
    "thread_replies": "ignore",
}


@pytest.fixture(autouse=True)
def receivers(settings):
    backend = "wagtail_live.receivers.webhook.WebhookReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "newsroom": {"BACKEND": backend, "OPTIONS": {"secret": SECRET}}
    }


def add_receivers(settings):
    """Add one of each platform."""
    settings.WAGTAIL_LIVE_RECEIVERS |= {
        name: {"BACKEND": f"wagtail_live.receivers.{name}.{name.title()}Receiver"}
        for name in ("slack", "telegram", "discord")
    }
    for name, receiver in (
        ("whatsapp", "WhatsAppReceiver"),
        ("mattermost", "MattermostReceiver"),
    ):
        backend = f"wagtail_live.receivers.{name}.{receiver}"
        settings.WAGTAIL_LIVE_RECEIVERS[name] = {"BACKEND": backend}
    backend = "wagtail_live.receivers.email.PostmarkReceiver"
    settings.WAGTAIL_LIVE_RECEIVERS["mail"] = {"BACKEND": backend}


@pytest.fixture
def publisher(match_page, client):
    user = user_who_may(match_page, "change_page", "publish_page")
    client.force_login(user)
    return user


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )


def url(name, page, *args):
    return reverse(f"wagtail_live:{name}", args=[page.pk, *args])


def fail(version="poison"):
    message = {"type": "message", "channel": "stand", "id": "1", "text": "Goal"}
    body = json.dumps({**message, "version": version}).encode()
    keep_failed("newsroom", body, ValueError("canary reason"), "stand")
    return FailedDelivery.objects.get()


def test_a_channel_is_connected(client, publisher, match_page):
    process(RECEIVER, write("1", 1, "Lost"))
    listing = client.get(url("connections", match_page)).content.decode()
    add = url("add_source", match_page)
    assert f"{add}?receiver=newsroom&amp;external_id=stand" in listing
    assert 'value="stand"' in client.get(f"{add}?external_id=stand").content.decode()
    assert client.post(add, FORM).status_code == 302
    assert not UnconnectedSource.objects.exists()
    process(RECEIVER, write("2", 1, "Goal"))
    assert match_page.live_channel.posts.submitted().get().text == "Goal"
    assert "The stand" in client.get(url("connections", match_page)).content.decode()


def test_the_desk_links_to_the_sources(client, publisher, match_page):
    connections = url("connections", match_page)
    assert connections in client.get(url("index", match_page)).content.decode()


def test_a_platform_is_chosen_first(client, publisher, match_page, settings):
    add_receivers(settings)
    add = url("add_source", match_page)
    choices = client.get(add).content.decode()
    for name in ("newsroom", "slack", "telegram", "discord"):
        assert f'href="?receiver={name}"' in choices
    assert "external_id" not in choices


@pytest.mark.parametrize(
    ("receiver", "texts", "missing"),
    [
        ("slack", ["/invite", "“About”", "C0123456789", "hooks/slack/"], []),
        (
            "telegram",
            ["the bot of your site", "-1001234567890", "hooks/telegram/"],
            ["thread_replies", "include_bots", "/invite"],
        ),
        (
            "discord",
            ["“Copy Channel ID”", "manage.py live_listen discord"],
            ["thread_replies", "hooks/discord/", "/invite"],
        ),
        (
            "whatsapp",
            ["“API Setup”", "106540352242922", "+44 7700 900123", "hooks/whatsapp/"],
            ["thread_replies", "include_bots"],
        ),
        (
            "mattermost",
            ["“Outgoing Webhooks”", "hawos4dqtby53pd64o4a4cmeoo", "hooks/mattermost/"],
            ["thread_replies", "include_bots"],
        ),
        (
            "mail",
            [
                "the subject becomes the title",
                "match-7f3a@live.example.org",
                "hooks/mail/",
            ],
            ["thread_replies", "include_bots"],
        ),
        ("newsroom", ["“channel”", "hooks/newsroom/"], ["/invite"]),
    ],
)
def test_the_form_fits_the_platform(
    client, publisher, match_page, settings, receiver, texts, missing
):
    add_receivers(settings)
    add = url("add_source", match_page)
    form = client.get(f"{add}?receiver={receiver}").content.decode()
    for text in texts:
        assert text in form, text
    for text in missing:
        assert text not in form, text


@pytest.mark.parametrize(
    ("receiver", "entered", "found"),
    [
        ("slack", " C0123456789 ", "C0123456789"),
        ("slack", "https://news.slack.com/archives/C0123456789", "C0123456789"),
        ("slack", "#sport", None),
        ("telegram", "-1001234567890", "-1001234567890"),
        ("telegram", "https://web.telegram.org/a/#-1001234567890", "-1001234567890"),
        ("telegram", "@sport", None),
        ("discord", "1234567890123456789", "1234567890123456789"),
        (
            "discord",
            "https://discord.com/channels/9876543210987654321/1234567890123456789",
            "1234567890123456789",
        ),
        ("discord", "#sport", None),
        ("whatsapp", " 106540352242922", "106540352242922"),
        ("mail", "Match-7f3a@Live.example", "match-7f3a@live.example"),
        ("mail", "match", None),
        ("newsroom", "Main stand", "Main stand"),
    ],
)
def test_ids_are_found_in_what_editors_enter(
    client, publisher, match_page, settings, receiver, entered, found
):
    add_receivers(settings)
    data = {**FORM, "receiver": receiver, "external_id": entered}
    senders = {"whatsapp": "+44 7700 900123", "mail": "Ann <ann@paper.example>"}
    data["allowed_senders"] = senders.get(receiver, "")
    answer = client.post(url("add_source", match_page), data)
    if found is None:
        assert "This is not a valid" in answer.content.decode()
        assert not Source.objects.exists()
    else:
        assert Source.objects.get().external_id == found


@pytest.mark.parametrize(
    ("entered", "saved", "error"),
    [
        ("+44 7700 900123\n+49 170 1234567", "447700900123\n491701234567", ""),
        ("Ann", None, "“Ann” is not a valid sender."),
        ("", None, "This field is required."),
    ],
)
def test_where_anyone_can_write_senders_are_listed(
    client, publisher, match_page, settings, entered, saved, error
):
    add_receivers(settings)
    where = {"receiver": "whatsapp", "external_id": "106540352242922"}
    data = {**FORM, **where, "allowed_senders": entered}
    answer = client.post(url("add_source", match_page), data)
    if saved is None:
        assert error in answer.content.decode()
    else:
        assert Source.objects.get().allowed_senders == saved


def test_the_last_message_of_a_source_is_shown(client, publisher, match_page, source):
    connections = url("connections", match_page)
    assert "None yet. Send one" in client.get(connections).content.decode()
    process(RECEIVER, write("1", 1, "Goal"))
    shown = client.get(connections).content.decode()
    assert "None yet. Send one" not in shown
    assert "Just now" in shown


def test_ten_sources_need_as_many_queries_as_one(client, publisher, match_page):
    def add(number):
        Source.objects.create(
            receiver="newsroom",
            external_id=f"stand-{number}",
            channel=match_page.live_channel,
        )
        sent = write(f"{number}", 1, "Goal", images=["a"])
        process(
            RECEIVER, replace(sent, external_id=f"stand-{number}", omitted=("poll",))
        )
        ReceivedImage.objects.update(error="Too slow.")

    def count_queries():
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(url("connections", match_page)).content.decode()
        assert "stand-0" in shown
        return len(queries)

    add(0)
    count_queries()  # fills caches
    one = count_queries()
    for number in range(1, 10):
        add(number)
    assert count_queries() == one


def test_a_channel_is_connected_to_one_page(client, publisher, match_page, home_page):
    other = home_page.add_child(instance=MatchPage(title="Other"))
    Source.objects.create(
        receiver="newsroom", external_id="stand", channel=other.live_channel
    )
    answer = client.post(url("add_source", match_page), FORM)
    assert "already connected to a page" in answer.content.decode()
    assert Source.objects.count() == 1


def test_a_source_is_changed_and_disconnected(client, publisher, match_page, source):
    edit = url("edit_source", match_page, source.pk)
    assert client.get(edit).status_code == 200
    client.post(edit, {**FORM, "label": "Bench"})
    assert Source.objects.get().label == "Bench"
    delete = url("delete_source", match_page, source.pk)
    assert "Bench" in client.get(delete).content.decode()
    client.post(delete)
    assert not Source.objects.exists()


def test_an_author_is_named(client, publisher, match_page, source):
    process(RECEIVER, write("1", 1, "Goal"))
    edit = url("edit_author", match_page, SourceAuthor.objects.get().pk)
    listing = client.get(url("connections", match_page)).content.decode()
    assert f'<a href="{edit}">Ann</a>' in listing
    client.post(edit, {"name": "Ann de Vries", "user": publisher.pk})
    process(RECEIVER, write("2", 1, "Goal!"))
    post = match_page.live_posts.first()
    assert (post.author_name, post.author) == ("Ann de Vries", publisher)


def test_an_author_is_a_person_of_the_author_model(
    client, publisher, match_page, home_page, source, settings
):
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = "testapp.AuthorPage"
    process(RECEIVER, write("1", 1, "Goal"))
    page = home_page.add_child(instance=AuthorPage(title="Ann de Vries"))
    home_page.add_child(instance=AuthorPage(title="Draft", live=False))
    edit = url("edit_author", match_page, SourceAuthor.objects.get().pk)
    reference = f"testapp.authorpage:{page.pk}"
    form = client.get(edit).content.decode()
    assert f'<option value="{reference}">Ann de Vries</option>' in form
    assert "Draft</option>" not in form
    client.post(edit, {"name": "", "user": publisher.pk, "person": "wrong"})
    assert not SourceAuthor.objects.get().person
    client.post(edit, {"name": "", "user": publisher.pk, "person": reference})
    process(RECEIVER, write("2", 1, "Goal!"))
    post = match_page.live_posts.first()
    assert (post.author, post.byline) == (publisher, "Ann de Vries")
    assert (post.authors[0].person, post.authors[0].user) == (page, None)
    page.unpublish()
    selected = f'<option value="{reference}" selected>Ann de Vries</option>'
    assert selected in client.get(edit).content.decode()
    settings.WAGTAIL_LIVE_AUTHOR_MODEL = None
    assert 'name="person"' not in client.get(edit).content.decode()
    process(RECEIVER, write("3", 1, "Goal!!"))
    assert match_page.live_posts.first().byline == "Ann"


def test_a_failed_delivery_is_seen_and_replayed(client, publisher, match_page, source):
    failed = fail(version=1)
    listing = client.get(url("connections", match_page)).content.decode()
    assert "canary reason" in listing
    replay = url("failed_delivery", match_page, failed.pk, "replay")
    assert replay in listing
    client.post(replay)
    assert match_page.live_posts.get().text == "Goal"
    assert not FailedDelivery.objects.exists()


def test_a_delivery_that_fails_again_stays(client, publisher, match_page, source):
    failed = fail()
    client.post(url("failed_delivery", match_page, failed.pk, "replay"))
    assert "must be an integer" in FailedDelivery.objects.get().reason
    client.post(url("failed_delivery", match_page, failed.pk, "discard"))
    assert not FailedDelivery.objects.exists()


def test_the_same_id_of_another_receiver_is_another_source(
    client, publisher, match_page, source, settings
):
    newsroom = settings.WAGTAIL_LIVE_RECEIVERS["newsroom"]
    settings.WAGTAIL_LIVE_RECEIVERS = {"newsroom": newsroom, "sports": newsroom}
    keep_failed("sports", b"{}", ValueError("canary reason"), "stand")
    UnconnectedSource.objects.create(
        receiver="sports", external_id="stand", last_seen_at=timezone.now()
    )
    context = client.get(url("connections", match_page)).context
    assert not context["failed"]
    assert [each.receiver for each in context["unconnected"]] == ["sports"]


def test_a_failed_image_is_listed_and_retried(client, publisher, match_page, source):
    process(RECEIVER, write("1", 1, "Goal", images=["a"]))
    ReceivedImage.objects.update(error="Too slow.", due_at=None, attempts=5)
    assert "Too slow." in client.get(url("connections", match_page)).content.decode()
    image = ReceivedImage.objects.get()
    client.post(url("retry_picture", match_page, image.pk))
    image.refresh_from_db()
    assert image.due_at
    assert image.attempts == 0


def test_messages_with_parts_that_are_not_shown_are_listed(
    client, publisher, match_page, source
):
    video = replace(write("1", 1, ""), omitted=("video “goal.mp4”",))
    process(RECEIVER, video)
    listing = client.get(url("connections", match_page)).content.decode()
    assert "Not shown: video “goal.mp4”" in listing
    assert "Ann" in listing
    message = ReceivedMessage.objects.get()
    client.post(url("dismiss_message", match_page, message.pk))
    listing = client.get(url("connections", match_page)).content.decode()
    assert "goal.mp4" not in listing
    assert client.post(url("dismiss_message", match_page, 0)).status_code == 404


def test_all_messages_are_dismissed_at_once(
    client, publisher, match_page, home_page, source
):
    other = home_page.add_child(instance=MatchPage(title="Other"))
    Source.objects.create(
        receiver="newsroom", external_id="tribune", channel=other.live_channel
    )
    for number in "12":
        process(RECEIVER, replace(write(number, 1, ""), omitted=("poll",)))
    theirs = replace(write("3", 1, ""), omitted=("poll",), external_id="tribune")
    process(RECEIVER, theirs)
    listing = client.get(url("connections", match_page)).content.decode()
    assert listing.count("Not shown: poll") == 2
    client.post(url("dismiss_messages", match_page))
    assert ReceivedMessage.objects.exclude(omitted="").get().message_id == "3"


def test_failed_deliveries_from_before_a_move_are_listed(
    client, publisher, match_page, source
):
    fail()
    process(RECEIVER, Move("1", "stand", "tribune"))
    assert client.get(url("connections", match_page)).context["failed"]


@pytest.mark.parametrize("rights", [["change_page"], []])
def test_sources_need_permission_to_publish(rights, client, match_page, source):
    client.force_login(user_who_may(match_page, *rights))
    failed = fail(version=1)
    for name, *keys in (
        ("add_source",),
        ("edit_source", source.pk),
        ("delete_source", source.pk),
        ("failed_delivery", failed.pk, "replay"),
        ("retry_picture", 1),
        ("dismiss_message", 1),
        ("dismiss_messages",),
    ):
        for method in (client.get, client.post):
            answer = method(url(name, match_page, *keys), FORM)
            assert answer.status_code == 403
    assert Source.objects.get() == source
    assert not match_page.live_posts.exists()
    connections = client.get(url("connections", match_page))
    assert connections.status_code == (200 if rights else 403)
    assert "canary reason" not in connections.content.decode()


def test_other_pages_are_not_accessible(client, publisher, match_page, home_page):
    other = home_page.add_child(instance=MatchPage(title="Other"))
    theirs = Source.objects.create(
        receiver="newsroom", external_id="stand", channel=other.live_channel
    )
    failed = fail(version=1)
    for name, key in (("edit_source", theirs.pk), ("delete_source", theirs.pk)):
        assert client.post(url(name, match_page, key), FORM).status_code == 404
    replay = url("failed_delivery", match_page, failed.pk, "replay")
    assert client.post(replay).status_code == 404
    assert client.get(url("connections", other)).status_code == 403


def test_texts_of_platforms_are_escaped_and_secrets_not_shown(
    client, publisher, match_page
):
    """S6, C3."""
    UnconnectedSource.objects.create(
        receiver="newsroom", external_id="<script>", last_seen_at="2026-06-01T15:00Z"
    )
    listing = client.get(url("connections", match_page)).content.decode()
    assert "&lt;script&gt;" in listing
    assert "external_id=%3Cscript%3E" in listing
    assert SECRET not in listing
    assert "/wagtail_live/hooks/newsroom/" in listing


def test_a_site_without_receivers_says_so(client, publisher, match_page, settings):
    settings.WAGTAIL_LIVE_RECEIVERS = {}
    assert get_receivers() == {}
    desk = client.get(url("index", match_page)).content.decode()
    assert "wagtail_live_receivers" not in desk.lower()
    listing = client.get(url("connections", match_page)).content.decode()
    assert "WAGTAIL_LIVE_RECEIVERS" in listing

"""Long texts: linear time for each converter, and a failed delivery beyond the limit."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.linear import TEXT_PATTERNS, is_linear, repeat
from tests.receivers.events import RECEIVER, write
from wagtail_live.models import FailedDelivery, Source
from wagtail_live.receivers.composing import to_part
from wagtail_live.receivers.discord.text import from_markdown
from wagtail_live.receivers.document import MAX_TEXT_LENGTH, Link, Paragraph
from wagtail_live.receivers.email.html import read_html
from wagtail_live.receivers.email.text import read_text
from wagtail_live.receivers.intake import process, process_or_keep
from wagtail_live.receivers.mattermost.text import from_mattermost
from wagtail_live.receivers.slack.mrkdwn import from_mrkdwn
from wagtail_live.receivers.slack.text import from_rich_text
from wagtail_live.receivers.telegram.text import from_entities
from wagtail_live.receivers.webhook import read_message
from wagtail_live.receivers.whatsapp.text import from_whatsapp
from wagtail_live.rich_text import TooLong

pytestmark = pytest.mark.slow


def read_entities(text):
    """Read a text with entities that cover each other, and with spoilers."""
    length = len(text)
    marks = [
        {"type": kind, "offset": start, "length": length}
        for start in range(0, length, 50)
        for kind in ("bold", "blockquote", "url")
    ]
    spoilers = [
        {"type": "spoiler", "offset": start, "length": 2}
        for start in range(0, length, 50)
    ]
    return from_entities(text, marks + spoilers)


def read_rich_text(text):
    """Read lists of every indent, with a part of the text in each item."""
    lists = [
        {
            "type": "rich_text_list",
            "style": ("ordered", "bullet")[start % 20 // 10],
            "indent": start // 10 % 9,
            "elements": [
                {"elements": [{"type": "text", "text": text[start : start + 10]}]}
            ],
        }
        for start in range(0, len(text), 10)
    ]
    return from_rich_text([{"type": "rich_text", "elements": lists}], {})


def read_webhook(text):
    message = {"type": "message", "channel": "1", "id": 1, "version": 1, "text": text}
    return read_message(message, "1").body


CONVERTERS = {
    "Slack's mrkdwn": lambda text: from_mrkdwn(text, {}),
    "Slack's rich text": read_rich_text,
    "Telegram": read_entities,
    "Discord": lambda text: from_markdown(text, {}),
    "webhook": read_webhook,
    "WhatsApp": lambda text: from_whatsapp(text, {}),
    "Mattermost": from_mattermost,
    "e-mail": lambda text: read_text(text).body,
    "HTML of e-mail": lambda text: read_html(text).body,
}


@pytest.mark.nightly
@pytest.mark.parametrize("pattern", TEXT_PATTERNS)
@pytest.mark.parametrize("name", CONVERTERS)
def test_the_time_to_convert_grows_with_the_length(name, pattern):
    def convert(text):
        with suppress(TooLong):  # as HTML
            to_part(CONVERTERS[name](text))

    convert(repeat(pattern, 100))
    assert is_linear(convert, pattern, MAX_TEXT_LENGTH)


@pytest.mark.parametrize("name", ["Slack's mrkdwn", "Discord", "webhook"])
def test_a_text_of_the_longest_message_is_read(name):
    text = "a" * MAX_TEXT_LENGTH
    assert to_part(CONVERTERS[name](text)) == [{"text": f"<p>{text}</p>"}]


@pytest.mark.parametrize("name", CONVERTERS)
def test_a_longer_text_is_refused_unread(name):
    body = CONVERTERS[name]("a" * (MAX_TEXT_LENGTH + 1))
    with pytest.raises(TooLong, match=r"40001 characters. The limit is 40000\."):
        to_part(body)


def test_only_some_lone_links_may_become_embeds():
    links = tuple(Paragraph((Link(f"https://a.example/{n}"),)) for n in range(50))
    part = to_part(links)
    assert len([item for item in part if "link" in item]) == 20
    assert part[-1]["text"].count("<a ") == 30


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="newsroom", external_id="stand", channel=match_page.live_channel
    )


def make_long(text="a" * (MAX_TEXT_LENGTH + 1)):
    return replace(write("1", 1, ""), body=read_webhook(text))


@pytest.mark.django_db
def test_a_text_is_refused_without_locking_the_channel(source):
    with CaptureQueriesContext(connection) as queries, pytest.raises(TooLong):
        process(RECEIVER, make_long())
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


@pytest.mark.django_db
def test_a_text_is_converted_before_the_channel_is_locked(source):
    class Watched(tuple):
        def __iter__(self):
            seen.extend(query["sql"].split()[0] for query in queries)
            return super().__iter__()

    seen = []
    event = write("1", 1, "Goal")
    with CaptureQueriesContext(connection) as queries:
        process(RECEIVER, replace(event, body=Watched(event.body)))
    assert seen
    assert set(seen) == {"SELECT"}


@pytest.mark.django_db
def test_an_editor_sees_that_a_long_text_failed(match_page, source, admin_client):
    assert not process_or_keep(RECEIVER, make_long(), b"{}")
    assert not match_page.live_posts.exists()
    failed = FailedDelivery.objects.get()
    assert failed.external_id == "stand"
    url = reverse("wagtail_live:connections", args=[match_page.pk])
    assert "The limit is 40000." in admin_client.get(url).content.decode()


@pytest.mark.django_db
def test_long_texts_of_unconnected_sources_are_only_counted(match_page):
    assert process_or_keep(RECEIVER, make_long(), b"{}")
    assert not FailedDelivery.objects.exists()

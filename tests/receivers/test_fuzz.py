"""Parsing any payload is fast and raises no unexpected exception.

``FUZZ_EXAMPLES`` is the number of payloads for each receiver; a release needs 20,000, each
read and converted in 50 ms of processor time a kilobyte.
"""

import copy
import json
import os
import socket
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.linear import TEXT_PATTERNS
from tests.receivers.payloads import DISCORD, SLACK, TELEGRAM, WEBHOOK
from wagtail_live.receivers.base import (
    Delete,
    Event,
    Ignored,
    Inbound,
    Rejected,
    Upsert,
)
from wagtail_live.receivers.composing import to_part
from wagtail_live.receivers.discord.receiver import DiscordReceiver
from wagtail_live.receivers.document import to_html
from wagtail_live.receivers.slack.receiver import SlackReceiver
from wagtail_live.receivers.telegram.receiver import TelegramReceiver
from wagtail_live.receivers.webhook import WebhookReceiver
from wagtail_live.rich_text import TooLong

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
# Seconds of processor time for each kilobyte. Only a run that was asked for is strict.
SLOWEST = 0.05 if "FUZZ_EXAMPLES" in os.environ else 1.0
RECEIVERS = [
    pytest.param(SlackReceiver("slack", {}), SLACK, id="slack"),
    pytest.param(TelegramReceiver("telegram", {}), TELEGRAM, id="telegram"),
    pytest.param(DiscordReceiver("discord", {}), DISCORD, id="discord"),
    pytest.param(WebhookReceiver("webhook", {}), WEBHOOK, id="webhook"),
]
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
fuzzed_shortly = settings(fuzzed, max_examples=min(EXAMPLES, 2_000))

texts = st.text(st.characters(exclude_categories=()), max_size=40)
odd_texts = st.sampled_from(
    [
        *(
            "",
            "\x00",
            "\ud800",
            "\u202e",
            "x" * 10_000,
            "🎉" * 100,
            "nan",
            "-1",
            "1e400",
        ),
        *(
            "<script>alert(1)</script>",
            "javascript:alert(1)",
            "https://[",
            "```",
            "*_~",
        ),
        *("<https://a.example|x>", ":wave::skin-tone-9:", "message_changed", "/delete"),
    ]
)
numbers = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, -1, 2**53, 10**400])
)
# Text in the formats of the platforms, some of it long.
markup = st.builds(
    lambda parts, count: "".join(parts) * count,
    st.lists(st.sampled_from(TEXT_PATTERNS) | texts, min_size=1, max_size=8),
    st.sampled_from([1, 1, 1, 2, 50]),
)
offsets = st.integers(-2, 60)
entities = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["bold", "code", "pre", "url", "text_link", "blockquote", "spoiler"]
            ),
            "offset": offsets,
            "length": offsets,
        },
        optional={"url": texts},
    ),
    max_size=20,
)
rich_text = st.recursive(
    st.builds(lambda text: {"type": "text", "text": text}, markup),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                [
                    *("rich_text", "rich_text_section", "rich_text_list"),
                    *("rich_text_quote", "rich_text_preformatted", "table"),
                ]
            ),
            "elements": st.lists(inner, max_size=4),
        },
        optional={
            "indent": offsets,
            "offset": offsets,
            "style": st.sampled_from(["ordered", "bullet"]),
        },
    ),
    max_leaves=8,
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, odd_texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=10,
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """F-06, S12: fail any connection."""

    def refuse(*arguments, **options):
        raise AssertionError("parse went to the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def read(receiver, body):
    """Return the events of the body; none if it is rejected, always with 400, or becomes a
    failed delivery."""
    limit = SLOWEST * max(1, len(body) / 1024)
    events, seconds = read_once(receiver, body)
    for _ in range(3):  # it may have been another process, or the garbage collector
        if seconds > limit:
            events, seconds = read_once(receiver, body)
    assert seconds <= limit
    for event in events:
        assert isinstance(event, Event)
        if isinstance(event, Upsert):
            assert_storable(event)
            is_checked_later = isinstance(receiver, WebhookReceiver)
            assert is_checked_later or (event.external_id and event.message_id)
    return events


def read_once(receiver, body):
    """Return the events of the body, and the time to read and convert it."""
    start, refusal, events = time.thread_time(), 400, []
    try:
        events = list(receiver.parse(Inbound(body)))
        receiver.handshake(Inbound(body))
        for event in events:
            if isinstance(event, Upsert):
                to_part(event.body)
    except Rejected as rejected:
        refusal = rejected.status
    except TooLong:
        events = []
    except ValueError:
        assert isinstance(receiver, WebhookReceiver)  # the only one that validates
    assert refusal == 400
    return events, time.thread_time() - start


def assert_storable(post):
    html = to_html(post.body)
    html.encode()
    assert "\x00" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert all(isinstance(part, int | str) for part in post.version)


def paths(value, path=()):
    """Yield the path of each value in a payload."""
    yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from paths(value[key], (*path, key))


def mutate(payload, path, value):
    """Return the payload with another value at the path."""
    if not path:
        return value
    payload = copy.deepcopy(payload)
    holder = payload
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return payload


@pytest.mark.parametrize(("receiver", "samples"), RECEIVERS)
@given(st.data())
@fuzzed
def test_a_documented_payload_with_anything_in_it_is_read(receiver, samples, data):
    """S9, F-06: one to four values of a sample are replaced, or all of it."""
    payload = samples[data.draw(st.sampled_from(sorted(samples)))]
    for _ in range(data.draw(st.integers(1, 4))):
        # Also of what an earlier mutation put there.
        path = data.draw(st.sampled_from(list(paths(payload))))
        payload = mutate(payload, path, data.draw(get_replacement(path)))
    read(receiver, json.dumps(payload).encode())


def get_replacement(path):
    """Return a strategy for what may stand at a place in a payload."""
    match path[-1] if path else None:
        case "text" | "content" | "caption" | "description" | "value":
            return markup | values
        case "entities" | "caption_entities":
            return entities | values
        case "blocks" | "elements" | "rows" | "cells":
            return st.lists(rich_text, max_size=4) | values
    return values


@pytest.mark.parametrize(("receiver", "samples"), RECEIVERS)
@given(values)
@fuzzed_shortly
def test_any_json_is_read(receiver, samples, payload):
    """S9, F-06."""
    read(receiver, json.dumps(payload).encode())


@pytest.mark.parametrize(("receiver", "samples"), RECEIVERS)
@given(st.binary(max_size=200))
@fuzzed_shortly
def test_any_bytes_are_read_or_refused(receiver, samples, body):
    """S9, F-06."""
    read(receiver, body)


@pytest.mark.parametrize(("receiver", "samples"), RECEIVERS)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 100_000,
        b'{"event": {"type": "message"}, "event": 1, "event": {}}',
        b'{"message": NaN, "d": Infinity}',
        b'"\\ud800"',
        b'{"a": "\\u0000"}',
        b"",
        b"\xff\xfe",
        "﻿{}".encode(),
    ],
)
def test_a_bomb_is_read_or_refused(receiver, samples, body):
    """S9."""
    read(receiver, body)


@pytest.mark.parametrize(("receiver", "samples"), RECEIVERS)
def test_every_sample_is_read(receiver, samples):
    """All documented shapes give events, and some of them posts."""
    events = [
        event
        for sample in samples.values()
        for event in read(receiver, json.dumps(sample).encode())
    ]
    assert any(isinstance(event, Upsert) for event in events)
    assert any(isinstance(event, Ignored | Delete) for event in events)

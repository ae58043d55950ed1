"""Tests for a site's own receivers:

class BoxOfficeTests(ReceiverContract, TestCase):
    receiver_class = BoxOfficeReceiver
    options = {"secret": "for the tests"}

    def sign(self, body): ...
    def create(self, message_id, text): ...
    def edit(self, message_id, text, version): ...
    def delete(self, message_id): ...
"""

from __future__ import annotations

import json
import logging
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from typing import Any, ClassVar
from unittest import mock

from django.test import override_settings
from django.urls import reverse
from wagtail.models import Site

from .. import posts
from ..models import Channel, LivePost, ReceivedMessage, Source
from ..permissions import SYSTEM
from .base import BaseReceiver, Inbound

MALFORMED = [b"", b"\xff\xfe", b"[]", b"{}", b'"text"', b"null", b"[" * 100_000]
ODD_VALUES = [
    *(None, True, [], {}, "", "x" * 10_000, "\x00", "\ud800", "\u202e", "🎉"),
    *(0, -1, 1.5, 10**30, float("nan"), float("inf"), [[]], {"a": {}}, "<script>"),
]


class ReceiverContract:
    """A mixin for ``django.test.TestCase``. All messages come from the channel
    ``external_id``; the versions of edits are 1, 2 and so on."""

    receiver_class: ClassVar[type[BaseReceiver]]
    options: ClassVar[dict[str, Any]] = {}
    external_id = "stand"
    allowed_senders = ""  # of the source
    content_type = "application/json"
    fuzzed = 300  # payloads

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers that the platform would send with the body now."""
        raise NotImplementedError

    def create(self, message_id: str, text: str) -> Any:
        """Return the platform's payload for a new message, as Python objects."""
        raise NotImplementedError

    def edit(self, message_id: str, text: str, version: int) -> Any:
        """Return the payload for an edit; ``None`` if the platform doesn't send any."""
        raise NotImplementedError

    def delete(self, message_id: str) -> Any:
        """Return the payload for a deletion; ``None`` if the platform doesn't send any."""
        raise NotImplementedError

    def omit(self, message_id: str) -> Any:
        """Return the payload for a message without a part that readers can get, such as
        one with only a video; ``None`` if the platform doesn't send any."""
        return None

    def encode(self, payload: Any) -> bytes:
        """Return the body for a payload, signed if the signature is in the body."""
        return json.dumps(payload).encode("utf-8", "surrogatepass")

    def forge(self, body: bytes) -> Iterator[tuple[bytes, dict[str, str]]]:
        """Yield bodies and headers of requests that are not from the platform."""
        signed = self.sign(body)
        forged = {name: value[::-1] + "0" for name, value in signed.items()}
        for headers in ({}, forged, dict.fromkeys(signed, "ä\x00")):
            for other in (body, *MALFORMED):
                yield other, headers

    message_id = "1700000001"

    def setUp(self):
        super().setUp()
        logger = logging.getLogger("wagtail_live.receivers")
        level = logger.level
        logger.setLevel(logging.CRITICAL + 1)
        self.addCleanup(logger.setLevel, level)
        backend = f"{self.receiver_class.__module__}.{self.receiver_class.__qualname__}"
        receivers = {"contract": {"BACKEND": backend, "OPTIONS": self.options}}
        setting = override_settings(WAGTAIL_LIVE_RECEIVERS=receivers)
        setting.enable()
        self.addCleanup(setting.disable)
        self.url = reverse("live-webhook", args=["contract"])
        self.connect()

    def connect(self) -> None:
        root_page = Site.objects.get(is_default_site=True).root_page
        self.live_channel = Channel.objects.for_page(root_page)
        Source.objects.create(
            receiver="contract",
            external_id=self.external_id,
            channel=self.live_channel,
            allowed_senders=self.allowed_senders,
        )

    def send(self, payload: Any, headers: dict[str, str] | None = None) -> int:
        """Deliver a payload, or raw bytes; return the status of the response."""
        body = payload if isinstance(payload, bytes) else self.encode(payload)
        headers = self.sign(body) if headers is None else headers
        response = self.client.post(
            self.url, body, content_type=self.content_type, headers=headers
        )
        return response.status_code

    def texts(self) -> list[str]:
        return [post.text for post in self.live_channel.posts.oldest_first()]

    def assert_acknowledged(self, status: int) -> None:
        self.assertIn(status, range(200, 300))

    def test_unsigned_requests_are_refused_unread(self):
        body = self.encode(self.create(self.message_id, "Goal"))
        for payload, headers in self.forge(body):
            with self.subTest(headers=headers, payload=payload[:20]):
                self.assertIn(self.send(payload, headers), (400, 401, 403))
        self.assertEqual(self.texts(), [])

    def test_statuses_of_responses(self):
        message = self.create(self.message_id, "Goal")
        self.assert_acknowledged(self.send(message))
        self.assert_acknowledged(self.send(message))
        self.assertEqual(self.send(b"not JSON"), 400)
        too_big = b" " * (self.receiver_class.max_body + 1)
        self.assertEqual(self.send(too_big), 413)
        self.assertEqual(self.client.put(self.url).status_code, 405)
        Source.objects.update(external_id="elsewhere")
        self.assert_acknowledged(self.send(self.create("1700000002", "Lost")))
        self.assertEqual(self.texts(), ["Goal"])

    def test_any_order_makes_the_same_post(self):
        for number, (deliveries, expected) in enumerate(self._histories()):
            for order in permutations(deliveries):
                with self.subTest(number=number, order=order):
                    LivePost.objects.all().delete()
                    self.live_channel.tombstones.all().delete()
                    ReceivedMessage.objects.all().delete()
                    for payload in (*order, order[0]):
                        self.assert_acknowledged(self.send(payload))
                    self.assertEqual(self.texts(), expected)

    def test_an_edit_without_a_change_is_no_update(self):
        same = self.edit(self.message_id, "Goal", 1)
        if same is None:
            return
        self.send(self.create(self.message_id, "Goal"))
        before = self._cursor()
        self.assert_acknowledged(self.send(same))
        self.assertEqual(self._cursor(), before)
        self.send(self.edit(self.message_id, "Goal 2", 2))
        self.assertGreater(self._cursor(), before)

    def test_an_edit_without_a_change_leaves_an_editors_correction(self):
        same = self.edit(self.message_id, "Goal", 1)
        self.send(self.create(self.message_id, "Goal"))
        post = self.live_channel.posts.get()
        posts.edit(self.live_channel, post, content="Corrected", actor=SYSTEM)
        self.send(self.create(self.message_id, "Goal") if same is None else same)
        self.assertEqual(self.texts(), ["Corrected"])
        self.assertEqual(ReceivedMessage.objects.get().note, "")

    def test_a_message_without_a_post_is_named_for_editors(self):
        payload = self.omit(self.message_id)
        if payload is None:
            return
        self.assert_acknowledged(self.send(payload))
        self.assertEqual(self.texts(), [])
        self.assertTrue(ReceivedMessage.objects.get().omitted)

    def _cursor(self):
        return Channel.objects.get(pk=self.live_channel.pk).last_updated_at

    def _histories(self) -> Iterator[tuple[list, list[str]]]:
        created = self.create(self.message_id, "Goal")
        edits = [
            self.edit(self.message_id, f"Goal {number}", number) for number in (1, 2)
        ]
        edits = [edit for edit in edits if edit is not None]
        yield [created, *edits], ["Goal 2" if edits else "Goal"]
        deleted = self.delete(self.message_id)
        if deleted is not None:
            yield [created, *edits, deleted], []

    def _kinds(self) -> list:
        """Return one payload of each kind."""
        payloads = [
            self.create(self.message_id, "Goal"),
            self.edit(self.message_id, "Goal 1", 1),
            self.delete(self.message_id),
            self.omit(self.message_id),
        ]
        return [payload for payload in payloads if payload is not None]

    def test_malformed_bodies_write_nothing(self):
        for payload in MALFORMED:
            with self.subTest(payload=payload[:20]):
                self.assertLess(self.send(payload), 500)
        self.assertEqual(self.texts(), [])

    def test_mutated_payloads_are_acknowledged(self):
        chance = random.Random(6)  # noqa: S311
        payloads = self._kinds()
        for _ in range(self.fuzzed):
            payload = mutate(chance.choice(payloads), chance)
            status = self.send(payload)
            self.assertIn(status, range(200, 300), repr(payload)[:2000])

    def test_parsing_uses_no_network(self):
        receiver = self.receiver_class("contract", dict(self.options))
        with no_network():
            for payload in self._kinds():
                body = self.encode(payload)
                list(receiver.parse(Inbound(body=body, headers=self.sign(body))))

    def test_repr_has_no_secrets(self):
        receiver = self.receiver_class("contract", dict(self.options))
        for secret in filter(
            lambda value: isinstance(value, str), self.options.values()
        ):
            self.assertNotIn(secret, repr(receiver))


def mutate(value: Any, chance: random.Random) -> Any:
    """Return the value with a part removed or replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        others = {name: value[name] for name in value if name != key}
        if chance.random() < 0.2:
            return others
        return {**others, key: mutate(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        index = chance.randrange(len(value))
        return [*value[:index], mutate(value[index], chance), *value[index + 1 :]]
    return chance.choice(ODD_VALUES)


@contextmanager
def no_network():
    """Fail if code connects to a server or resolves a name."""
    refusal = AssertionError("This uses the network.")
    with (
        mock.patch.object(socket.socket, "connect", side_effect=refusal),
        mock.patch.object(socket, "getaddrinfo", side_effect=refusal),
    ):
        yield

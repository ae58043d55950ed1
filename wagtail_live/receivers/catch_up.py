"""What was written in a platform while nobody followed it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db.models.functions import Length

from ..models import ReceivedMessage
from .base import BaseReceiver
from .sources import find_source
from .views import apply
from .web_api import ApiFailed

logger = logging.getLogger("wagtail_live.receivers")


def fill(receiver: BaseReceiver) -> None:
    """Take in what came after the newest message that is known of each channel."""
    for channel, newest in list(_newest_messages(receiver.name)):
        try:
            for event, body in receiver.fetch_missed(channel, newest):
                apply(receiver, event, body)
        except ApiFailed as failed:
            logger.warning(
                "%s: could not fetch missed messages from %s: %s",
                receiver.name,
                channel,
                failed,
            )


def _newest_messages(receiver: str) -> Iterator[tuple[str, str]]:
    """By their ids, which platforms count up, of the channels that are connected."""
    known = ReceivedMessage.objects.filter(receiver=receiver)
    newest_first = known.order_by(Length("message_id").desc(), "-message_id")
    for channel in known.values_list("external_id", flat=True).distinct():
        if find_source(receiver, channel):
            yield channel, newest_first.filter(external_id=channel)[0].message_id

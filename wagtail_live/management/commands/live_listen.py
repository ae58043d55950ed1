"""Listen to a platform that doesn't send webhooks, such as Discord."""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models.functions import Length

from ...models import ReceivedMessage
from ...receivers import get_receivers
from ...receivers.base import BaseReceiver, Event
from ...receivers.fetch import ApiFailed
from ...receivers.intake import process_or_keep
from ...receivers.posting import find_source

logger = logging.getLogger("wagtail_live.receivers")

RETRY_INTERVAL = 5  # seconds


class Command(BaseCommand):
    help = (
        "Listens to the platform of a receiver in WAGTAIL_LIVE_RECEIVERS, until it is "
        "stopped. Run it once for each platform that doesn't send webhooks."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="Name of the receiver in the settings.")

    def handle(self, *, name, **options):
        receiver = get_receivers().get(name)
        if receiver is None or type(receiver).listen is BaseReceiver.listen:
            raise CommandError(f"There is no receiver {name!r} that can listen.")
        self.stdout.write(f"Listening to {name}.")
        try:
            asyncio.run(receiver.listen(EventProcessor(receiver)))
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write(f"Stopped listening to {name}.")


class EventProcessor:
    """Processes events, and waits while the database is unavailable."""

    def __init__(self, receiver: BaseReceiver):
        self._receiver = receiver

    async def __call__(self, event: Event, body: bytes = b"") -> None:
        await self._retry(process_or_keep, event, body)

    async def catch_up(self) -> None:
        await self._retry(fetch_missed)

    async def _retry(self, function: Callable, *arguments) -> None:
        while not await sync_to_async(_try)(function, self._receiver, *arguments):
            await asyncio.sleep(RETRY_INTERVAL)


def _try(function: Callable, *arguments) -> bool:
    """Return ``False`` if the database is unavailable."""
    close_old_connections()
    try:
        function(*arguments)
    except (OperationalError, InterfaceError) as error:
        logger.error("The database is unavailable: %s", type(error).__name__)
        return False
    return True


def fetch_missed(receiver: BaseReceiver) -> None:
    """Process the messages after the newest known one of each connected channel."""
    known = ReceivedMessage.objects.filter(receiver=receiver.name)
    # Ids of platforms increase.
    newest_first = known.order_by(Length("message_id").desc(), "-message_id")
    for external_id in list(known.values_list("external_id", flat=True).distinct()):
        if not find_source(receiver.name, external_id):
            continue
        newest = newest_first.filter(external_id=external_id)[0].message_id
        try:
            for event, body in receiver.fetch_missed(external_id, newest):
                process_or_keep(receiver, event, body)
        except ApiFailed as failed:
            logger.warning(
                "%s: could not fetch missed messages from %s: %s",
                receiver.name,
                external_id,
                failed,
            )

"""Follow a platform that is not called by, such as Discord, for as long as it runs."""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections

from ...receivers import get_receivers
from ...receivers.base import BaseReceiver, Event
from ...receivers.catch_up import fill
from ...receivers.views import apply

logger = logging.getLogger("wagtail_live.receivers")

WAIT = 5  # seconds until the database is tried again


class Command(BaseCommand):
    help = (
        "Follows a receiver of WAGTAIL_LIVE_RECEIVERS that is not called by its platform, "
        "until it is stopped. Run one of these for each such receiver."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="the receiver, by its name in the settings")

    def handle(self, *, name, **options):
        receiver = get_receivers().get(name)
        if receiver is None or type(receiver).listen is BaseReceiver.listen:
            raise CommandError(f"There is no receiver {name!r} to be followed.")
        self.stdout.write(f"Following {name}.")
        try:
            asyncio.run(follow(receiver))
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.stdout.write(f"Stopped following {name}.")


async def follow(receiver: BaseReceiver) -> None:
    """Take in what the platform tells."""
    await receiver.listen(Following(receiver))


class Following:
    """What the database can't take now, it takes later."""

    def __init__(self, receiver: BaseReceiver):
        self._receiver = receiver

    async def __call__(self, event: Event, body: bytes = b"") -> None:
        await self._persist(apply, event, body)

    async def catch_up(self) -> None:
        await self._persist(fill)

    async def _persist(self, function: Callable, *arguments) -> None:
        while not await sync_to_async(_try)(function, self._receiver, *arguments):
            await asyncio.sleep(WAIT)


def _try(function: Callable, *arguments) -> bool:
    """Whether it needs no other try. An event that fails is kept for an editor."""
    close_old_connections()
    try:
        function(*arguments)
    except (OperationalError, InterfaceError) as error:
        logger.error("The database is away: %s", type(error).__name__)
        return False
    return True

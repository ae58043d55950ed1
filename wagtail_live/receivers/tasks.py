"""Tasks that follow the acknowledgement of a delivery.

They take keys, because a task's arguments are JSON.
"""

from django_tasks import task

from ..background import later
from ..models import ReceivedMessage
from .base import Outcome


@task()
def fetch_images(message_pk: int) -> None:
    """Download the images of a message that are due."""
    from .images import fetch_due

    fetch_due(message_pk)


@task()
def try_links(message_pk: int) -> None:
    """Ask providers if the lone links of a message can be embedded."""
    from .posting import try_links

    try_links(message_pk)


def report_outcome(
    message: ReceivedMessage, outcome: Outcome, reason: str = ""
) -> None:
    """Give feedback on a message after the commit."""
    where = message.receiver, message.external_id, message.message_id
    later(give_feedback, *where, outcome.value, reason)


@task()
def give_feedback(
    receiver: str, external_id: str, message_id: str, outcome: str, reason: str = ""
) -> None:
    """Let a receiver tell its platform what became of a message."""
    from . import get_receivers

    if receiver in get_receivers():
        get_receivers()[receiver].feedback(
            external_id, message_id, Outcome(outcome), reason
        )

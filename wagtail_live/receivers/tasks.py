"""What is done about a message after its delivery has been acknowledged.

Tasks of ``django_tasks``: in the site's background worker, where it has one. They take
keys, because a task's arguments are JSON.
"""

from django_tasks import task


@task()
def fetch_images(message_pk: int) -> None:
    """Download the images of a message that are due."""
    from .images import fetch_due

    fetch_due(message_pk)


@task()
def try_links(message_pk: int) -> None:
    """Ask providers whether the lone links of a message can be embedded."""
    from .posting import try_links

    try_links(message_pk)


@task()
def give_feedback(
    receiver: str, external_id: str, message_id: str, outcome: str, reason: str = ""
) -> None:
    """Let a receiver tell its platform what became of a message."""
    from . import get_receivers
    from .base import Outcome

    if receiver in get_receivers():
        get_receivers()[receiver].feedback(
            external_id, message_id, Outcome(outcome), reason
        )

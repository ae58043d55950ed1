"""What is done after an update has been committed, out of the writer's way."""

from django_tasks import task


@task()
def send_due(endpoint_pk: int) -> None:
    """Send an endpoint what it has to be told now."""
    from .outbox import send_due

    send_due(endpoint_pk)

"""What an editor of a page is shown."""

from __future__ import annotations

from ...models import Channel, FailedDelivery, Source, SourceAuthor, UnconnectedSource
from ...receivers import get_receivers


def get_authors(channel: Channel) -> list[SourceAuthor]:
    """Those who have written to the page, each ``known_as`` the platform says."""
    written = channel.received_messages.exclude(sender_id="").order_by("sender_name")
    names = {
        (receiver, sender): name
        for receiver, sender, name in written.values_list(
            "receiver", "sender_id", "sender_name"
        ).distinct()
    }
    authors = SourceAuthor.objects.select_related("user").filter(
        receiver__in={receiver for receiver, _ in names},
        sender_id__in={sender for _, sender in names},
    )
    found = [
        author for author in authors if (author.receiver, author.sender_id) in names
    ]
    for author in found:
        author.known_as = names[author.receiver, author.sender_id]
    return sorted(found, key=lambda author: author.name or author.known_as)


def get_unconnected():
    """Where messages come from that no page takes."""
    connected = Source.objects.values_list("external_id", flat=True)
    rows = UnconnectedSource.objects.filter(receiver__in=get_receivers())
    return rows.exclude(external_id__in=connected)


def get_failed(channel: Channel):
    """The deliveries that were meant for the page, or that nobody can tell."""
    return FailedDelivery.objects.filter(
        external_id__in=["", *channel.sources.values_list("external_id", flat=True)]
    )

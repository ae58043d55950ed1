"""The section of sources on the page of connections."""

from __future__ import annotations

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from ..models import ReceivedImage, ReceivedMessage, Source, UnconnectedSource
from ..receivers import get_receivers
from .connections import ConnectionsPanel
from .received import get_authors, get_failed, is_connected
from .sources import SECTION, get_platform, get_webhook_url

MAX_SHOWN = 50


class SourcesPanel(ConnectionsPanel):
    """The sources of a page, their authors, and deliveries that failed."""

    name = SECTION
    heading = _("Sources")
    icon_name = "mail"
    order = 100
    template_name = "wagtail_live/sources/panel.html"

    @property
    def is_ready(self) -> bool:
        return bool(get_receivers())

    def get_context_data(self, parent_context=None):
        context = super().get_context_data(parent_context)
        receivers = get_receivers()
        received = ReceivedMessage.objects.filter(channel__page=self.page)
        images = ReceivedImage.objects.filter(message__channel__page=self.page)
        return {
            **context,
            "receivers": [
                {
                    "name": name,
                    "platform": get_platform(name),
                    "url": get_webhook_url(context["request"], name),
                }
                for name in receivers
            ],
            "sources": with_platforms(self.find_sources()),
            "unconnected": with_platforms(find_unconnected(receivers)[:MAX_SHOWN]),
            "failed": get_failed(self.page).order_by("-failed_at")[:MAX_SHOWN],
            "notes": received.exclude(note="", omitted="").order_by("-changed_at")[
                :MAX_SHOWN
            ],
            "images": images.exclude(error="")
            .select_related("message")
            .order_by("-pk")[:MAX_SHOWN],
            "authors": get_authors(self.page),
        }

    def find_sources(self):
        """Return the sources with the time of their last message."""
        messages = ReceivedMessage.objects.filter(
            receiver=OuterRef("receiver"), external_id=OuterRef("external_id")
        )
        last = messages.order_by().values("receiver").annotate(n=Max("changed_at"))
        sources = Source.objects.filter(channel__page=self.page)
        sources = sources.annotate(last_message_at=Subquery(last.values("n")))
        return sources.order_by("receiver", "label", "external_id")


def find_unconnected(receivers):
    """Return the chats that send messages and that no page has, on this site's receivers."""
    found = UnconnectedSource.objects.filter(~is_connected(), receiver__in=receivers)
    return found.order_by("-last_seen_at")


def with_platforms(sources) -> list:
    """Return the sources, each with the name of its platform."""
    sources = list(sources)
    for source in sources:
        source.platform = get_platform(source.receiver)
    return sources

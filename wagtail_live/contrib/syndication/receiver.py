"""Follows live blogs of other sites with wagtail_live, which send webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ...receivers.base import Event, Inbound
from ...receivers.guide import Guide
from ...receivers.webhook import WebhookReceiver
from .updates import PREFIX, read_update

CHANNEL_ID = re.compile(r"[^/\s]{1,200}")


class SiteGuide(Guide):
    """Channel ids of other sites begin with a prefix, which those of this site can't have:
    otherwise another site could write on pages that nobody has connected."""

    def find_id(self, text: str) -> str:
        channel_id = text.strip().removeprefix(PREFIX)
        return PREFIX + channel_id if CHANNEL_ID.fullmatch(channel_id) else ""


GUIDE = SiteGuide(
    platform=_("Another live blog"),
    steps=(
        _(
            "On the desk of the other site's live blog, under “Connections”, add a webhook "
            "with the URL below. Its secret goes into the settings of this site."
        ),
        _(
            "The API of the other site names the channel ID of the live blog, and so does "
            "each webhook, as “channel_id”. Enter it below and save."
        ),
        _("Publish a post on the other site: it appears here, with its source."),
    ),
    id_label=_("Channel ID of the other live blog"),
    id_help=_("Such as Kq3vX0bT9aLm."),
    sender_help=_("Names of authors, one per line. Leave empty to allow everyone."),
    has_threads=False,
    has_bots=False,
)


class SyndicationReceiver(WebhookReceiver):
    """Posts of live blogs on another site, from its webhooks. ``OPTIONS``:

    - ``secret``: those of the webhooks, which begin with ``whsec_``.
    - ``image_hosts``: hosts from which images may be downloaded.

    A post that was on this site before is ignored: two sites can follow each other.
    """

    guide = GUIDE

    @property
    def allowed_hosts(self):
        return tuple(self.options.get("image_hosts", ()))

    def parse(self, inbound: Inbound) -> Iterator[Event]:
        payload = inbound.read_json()
        if not isinstance(payload, dict):
            raise ValueError("The body is not a JSON object.")
        yield read_update(payload, inbound.headers.get("webhook-id", ""))

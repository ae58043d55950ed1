"""Quotes of people, and the mark of sponsored posts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class LiveQuoteBlock(blocks.StructBlock):
    """A quote with the name and the role of the person who said it."""

    quote = blocks.TextBlock(max_length=5000, rows=2, label=_("Quote"))
    name = blocks.CharBlock(required=False, default="", max_length=255, label=_("Name"))
    role = blocks.CharBlock(required=False, default="", max_length=255, label=_("Role"))

    def get_structured_data(self, value, base_url: str) -> dict[str, Any]:
        """Return the ``Quotation`` of schema.org."""
        role = value.get("role") or None
        speaker = {"@type": "Person", "name": value["name"], "jobTitle": role}
        known = {key: found for key, found in speaker.items() if found}
        return {
            "@type": "Quotation",
            "text": value["quote"],
            "creator": known if value.get("name") else None,
        }

    class Meta:
        icon = "user"
        label = _("Quote with name")
        template = "wagtail_live/blocks/quote.html"


class LiveSponsoredBlock(blocks.StructBlock):
    """The mark of a post that somebody has paid for."""

    sponsor = blocks.CharBlock(max_length=255, label=_("Sponsor"))
    link = blocks.URLBlock(required=False, default="", label=_("Link"))

    def get_structured_data(self, value, base_url: str) -> dict[str, Any]:
        """Return the ``sponsor`` of schema.org."""
        link = value.get("link") or None
        return {"@type": "Organization", "name": value["sponsor"], "url": link}

    class Meta:
        icon = "tag"
        label = _("Sponsored")
        template = "wagtail_live/blocks/sponsored.html"

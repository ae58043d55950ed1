"""The link to the desk in Wagtail's message about a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail.admin.messages import button, render


def offer_desk(request: HttpRequest, url: str) -> None:
    """Add the button *Open live desk* to the message that Wagtail has just added, if any.

    Wagtail gives hooks no access to the buttons of its messages, and Django has no public
    way to change a message. Where this way ends, the offer becomes a message of its own.
    """
    buttons = render("", [button(url, _("Open live desk"))])
    queued = getattr(messages.get_messages(request), "_queued_messages", None)
    if queued is None:
        messages.success(request, buttons)
    elif queued:
        queued[-1].message = format_html("{} {}", queued[-1].message, buttons)

"""The tag ``{% load wagtail_live_push %}{% live_push page %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, override

from ....delivery.access import public_channels
from ....models import ChannelState
from .. import conf
from ..keys import get_public_key

register = template.Library()


@register.inclusion_tag("wagtail_live/push/button.html", takes_context=True)
def live_push(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Render the button that asks for notifications of key events. It appears in browsers
    that have them, while everybody may see the page and the blog has not ended."""
    channel = page.find_channel() if page.pk else None
    if channel and channel.page_id == page.pk:
        channel.page = page  # which is loaded
    key = conf.get_private_key()
    is_over = channel is None or channel.state == ChannelState.ENDED
    if is_over or not key or not public_channels([channel]):
        return {}
    try:
        urls = {
            name: reverse(f"live-push-{name}", args=[channel.channel_id])
            for name in ("subscribe", "unsubscribe")
        }
        urls["worker"] = reverse("live-push-worker")
    except NoReverseMatch:
        return {}
    request = context.get("request")
    with override(channel.language):
        texts = get_texts()
    return {
        "channel": channel,
        "key": get_public_key(key),
        "urls": urls,
        "texts": texts,
        "csp_nonce": context.get("csp_nonce") or getattr(request, "csp_nonce", ""),
    }


def get_texts() -> dict[str, str]:
    return {
        "on": gettext("Notify me of key events"),
        "off": gettext("Turn notifications off"),
        "subscribed": gettext(
            "You will be notified of key events, even after you leave this page."
        ),
        "unsubscribed": gettext("You will not be notified any more."),
        "denied": gettext("Notifications of this site are blocked in your browser."),
        "failed": gettext("This did not work. Try again later."),
    }

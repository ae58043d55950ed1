"""The tag ``{% load wagtail_live_questions %}{% live_questions page %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from ..inbox import QuestionForm, is_open, sign_start

register = template.Library()


@register.inclusion_tag("wagtail_live/questions/questions.html", takes_context=True)
def live_questions(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Render the form for questions, if an editor has opened it. It is the same for all
    readers, so that the page can be cached."""
    channel = page.find_channel() if page.pk else None
    if channel is None or not is_open(channel):
        return {}
    try:
        reverse("live-question", args=[channel.channel_id])
    except NoReverseMatch:
        return {}
    request = context.get("request")
    return {
        "channel": channel,
        "form": QuestionForm(initial={"started": sign_start()}),
        "csp_nonce": context.get("csp_nonce") or getattr(request, "csp_nonce", ""),
    }

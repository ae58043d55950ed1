"""The key events before those that a page shows, for the list beside its posts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from ..page import rendering, timeline
from .access import find_access
from .responses import (
    PRIVATE_HEADERS,
    PUBLIC_HEADERS,
    add_headers,
    get_site_headers,
    is_refusal,
    refuse_for,
    to_django,
)


@login_not_required  # the view checks access
def key_events_view(request: HttpRequest, channel_id: str) -> HttpResponse:
    """Answer ``?before=…`` with the next 100 items, and a link to those before."""
    try:
        channel, is_public = find_access(request, channel_id)
        before = timeline.parse_position(request.GET.get("before"))
        html = rendering.render_key_events(channel, before)
    except Exception as error:
        if not is_refusal(error):
            raise
        return to_django(refuse_for(error))
    response = HttpResponse(html)
    add_headers(response, PUBLIC_HEADERS if is_public else PRIVATE_HEADERS)
    return add_headers(response, get_site_headers(200, request.headers.get("Origin")))

from urllib.parse import urlencode

from django.urls import NoReverseMatch
from wagtail import hooks

from ...permissions import may_read
from .panels import EmbedPanel
from .snippets import get_source_url, make_url


@hooks.register("register_live_alternates")
def register_oembed(page, channel, request):
    """Let other systems discover the endpoint by the URL of the page."""
    url = get_source_url(page, request)
    try:
        endpoint = make_url(page, request, "live-oembed")
    except NoReverseMatch:
        return
    if url:
        query = urlencode({"url": url, "format": "json"})
        yield "application/json+oembed", f"{endpoint}?{query}"


@hooks.register("register_live_connections")
def register_embed(page, user):
    if may_read(user, page):
        yield EmbedPanel(page, user)

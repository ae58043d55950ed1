"""The page for frames, and the script of the sites that show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_bidi, override
from django.views import View

from ...delivery.access import find_access
from ...delivery.responses import (
    PRIVATE_HEADERS,
    PUBLIC_HEADERS,
    add_headers,
    is_refusal,
    refuse_for,
    to_django,
)
from ...page import rendering
from .policy import get_policy
from .snippets import get_source_url

SCRIPT = Path(__file__).parent / "static" / "wagtail_live" / "embed" / "frame.js"
SCRIPT_AGE = (
    3600  # seconds: its URL is on other sites, and can't change with its content
)


@method_decorator(login_not_required, name="dispatch")  # the view checks access
class AccessView(View):
    """A view of what readers may see. Refusals are those of the updates."""

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(*args, **kwargs)
        except Exception as error:
            if not is_refusal(error):
                raise
            return to_django(refuse_for(error))


class EmbedView(AccessView):
    """A live blog without the site around it, for a frame on another site.

    Links within the blog are relative. They open in the top window, where the view sends
    readers to the page itself.
    """

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        channel, is_public = find_access(request, channel_id)
        page = channel.page.specific
        source_url = get_source_url(page, request)
        response = self.go_to_page(request, source_url) or HttpResponse(
            self.render(request, page, source_url, channel)
        )
        response.headers["Content-Security-Policy"] = get_policy(is_public=is_public)
        # The policy replaces it, and it could name no other site.
        response.xframe_options_exempt = True
        add_headers(response, PUBLIC_HEADERS if is_public else PRIVATE_HEADERS)
        patch_vary_headers(response, ["Sec-Fetch-Dest"])
        return response

    def go_to_page(
        self, request: HttpRequest, source_url: str | None
    ) -> HttpResponse | None:
        """Redirect from a link to a post, or to older ones in the top window."""
        is_in_window = request.headers.get("Sec-Fetch-Dest") == "document"
        is_of_post = "post" in request.GET
        if source_url and (is_of_post or (is_in_window and "before" in request.GET)):
            return redirect(f"{source_url}?{request.GET.urlencode()}")
        return None

    def render(
        self, request: HttpRequest, page: Any, source_url: str | None, channel: Any
    ) -> str:
        site = rendering.find_site(page)
        with override(channel.language):
            is_bidi = get_language_bidi()
        context = {
            "page": page,
            "page_url": rendering.get_page_url(page, request),
            "source_url": source_url,
            "channel": channel,
            "is_bidi": is_bidi,
            "site_name": site and (site.site_name or site.hostname),
            "request": request,
        }
        # Without the site's context processors, which may read the session.
        return render_to_string("wagtail_live/embed/page.html", context)


@login_not_required
def script_view(request: HttpRequest) -> HttpResponse:
    """Return the script that sizes frames, at a URL that does not change."""
    response = HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript")
    response["Cache-Control"] = f"public, max-age={SCRIPT_AGE}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response

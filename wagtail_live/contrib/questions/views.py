"""Where readers send questions, and what they see without JavaScript."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ...delivery.access import find_access
from ...delivery.responses import is_refusal, refuse, refuse_for, to_django
from ...models import Channel
from ...page.rendering import get_page_url
from ..visitors import is_from_site
from .inbox import QuestionForm, Refused, is_open, take

HOUR = "3600"


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_exempt, name="dispatch")  # cached pages have no token
class QuestionView(View):
    """Takes a question from a page of the site. Responses are JSON for scripts, and pages
    for others."""

    http_method_names = ["post"]

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(*args, **kwargs)
        except Exception as error:
            if not is_refusal(error):
                raise
            return to_django(refuse_for(error))

    def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        if not is_from_site(request):
            return to_django(refuse(403, "Only pages of this site may send questions."))
        channel, _is_public = find_access(request, channel_id)
        form = QuestionForm(request.POST)
        is_script = request.headers.get("Accept") == "application/json"
        with override(channel.language):
            try:
                take(channel, request, form)
            except Refused as refusal:
                return self.refuse(request, channel, form, refusal, is_script)
            if is_script:
                return JsonResponse({"message": get_thanks()}, status=201)
        return redirect("live-question-sent", channel_id, permanent=False)

    def refuse(
        self,
        request: HttpRequest,
        channel: Channel,
        form: QuestionForm,
        refusal: Refused,
        is_script: bool,
    ) -> HttpResponse:
        if is_script:
            response: HttpResponse = JsonResponse(
                {"error": str(refusal)}, status=refusal.status
            )
        else:
            context = {"form": form, "error": str(refusal), "is_open": is_open(channel)}
            response = render_page(request, channel, status=refusal.status, **context)
        if refusal.status == 429:
            response["Retry-After"] = HOUR
        return response


@method_decorator(login_not_required, name="dispatch")
class SentView(View):
    """Thanks readers without JavaScript."""

    def get(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        try:
            channel, _is_public = find_access(request, channel_id)
        except Exception as error:
            if not is_refusal(error):
                raise
            return to_django(refuse_for(error))
        with override(channel.language):
            return render_page(request, channel, message=get_thanks())


def get_thanks() -> str:
    return _("Thank you. An editor will read your question.")


def render_page(
    request: HttpRequest, channel: Channel, status: int = 200, **context: Any
) -> HttpResponse:
    page = channel.page.specific_deferred
    context |= {
        "page": page,
        "channel": channel,
        "page_url": page.get_url(request) or get_page_url(page, request),
        "is_bidi": get_language_bidi(),
    }
    html = render_to_string("wagtail_live/questions/page.html", context)
    # It may be a restricted page, and has what the reader wrote.
    headers = {"Cache-Control": "private, no-store"}
    return HttpResponse(html, status=status, headers=headers)

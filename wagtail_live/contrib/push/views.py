"""The endpoints of the browser, and its service worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ...delivery.access import ChannelGone, find_access, get_channel
from ...delivery.responses import is_refusal, refuse, refuse_for, to_django
from ...models import Channel
from ..visitors import is_from_site, is_too_often
from . import conf
from .subscriptions import InvalidSubscription, subscribe, unsubscribe

WORKER = Path(__file__).parent / "static" / "wagtail_live" / "push" / "worker.js"
WORKER_AGE = 3600  # seconds; browsers ask again once a day at least
MAX_BODY = 4096  # bytes
HOUR = 3600  # seconds


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_exempt, name="dispatch")  # cached pages have no token
class SubscriptionView(View):
    """Changes a subscription, for the pages of the site only."""

    http_method_names: ClassVar = ["post"]
    action: ClassVar[str]
    change: Callable

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(*args, **kwargs)
        except Exception as error:
            if not is_refusal(error):
                raise
            return to_django(refuse_for(error))

    def post(self, request: HttpRequest, channel_id: str) -> HttpResponse:
        if not is_from_site(request) or request.content_type != "application/json":
            return to_django(refuse(403, "Only pages of this site may subscribe."))
        if is_too_often(request, self.action, conf.get_limit(), HOUR):
            response = to_django(refuse(429, "Too many requests; try again later."))
            response["Retry-After"] = str(HOUR)
            return response
        channel = self.find_channel(request, channel_id)
        try:
            if len(request.body) > MAX_BODY:
                raise InvalidSubscription("The subscription is too large.")
            type(self).change(channel, json.loads(request.body))
        except (
            InvalidSubscription,
            ValueError,
            RecursionError,
            RequestDataTooBig,
        ) as error:
            is_ours = isinstance(error, InvalidSubscription)
            reason = str(error) if is_ours else "The body is not valid JSON."
            return to_django(refuse(400, reason))
        return HttpResponse(status=204)

    def find_channel(self, request: HttpRequest, channel_id: str) -> Channel:
        raise NotImplementedError


class SubscribeView(SubscriptionView):
    action = "subscribe"
    change = staticmethod(subscribe)

    def find_channel(self, request: HttpRequest, channel_id: str) -> Channel:
        """Find a channel that everybody may follow: others have no alerts."""
        channel, is_public = find_access(request, channel_id)
        if not is_public or not conf.get_private_key():
            raise ChannelGone(channel_id)
        return channel


class UnsubscribeView(SubscriptionView):
    action = "unsubscribe"
    change = staticmethod(unsubscribe)

    def find_channel(self, request: HttpRequest, channel_id: str) -> Channel:
        """Find any channel, since a page may have been restricted in the meantime."""
        channel = get_channel(channel_id)
        if channel is None:
            raise ChannelGone(channel_id)
        return channel


@login_not_required
def worker_view(request: HttpRequest) -> HttpResponse:
    """Return the service worker. The page registers it for its own folder, so that it
    never replaces a worker of the site; the header allows the site to choose another."""
    response = HttpResponse(WORKER.read_bytes(), content_type="text/javascript")
    response["Cache-Control"] = f"public, max-age={WORKER_AGE}"
    response["Service-Worker-Allowed"] = get_script_prefix()
    return response

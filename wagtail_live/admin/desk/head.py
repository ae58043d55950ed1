"""State and key points of the coverage."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ...models import ChannelState
from ...posts import channel as coverage
from ..base import JSONView, json_error
from .forms import SummaryForm
from .rendering import render_head


class StateView(JSONView):
    """Starts, pauses, ends or reopens the coverage."""

    http_method_names = ("post",)

    def post(self, request):
        self.require(self.rights.may_publish)
        state = request.POST.get("state")
        if state not in ChannelState:
            raise PermissionDenied
        channel = coverage.set_state(self.channel, state, user=request.user)
        return JsonResponse({"head": render_head(channel, self.rights)})


class SummaryView(JSONView):
    """The form of the key points. ``expected`` is the text that it was made from."""

    def get(self, request):
        self.require(self.rights.may_publish)
        form = SummaryForm(instance=self.channel, prefix="key-points")
        return JsonResponse({"html": self.render(form)})

    def post(self, request):
        self.require(self.rights.may_publish)
        theirs = self.channel.summary
        form = SummaryForm(request.POST, instance=self.channel, prefix="key-points")
        if not form.is_valid():
            html = self.render(form)
            return json_error(_("The key points have errors."), 422, html=html)
        if request.POST.get("expected") != theirs:
            return self.show_conflict(form.cleaned_data["summary"], theirs)
        channel = coverage.summarise(
            self.channel, form.cleaned_data["summary"], user=request.user
        )
        return JsonResponse({"head": render_head(channel, self.rights)})

    def render(self, form):
        context = {"form": form, "expected": form.initial["summary"]}
        return render_to_string(
            "wagtail_live/desk/summary_form.html", context, self.request
        )

    def show_conflict(self, mine, theirs):
        context = {"my_summary": mine, "their_summary": theirs}
        return json_error(
            _("Somebody else has changed the key points meanwhile."),
            409,
            conflict=render_to_string("wagtail_live/desk/conflict.html", context),
            version=theirs,
        )

"""The form of the stage's fields on the desk, such as a score."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.template.loader import render_to_string

from ... import posts
from ...models import Channel
from ...posts.stage import get_form
from ..base import DeskRights, JSONView


def render_stage_form(
    page: Any, channel: Channel, rights: DeskRights, values: Any = None
) -> str:
    """Render the form with the values that readers see, or with the errors of others;
    empty for a page type without one, and for users who may not set them."""
    form = get_form(page, channel, values) if rights.may_publish else None
    if form is None:
        return ""
    return render_to_string("wagtail_live/desk/stage.html", {"form": form})


class StageView(JSONView):
    """Sets the fields that the user has changed, and leaves those of others alone.

    The script names them in ``changed``, since browsers send nothing for boxes and lists
    where nothing is chosen.
    """

    def post(self, request):
        self.require(self.rights.may_publish)
        form = get_form(self.page, self.channel)
        changed = request.POST.getlist("changed")
        names = [
            name
            for name in (form.fields if form else ())
            if name in changed or form.add_prefix(name) in request.POST
        ]
        values = {
            name: form.fields[name].widget.value_from_datadict(
                request.POST, request.FILES, form.add_prefix(name)
            )
            for name in names
        }
        try:
            channel = posts.update_stage(self.channel, values, actor=request.user)
        except ValidationError:
            sent = {**(self.channel.stage_values or {}), **values}
            html = render_stage_form(self.page, self.channel, self.rights, sent)
            return JsonResponse({"html": html, "is_saved": False})
        html = render_stage_form(self.page, channel, self.rights)
        return JsonResponse({"html": html, "is_saved": True})

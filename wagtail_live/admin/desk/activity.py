"""The desk's side of what readers are told beside the posts, and the number of readers."""

from __future__ import annotations

from django.http import JsonResponse
from django.utils.formats import number_format
from django.utils.translation import ngettext

from ... import conf
from ...desks import people
from ...models import ReaderCount
from ..base import JSONView


def get_readers_text(channel) -> str:
    """Return the number of readers in words."""
    totals = ReaderCount.objects.get_totals([channel.channel_id])
    number = totals.get(channel.channel_id, 0)
    text = ngettext("%(count)s reader", "%(count)s readers", number)
    return text % {"count": number_format(number, use_l10n=True, force_grouping=True)}


class ActivityView(JSONView):
    """The number of readers, and a note that the user writes a new post."""

    def get(self, request):
        is_counted = conf.has_reader_counts() and self.channel.pk
        return JsonResponse(
            {"readers": get_readers_text(self.channel) if is_counted else ""}
        )

    def post(self, request):
        self.require(self.rights.may_draft)
        if conf.shows_writing() and self.channel.pk:
            tab = request.POST.get("tab", "")[: people.MAX_TAB]
            is_writing = request.POST.get("writing") == "1"
            people.note_writing(
                self.channel, request.user.pk, tab, is_writing=is_writing
            )
        return JsonResponse({})

"""What the views below a live page share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ...permissions import may_read
from ..desk.permissions import get_live_page


class ConnectionMixin:
    """For those who may publish the page, also while it is locked; with
    ``is_for_editors`` for all who may write it."""

    request: HttpRequest
    model: Any
    section = ""  # the middle of the URLs' names
    is_for_editors = False
    any_permission_required = None
    permission_required = None
    header_icon = "link"

    def setup(self, request, *args, page_id, **kwargs):
        """Wagtail's views look their object up before they are dispatched."""
        self.page = get_live_page(page_id)
        super().setup(request, *args, page_id=page_id, **kwargs)

    def dispatch(self, request, *args, **kwargs):
        may_see = self.is_for_editors and may_read(request.user, self.page)
        if not may_see and not self.may_publish:
            return render(request, "wagtail_live/desk/forbidden.html", status=403)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def may_publish(self) -> bool:
        return self.page.permissions_for_user(self.request.user).can_publish()

    @cached_property
    def channel(self):
        return self.page.live_channel

    def get_queryset(self):
        return self.model.objects.filter(channel=self.channel)

    def get_url(self, name: str, *args) -> str:
        url_name = f"wagtail_live_connections:{self.section}_{name}"
        return reverse(url_name, args=[self.page.pk, *args])

    def get_add_url(self):
        return self.get_url("add")

    def get_edit_url(self, instance=None):
        return self.get_url("edit", (instance or self.object).pk)

    def get_delete_url(self, instance=None):
        return self.get_url("delete", (instance or self.object).pk)

    def get_success_url(self):
        return self.get_url("index")

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        desk = reverse("wagtail_live:index", args=[self.page.pk])
        items = [
            {"url": reverse("wagtail_live:live"), "label": _("Live")},
            {"url": desk, "label": self.page.get_admin_display_title()},
        ]
        plural = self.model._meta.verbose_name_plural
        index = {"url": self.get_url("index"), "label": plural[:1].upper() + plural[1:]}
        title = {"url": "", "label": self.get_page_title()}
        if self.request.path == index["url"]:
            return [*self.breadcrumbs_items, *items, title]
        return [*self.breadcrumbs_items, *items, index, title]


def show_secret(view, secret: str, note: str) -> HttpResponse:
    """The only page that ever shows a secret. It is no message, which is stored."""
    context = {
        **view.get_context_data(),
        "secret": secret,
        "note": note,
        "index_url": view.get_success_url(),
    }
    template = "wagtail_live/connections/secret.html"
    return render(view.request, template, context)

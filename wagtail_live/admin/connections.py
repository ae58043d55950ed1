"""Base class of the admin views of API tokens and webhooks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst

from .base import LivePageViewMixin


class ConnectionMixin(LivePageViewMixin):
    """A generic view for users who may publish the page, even while it is locked; with
    ``is_for_editors``, for users who may edit it."""

    model: Any
    url_prefix = ""  # of the views' URL names
    is_for_editors = False
    header_icon = "link"

    def is_allowed(self) -> bool:
        return self.may_publish or (self.is_for_editors and self.rights.may_read)

    @cached_property
    def may_publish(self) -> bool:
        return self.page.permissions_for_user(self.request.user).can_publish()

    def get_queryset(self):
        return self.model.objects.filter(channel__page=self.page)

    def get_url(self, name: str, *args) -> str:
        url_name = f"wagtail_live_connections:{self.url_prefix}_{name}"
        return reverse(url_name, args=[self.page.pk, *args])

    def get_add_url(self):
        return self.get_url("add")

    def get_edit_url(self, instance=None):
        return self.get_url("edit", (instance or self.object).pk)

    def get_delete_url(self, instance=None):
        return self.get_url("delete", (instance or self.object).pk)

    def get_success_url(self):
        return self.get_url("index")

    def get_section(self):
        return self.get_url("index"), capfirst(self.model._meta.verbose_name_plural)


def show_secret(view, secret: str, note: str) -> HttpResponse:
    """Render the secret, once; not as a message, because Django stores messages."""
    context = {
        **view.get_context_data(),
        "secret": secret,
        "note": note,
        "index_url": view.get_success_url(),
    }
    return render(view.request, "wagtail_live/connections/secret.html", context)

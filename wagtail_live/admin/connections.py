"""The page of a live page's connections, and the base classes of what is on it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from ..models import LivePageMixin
from .base import LivePageViewMixin


class ConnectionsPanel(Component):
    """A section of the page of connections, for users who may use it.

    Apps add theirs with the hook ``register_live_connections(page, user)``.
    """

    name = ""  # of the anchor
    heading: Any = ""
    icon_name = "link"
    order = 1000
    # False if it only says what a developer has to do first: no button leads to it.
    is_ready = True

    def __init__(self, page: LivePageMixin, user):
        self.page = page
        self.user = user

    def get_context_data(self, parent_context=None):
        context = super().get_context_data(parent_context)
        request = parent_context["request"]
        token = parent_context["csrf_token"]
        return {**context, "page": self.page, "request": request, "csrf_token": token}


def get_panels(page: LivePageMixin, user) -> list[ConnectionsPanel]:
    """Return the sections that a user may use, without reading their content."""
    panels = [
        panel
        for get_some in hooks.get_hooks("register_live_connections")
        for panel in get_some(page, user)
    ]
    return sorted(panels, key=lambda panel: panel.order)


def has_connections(page: LivePageMixin, user) -> bool:
    """Return whether there is a section to which a button should lead the user."""
    return any(panel.is_ready for panel in get_panels(page, user))


def get_connections_url(page: LivePageMixin, name: str = "") -> str:
    """Return the URL of the connections of a page, or of one of its sections."""
    url = reverse("wagtail_live:connections", args=[page.pk])
    return f"{url}#{name}-section" if name else url


def may_publish(user, page: LivePageMixin) -> bool:
    """Return whether the user may publish the page, even while it is locked."""
    return page.permissions_for_user(user).can_publish()


class ConnectionsPageMixin(LivePageViewMixin):
    """A view on or below the page of connections."""

    header_icon = "link"

    def get_section(self):
        return get_connections_url(self.page), _("Connections")


class ConnectionsView(ConnectionsPageMixin, WagtailAdminTemplateMixin, TemplateView):
    """The page of what connects a live page with other systems, in sections."""

    template_name = "wagtail_live/connections/index.html"
    page_title = gettext_lazy("Connections")

    def is_allowed(self) -> bool:
        return bool(self.panels)

    @cached_property
    def panels(self) -> list[ConnectionsPanel]:
        return get_panels(self.page, self.request.user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(page=self.page, panels=self.panels, **kwargs)


class ConnectionMixin(ConnectionsPageMixin):
    """A generic view for users who may publish the page, even while it is locked; with
    ``is_for_editors``, for users who may edit it."""

    model: Any
    url_prefix = ""  # of the views' URL names
    is_for_editors = False

    def is_allowed(self) -> bool:
        return self.may_publish or (self.is_for_editors and self.rights.may_read)

    @cached_property
    def may_publish(self) -> bool:
        return may_publish(self.request.user, self.page)

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
        return get_connections_url(self.page, self.url_prefix)


def show_secret(view, secret: str, note: str, example: str = "") -> HttpResponse:
    """Render the secret, once; not as a message, because Django stores messages."""
    context = {
        **view.get_context_data(),
        "secret": secret,
        "note": note,
        "example": example,
        "index_url": view.get_success_url(),
    }
    return render(view.request, "wagtail_live/connections/secret.html", context)

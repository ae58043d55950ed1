"""The admin views of webhooks and their deliveries."""

from __future__ import annotations

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import HeaderButton

from ..admin.connections import ConnectionMixin, show_secret
from .models import WebhookDelivery, WebhookEndpoint, validate_https
from .payloads import get_type


class WebhookForm(forms.ModelForm):
    url = forms.URLField(
        label=gettext_lazy("URL"),
        max_length=500,
        assume_scheme="https",
        validators=[validate_https],
        help_text=gettext_lazy(
            "Receives a signed POST request for each update that readers see. It must "
            "begin with https:// and be on a public network."
        ),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "is_active")


class WebhookMixin(ConnectionMixin):
    model = WebhookEndpoint
    url_prefix = "webhooks"


class WebhooksView(WebhookMixin, generic.IndexView):
    page_title = gettext_lazy("Webhooks")
    default_ordering = "name"
    add_item_label = gettext_lazy("Add a webhook")

    @cached_property
    def list_display(self):
        return [
            "name",
            Column("url", label=_("URL")),
            BooleanColumn("is_active", label=_("Active")),
            DateColumn("last_success_at", label=_("Last success")),
            DateColumn("last_failure_at", label=_("Last failure")),
            Column("last_error", label=_("Last error")),
        ]


class WebhookAddView(WebhookMixin, generic.CreateView):
    form_class = WebhookForm
    page_title = gettext_lazy("New webhook")

    def save_instance(self):
        self.form.instance.channel = self.page.live_channel
        return super().save_instance()

    def save_action(self):
        note = _("The receiver verifies the signatures of webhooks with it.")
        return show_secret(self, self.object.secret, note)


class WebhookEditView(WebhookMixin, generic.EditView):
    form_class = WebhookForm
    page_title = gettext_lazy("Webhook")
    success_message = gettext_lazy("Webhook updated.")
    error_message = gettext_lazy("The webhook could not be saved due to errors.")

    def get_success_buttons(self):
        return []

    @cached_property
    def header_buttons(self):
        url = self.get_url("deliveries", self.object.pk)
        return [HeaderButton(_("Deliveries"), url, icon_name="list-ul")]


class WebhookDeleteView(WebhookMixin, generic.DeleteView):
    page_title = gettext_lazy("Delete")
    success_message = gettext_lazy("Webhook “%(object)s” deleted.")


class DeliveriesView(WebhookMixin, generic.IndexView):
    """The deliveries of an endpoint, sent and waiting, newest first."""

    page_title = gettext_lazy("Deliveries")
    default_ordering = "-cursor"
    add_url = None

    def setup(self, request, *args, pk, **kwargs):
        self.endpoint_pk = pk
        super().setup(request, *args, **kwargs)

    def get_queryset(self):
        endpoint = get_object_or_404(super().get_queryset(), pk=self.endpoint_pk)
        return WebhookDelivery.objects.filter(endpoint=endpoint)

    @cached_property
    def columns(self):
        return [
            DateColumn("cursor", label=_("Time")),
            Column("action", label=_("Update"), accessor=lambda d: get_type(d.action)),
            Column("attempts", label=_("Attempts")),
            DateColumn("delivered_at", label=_("Delivered")),
            DateColumn("due_at", label=_("Next attempt")),
            Column("error", label=_("Error")),
        ]

"""The admin views of webhooks and their deliveries."""

from __future__ import annotations

from django import forms
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.timezone import template_localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import HeaderButton

from ..admin.connections import ConnectionMixin, ConnectionsPanel, show_secret
from .models import WebhookDelivery, WebhookEndpoint, validate_https
from .outbox import send_test
from .payloads import get_type

SECTION = "webhooks"


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
    url_prefix = SECTION


class WebhooksPanel(ConnectionsPanel):
    """The section of webhooks, for users who may publish the page."""

    name = SECTION
    heading = gettext_lazy("Webhooks")
    icon_name = "redirect"
    order = 300
    template_name = "wagtail_live/connections/webhooks.html"

    def get_context_data(self, parent_context=None):
        endpoints = WebhookEndpoint.objects.filter(channel__page=self.page)
        return {
            **super().get_context_data(parent_context),
            "endpoints": endpoints.order_by("name", "pk"),
        }


class WebhookAddView(WebhookMixin, generic.CreateView):
    form_class = WebhookForm
    page_title = gettext_lazy("New webhook")

    def save_instance(self):
        self.form.instance.channel = self.page.live_channel
        return super().save_instance()

    def save_action(self):
        note = _(
            "The other system needs this secret to verify the signatures of webhooks. "
            "When that is set up, open the webhook under Connections and send a test."
        )
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


class WebhookTestView(WebhookMixin, View):
    """Send a delivery that says that it is a test, as others are sent."""

    def post(self, request, pk):
        endpoint = get_object_or_404(self.get_queryset(), pk=pk, is_active=True)
        send_test(endpoint)
        done = _("Test delivery created. Its result appears here in a moment.")
        messages.success(request, done)
        return redirect(self.get_url("deliveries", pk))


class WebhookDeleteView(WebhookMixin, generic.DeleteView):
    page_title = gettext_lazy("Delete")
    success_message = gettext_lazy("Webhook “%(object)s” deleted.")


class DeliveriesView(WebhookMixin, generic.IndexView):
    """The deliveries of an endpoint, sent and waiting, newest first."""

    page_title = gettext_lazy("Deliveries")
    default_ordering = "-cursor"
    template_name = "wagtail_live/connections/deliveries.html"
    table_classname = "listing live-pages"
    add_url = None

    def setup(self, request, *args, pk, **kwargs):
        self.endpoint_pk = pk
        super().setup(request, *args, **kwargs)

    def get_queryset(self):
        return WebhookDelivery.objects.filter(endpoint=self.endpoint)

    @cached_property
    def endpoint(self) -> WebhookEndpoint:
        return get_object_or_404(super().get_queryset(), pk=self.endpoint_pk)

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        return {**context, "endpoint": self.endpoint, "page": self.page}

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "action", label=_("Update"), accessor=lambda d: get_type(d.action)
            ),
            DateColumn("cursor", label=_("Time")),
            StatusTagColumn(
                "state",
                label=_("Status"),
                accessor=get_state,
                primary=lambda delivery: delivery.delivered_at,
            ),
            Column("result", label=_("Result"), accessor=describe_result),
        ]


def get_state(delivery: WebhookDelivery) -> str:
    if delivery.delivered_at:
        return _("Delivered")
    return _("Waiting") if delivery.due_at else _("Failed")


def describe_result(delivery: WebhookDelivery) -> str:
    """Return the error and the number of attempts, with the time of the next one."""
    count = delivery.attempts
    attempts = ngettext("%(count)s attempt", "%(count)s attempts", count)
    parts = [delivery.error, attempts % {"count": count} if count else ""]
    if count and delivery.due_at:
        moment = date_format(
            template_localtime(delivery.due_at), "SHORT_DATETIME_FORMAT"
        )
        parts.append(_("next on %(date)s") % {"date": moment})
    return ", ".join(filter(None, parts))

from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import Button

from . import views


@hooks.register("register_live_connection_urls")
def register_webhook_urls():
    return [
        path("webhooks/", views.WebhooksView.as_view(), name="webhooks_index"),
        path("webhooks/add/", views.WebhookAddView.as_view(), name="webhooks_add"),
        path(
            "webhooks/<int:pk>/", views.WebhookEditView.as_view(), name="webhooks_edit"
        ),
        path(
            "webhooks/<int:pk>/delete/",
            views.WebhookDeleteView.as_view(),
            name="webhooks_delete",
        ),
        path(
            "webhooks/<int:pk>/deliveries/",
            views.DeliveriesView.as_view(),
            name="webhooks_deliveries",
        ),
    ]


@hooks.register("register_live_connection_buttons")
def webhook_buttons(page):
    url = reverse("wagtail_live_connections:webhooks_index", args=[page.pk])
    return [Button(_("Webhooks"), url, icon_name="link", priority=36)]

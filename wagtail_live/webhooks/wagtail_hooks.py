from django.urls import path
from wagtail import hooks

from ..admin.connections import may_publish
from . import views


@hooks.register("register_live_connection_urls")
def register_webhook_urls():
    return [
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
            "webhooks/<int:pk>/test/",
            views.WebhookTestView.as_view(),
            name="webhooks_test",
        ),
        path(
            "webhooks/<int:pk>/deliveries/",
            views.DeliveriesView.as_view(),
            name="webhooks_deliveries",
        ),
    ]


@hooks.register("register_live_connections")
def register_webhooks(page, user):
    if may_publish(user, page):
        yield views.WebhooksPanel(page, user)

"""URLs below ``<admin>/live/<page id>/``."""

from django.urls import path

from . import tokens, webhooks

app_name = "wagtail_live_connections"

urlpatterns = [
    path("tokens/", tokens.TokensView.as_view(), name="tokens_index"),
    path("tokens/add/", tokens.TokenAddView.as_view(), name="tokens_add"),
    path(
        "tokens/<int:pk>/revoke/",
        tokens.TokenRevokeView.as_view(),
        name="tokens_delete",
    ),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="webhooks_index"),
    path("webhooks/add/", webhooks.WebhookAddView.as_view(), name="webhooks_add"),
    path(
        "webhooks/<int:pk>/", webhooks.WebhookEditView.as_view(), name="webhooks_edit"
    ),
    path(
        "webhooks/<int:pk>/delete/",
        webhooks.WebhookDeleteView.as_view(),
        name="webhooks_delete",
    ),
    path(
        "webhooks/<int:pk>/deliveries/",
        webhooks.DeliveriesView.as_view(),
        name="webhooks_deliveries",
    ),
]

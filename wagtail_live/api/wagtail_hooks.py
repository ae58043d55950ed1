from django.urls import path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets import Button

from .tokens import TokenAddView, TokenRevokeView, TokensView


@hooks.register("register_live_connection_urls")
def register_token_urls():
    return [
        path("tokens/", TokensView.as_view(), name="tokens_index"),
        path("tokens/add/", TokenAddView.as_view(), name="tokens_add"),
        path(
            "tokens/<int:pk>/revoke/", TokenRevokeView.as_view(), name="tokens_delete"
        ),
    ]


@hooks.register("register_live_connection_buttons")
def token_buttons(page):
    url = reverse("wagtail_live_connections:tokens_index", args=[page.pk])
    return [Button(_("API tokens"), url, icon_name="link", priority=36)]

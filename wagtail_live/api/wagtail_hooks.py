from django.urls import path
from wagtail import hooks

from ..permissions import may_read
from .tokens import TokenAddView, TokenRevokeView, TokensPanel


@hooks.register("register_live_connection_urls")
def register_token_urls():
    return [
        path("tokens/add/", TokenAddView.as_view(), name="tokens_add"),
        path(
            "tokens/<int:pk>/revoke/", TokenRevokeView.as_view(), name="tokens_delete"
        ),
    ]


@hooks.register("register_live_connections")
def register_tokens(page, user):
    if may_read(user, page):
        yield TokensPanel(page, user)

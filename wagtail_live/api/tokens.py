"""The admin views of API tokens."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminDateTimeInput

from .. import cursors
from ..admin.connections import (
    ConnectionMixin,
    ConnectionsPanel,
    may_publish,
    show_secret,
)
from ..admin.listing import get_live_pages
from ..models import Channel
from .models import ApiToken

MACHINE, ME = "machine", "me"
SECTION = "tokens"
MAX_REVOKED = 10


class TokenForm(forms.ModelForm):
    """A token for the user, or for a machine, whose permissions are limited to those of
    its creator."""

    bearer = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[(ME, gettext_lazy("Me")), (MACHINE, gettext_lazy("A machine"))],
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Your token never has more permissions than you have on the page when it is "
            "used. "
            "A machine's token keeps its permissions, but stops working when your "
            "account is "
            "deactivated or deleted."
        ),
    )
    pages = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Live pages"),
        queryset=None,
        help_text=gettext_lazy("The token can post on these pages only."),
    )

    class Meta:
        model = ApiToken
        fields = ("name", "bearer", "pages", "may_publish", "expires_at")
        widgets = {"expires_at": AdminDateTimeInput}

    def __init__(self, *args, user, page, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["pages"].queryset = get_live_pages(user).order_by("title")
        self.fields["pages"].initial = [page.pk]
        self.fields["bearer"].initial = ME

    def clean_expires_at(self):
        moment = self.cleaned_data["expires_at"]
        moment = moment and cursors.to_aware(moment)
        if moment and moment <= cursors.now():
            raise ValidationError(_("This time is in the past."))
        return moment

    def clean(self):
        values = super().clean()
        if values.get("bearer") == MACHINE and values.get("may_publish"):
            for page in values.get("pages", ()):
                rights = page.specific_deferred.permissions_for_user(self.user)
                if not rights.can_publish():
                    reason = _("You do not have permission to publish “%(page)s”.")
                    error = ValidationError(reason, params={"page": page.title})
                    self.add_error("may_publish", error)
        return values

    def issue(self) -> tuple[ApiToken, str]:
        values = self.cleaned_data
        return ApiToken.objects.issue(
            [Channel.objects.for_page(page) for page in values["pages"]],
            name=values["name"],
            user=self.user if values["bearer"] == ME else None,
            may_publish=values["may_publish"],
            expires_at=values["expires_at"],
            created_by=self.user,
        )


class TokenMixin(ConnectionMixin):
    model = ApiToken
    url_prefix = SECTION
    is_for_editors = True

    def get_queryset(self):
        return find_tokens(self.page, self.request.user)


class TokensPanel(ConnectionsPanel):
    """The section of API tokens: those that the user created, or all if they may publish
    the page."""

    name = SECTION
    heading = gettext_lazy("API tokens")
    icon_name = "key"
    order = 200
    template_name = "wagtail_live/connections/tokens.html"

    def get_context_data(self, parent_context=None):
        tokens = list(find_tokens(self.page, self.user).order_by("-created_at"))
        valid = ApiToken.objects.valid(cursors.now()).filter(channels__page=self.page)
        valid_keys = set(valid.values_list("pk", flat=True))
        for token in tokens:
            token.state = get_state(token, is_valid=token.pk in valid_keys)
            token.is_usable = token.pk in valid_keys
        in_use = [token for token in tokens if not token.revoked_at]
        revoked = [token for token in tokens if token.revoked_at]
        return {
            **super().get_context_data(parent_context),
            "tokens": [*in_use, *revoked[:MAX_REVOKED]],
        }


def find_tokens(page, user):
    """Return the tokens for a page that the user may revoke."""
    tokens = ApiToken.objects.filter(channels__page=page)
    tokens = tokens.select_related("user", "created_by")
    return tokens if may_publish(user, page) else tokens.filter(created_by=user)


class TokenAddView(TokenMixin, generic.CreateView):
    form_class = TokenForm
    page_title = gettext_lazy("New API token")

    def get_form_kwargs(self):
        return {
            **super().get_form_kwargs(),
            "user": self.request.user,
            "page": self.page,
        }

    def save_instance(self):
        token, self.secret = self.form.issue()
        return token

    def save_action(self):
        note = _(
            "Send the token in the header “Authorization: Bearer …”. Test it with this "
            "command, which reads the page through the API."
        )
        channel = self.page.live_channel
        path = reverse("live-api-channel", args=[channel.channel_id])
        url = self.request.build_absolute_uri(path)
        example = f'curl -H "Authorization: Bearer {self.secret}" {url}'
        return show_secret(self, self.secret, note, example)


class TokenRevokeView(TokenMixin, generic.DeleteView):
    page_title = gettext_lazy("Revoke")
    success_message = gettext_lazy("Token “%(object)s” revoked.")
    template_name = "wagtail_live/connections/revoke.html"

    @property
    def confirmation_message(self):
        return _(
            "The token stops working at once, on all of its pages. This can't be undone."
        )

    def delete_action(self):
        self.object.revoke()


def get_state(token: ApiToken, *, is_valid: bool) -> str:
    if token.revoked_at:
        return _("Revoked")
    if token.created_by and not token.created_by.is_active:
        return _("Account deactivated")
    return _("Valid") if is_valid else _("Expired")

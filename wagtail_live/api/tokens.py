"""The admin views of API tokens."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets import AdminDateTimeInput, Button

from .. import cursors
from ..admin.connections import ConnectionMixin, show_secret
from ..admin.listing import get_live_pages
from ..models import Channel
from .models import ApiToken

MACHINE, ME = "machine", "me"


class TokenForm(forms.ModelForm):
    """A token for the user, or for a machine, whose permissions are limited to those of
    its creator."""

    bearer = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[(ME, gettext_lazy("Me")), (MACHINE, gettext_lazy("A machine"))],
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Your token never has more permissions than you have on the page when it is used. "
            "A machine's token keeps its permissions, but stops working when your account is "
            "deactivated or deleted."
        ),
    )
    pages = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Live pages"),
        queryset=None,
        help_text=gettext_lazy("The token can write these pages and no others."),
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
                    reason = _("You don't have permission to publish “%(page)s”.")
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
    url_prefix = "tokens"
    is_for_editors = True

    def get_queryset(self):
        """Return the tokens that the user created, or all if they may publish the page."""
        tokens = ApiToken.objects.filter(channels__page=self.page)
        tokens = tokens.select_related("user", "created_by")
        own = tokens.filter(created_by=self.request.user)
        return tokens if self.may_publish else own


class TokensView(TokenMixin, generic.IndexView):
    page_title = gettext_lazy("API tokens")
    default_ordering = "-created_at"
    add_item_label = gettext_lazy("Add a token")

    @cached_property
    def list_display(self):
        return [
            "name",
            Column("bearer", label=_("For"), accessor=get_bearer),
            Column("created_by", label=_("Created by"), accessor=get_creator),
            StatusTagColumn(
                "state",
                label=_("Status"),
                accessor=get_state,
                primary=lambda token: token.is_valid,
            ),
            BooleanColumn("may_publish", label=_("May publish")),
            DateColumn("created_at", label=_("Created")),
            DateColumn("last_used_at", label=_("Last used")),
            DateColumn("expires_at", label=_("Expires")),
        ]

    def get_edit_url(self, instance=None):
        return None

    def get_list_more_buttons(self, instance):
        if instance.revoked_at:
            return []
        return [Button(_("Revoke"), self.get_delete_url(instance), icon_name="bin")]


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
        note = _("Send it in the header “Authorization: Bearer …”.")
        return show_secret(self, self.secret, note)


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


def get_bearer(token: ApiToken) -> str:
    return token.user.get_username() if token.user else _("A machine")


def get_creator(token: ApiToken) -> str:
    return token.created_by.get_username() if token.created_by else ""


def get_state(token: ApiToken) -> str:
    if token.revoked_at:
        return _("Revoked")
    if token.created_by and not token.created_by.is_active:
        return _("Account deactivated")
    return _("Valid") if token.is_valid else _("Expired")

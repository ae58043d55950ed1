"""Forms of sources and of who writes in them."""

from __future__ import annotations

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from ...models import Source, SourceAuthor
from ...receivers import get_receivers


class SourceForm(forms.ModelForm):
    """``instance`` has its channel already."""

    receiver = forms.ChoiceField(label=_("Receiver"))

    class Meta:
        model = Source
        fields = (
            *("receiver", "external_id", "label", "policy", "delay"),
            *("allowed_senders", "thread_replies", "include_bots"),
        )
        widgets = {"allowed_senders": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = {*get_receivers(), self.instance.receiver} - {""}
        self.fields["receiver"].choices = [(name, name) for name in sorted(names)]


class AuthorForm(forms.ModelForm):
    class Meta:
        model = SourceAuthor
        fields = ("name", "user")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        users = get_user_model()._default_manager.filter(is_active=True)
        self.fields["user"].queryset = users.order_by(get_user_model().USERNAME_FIELD)

"""The admin views that connect the channels of other platforms to a page."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import CreateView, DeleteView, UpdateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton

from ..models import Source, UnconnectedSource
from ..receivers import get_receivers
from ..receivers.guide import Guide
from .connections import ConnectionsPageMixin, get_connections_url

SECTION = "sources"


def get_guide(receiver: str) -> Guide:
    found = get_receivers().get(receiver)
    return found.guide if found else Guide()


def get_platform(receiver: str) -> str:
    """Return the name of a receiver's platform, and the receiver's own if it adds to it."""
    platform = str(get_guide(receiver).platform) or receiver
    if platform.casefold() == receiver.casefold():
        return platform
    return f"{platform} ({receiver})"


class SourceViewMixin(ConnectionsPageMixin):
    """A view for users who may publish the messages of a source."""

    header_icon = "mail"

    def is_allowed(self) -> bool:
        return self.rights.may_publish

    def get_success_url(self) -> str:
        return get_connections_url(self.page, SECTION)


class FormMixin(SourceViewMixin, WagtailAdminTemplateMixin):
    template_name = "wagtail_live/sources/form.html"
    done_message = gettext_lazy("“%s” saved.")

    def form_valid(self, form):
        response = super().form_valid(form)
        messages.success(self.request, self.done_message % self.object)
        return response


class SourceForm(forms.ModelForm):
    """The form of a source, in the words of its platform. The view sets the channel of a
    new one."""

    receiver = forms.ChoiceField(widget=forms.HiddenInput)

    class Meta:
        model = Source
        fields = (
            *("receiver", "external_id", "label", "policy", "delay"),
            *("allowed_senders", "thread_replies", "include_bots", "allows_presets"),
        )
        widgets = {
            "allowed_senders": forms.Textarea(attrs={"rows": 3}),
            "policy": forms.RadioSelect,
            "thread_replies": forms.RadioSelect,
        }
        help_texts = {
            "label": gettext_lazy(
                "A name for editors, such as “Reporters in the stadium”."
            )
        }

    def __init__(
        self,
        *args,
        guide: Guide,
        receivers,
        presets,
        requires_senders=False,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.guide = guide
        self.fields["receiver"].choices = [(name, name) for name in receivers]
        self.fields["external_id"].label = guide.id_label
        self.fields["external_id"].help_text = guide.id_help
        self.fields["allowed_senders"].help_text = guide.sender_help
        self.fields["allowed_senders"].required = requires_senders
        if not guide.has_threads:
            del self.fields["thread_replies"]
        if not guide.has_bots:
            del self.fields["include_bots"]
        if not presets:
            del self.fields["allows_presets"]
            return
        names = ", ".join(f"/{preset.name}" for preset in presets)
        self.fields["allows_presets"].help_text = _(
            "A message that begins with one of these starts with that preset: %(names)s"
        ) % {"names": names}

    def clean_external_id(self):
        entered = self.cleaned_data["external_id"]
        if entered == self.initial.get("external_id"):
            return entered
        if found := self.guide.find_id(entered):
            return found
        if self.guide.id_error:
            raise ValidationError(self.guide.id_error)
        error = _("This is not a valid %(platform)s ID. %(help)s")
        params = {"platform": self.guide.platform, "help": self.guide.id_help}
        raise ValidationError(error, params=params)

    def clean_allowed_senders(self):
        entered = self.cleaned_data["allowed_senders"]
        if entered == self.initial.get("allowed_senders"):
            return entered
        try:
            return self.guide.find_senders(entered)
        except ValueError as error:
            params = {"sender": str(error).strip()[:100]}
            text = _("“%(sender)s” is not a valid sender. Enter one per line.")
            raise ValidationError(text, params=params) from None


class SourceMixin(FormMixin):
    form_class = SourceForm

    @property
    def receiver(self) -> str:
        return self.object.receiver

    def get_queryset(self):
        return Source.objects.filter(channel__page=self.page)

    def get_form_kwargs(self):
        return {
            **super().get_form_kwargs(),
            "guide": get_guide(self.receiver),
            "receivers": [self.receiver],
            "requires_senders": getattr(
                get_receivers().get(self.receiver), "requires_senders", False
            ),
            "presets": self.page.live_presets,
        }

    def get_context_data(self, **kwargs):
        receiver = self.receiver
        return super().get_context_data(
            receiver=receiver,
            platform=get_platform(receiver),
            guide=get_guide(receiver),
            webhook_url=get_webhook_url(self.request, receiver),
            **kwargs,
        )


def get_webhook_url(request, receiver: str) -> str:
    """Return the URL to which the platform sends, and nothing if it sends to none."""
    if not get_guide(receiver).has_webhook:
        return ""
    return request.build_absolute_uri(reverse("live-webhook", args=[receiver]))


class AddSourceView(SourceMixin, CreateView):
    page_title = gettext_lazy("Connect a channel")

    @cached_property
    def receiver(self) -> str:
        """The receiver that was chosen, or the only one."""
        names = [*get_receivers()]
        data = self.request.POST or self.request.GET
        chosen = data.get("receiver", "")
        if chosen in names:
            return chosen
        return names[0] if len(names) == 1 and not chosen else ""

    def dispatch(self, request, *args, **kwargs):
        if self.is_allowed() and not self.receiver:
            return self.choose()
        return super().dispatch(request, *args, **kwargs)

    def choose(self):
        """Ask for the receiver, since fields and help depend on it."""
        choices = [
            {"name": name, "platform": get_platform(name)}
            for name in sorted(get_receivers())
        ]
        self.object = None
        context = WagtailAdminTemplateMixin.get_context_data(self, choices=choices)
        return render(self.request, "wagtail_live/sources/choose.html", context)

    def get_initial(self):
        external_id = self.request.GET.get("external_id", "")
        return {"receiver": self.receiver, "external_id": external_id}

    def form_valid(self, form):
        form.instance.channel = self.page.live_channel
        response = super().form_valid(form)
        UnconnectedSource.objects.filter(
            receiver=self.object.receiver, external_id=self.object.external_id
        ).delete()
        return response


class EditSourceView(SourceMixin, UpdateView):
    page_title = gettext_lazy("Source")

    @property
    def header_buttons(self):
        url = reverse("wagtail_live:delete_source", args=[self.page.pk, self.object.pk])
        yield HeaderButton(_("Disconnect"), url, icon_name="bin")


class DeleteSourceView(FormMixin, DeleteView):
    page_title = gettext_lazy("Disconnect")
    template_name = "wagtail_live/sources/delete.html"
    done_message = gettext_lazy("“%s” disconnected.")

    def get_queryset(self):
        return Source.objects.filter(channel__page=self.page)

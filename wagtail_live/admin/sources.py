"""The admin views of a page's sources, their authors, and failed deliveries."""

from __future__ import annotations

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import CreateView, DeleteView, TemplateView, UpdateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import HeaderButton

from .. import cursors
from ..background import later
from ..models import (
    FailedDelivery,
    LivePageMixin,
    ReceivedImage,
    ReceivedMessage,
    Source,
    SourceAuthor,
    UnconnectedSource,
)
from ..receivers import get_receivers
from ..receivers.base import Inbound
from ..receivers.failures import describe
from ..receivers.images import fetch_images
from ..receivers.intake import process
from .base import LivePageViewMixin

MAX_SHOWN = 50


def get_authors(page: LivePageMixin) -> list[SourceAuthor]:
    """Return the authors of a page's messages; ``known_as`` is the name on the platform."""
    received = ReceivedMessage.objects.filter(channel__page=page)
    written = received.exclude(sender_id="").order_by("sender_name")
    fields = ("receiver", "sender_id", "sender_name")
    names = {
        (receiver, sender): name
        for receiver, sender, name in written.values_list(*fields).distinct()
    }
    authors = SourceAuthor.objects.select_related("user").filter(
        receiver__in={receiver for receiver, _ in names},
        sender_id__in={sender for _, sender in names},
    )
    found = [
        author for author in authors if (author.receiver, author.sender_id) in names
    ]
    for author in found:
        author.known_as = names[author.receiver, author.sender_id]
    return sorted(found, key=lambda author: author.name or author.known_as)


def is_connected(**page) -> Exists:
    """Return a filter for rows whose source is connected to a page."""
    id = OuterRef("external_id")
    sources = Source.objects.filter(Q(external_id=id) | Q(former_id=id), **page)
    return Exists(sources.filter(receiver=OuterRef("receiver")))


def get_failed(page: LivePageMixin):
    """Return the failed deliveries to a page, and those of unknown sources."""
    return FailedDelivery.objects.filter(
        Q(external_id="") | is_connected(channel__page=page)
    )


class SourceViewMixin(LivePageViewMixin):
    """A view for users who may publish the messages of a source."""

    def is_allowed(self) -> bool:
        return self.rights.may_publish

    @property
    def sources_url(self) -> str:
        return reverse("wagtail_live:sources", args=[self.page.pk])


class SourcesPageMixin(SourceViewMixin, WagtailAdminTemplateMixin):
    page_title = gettext_lazy("Sources")
    header_icon = "mail"

    def get_section(self):
        return self.sources_url, _("Sources")


class SourcesView(SourcesPageMixin, TemplateView):
    """The sources of a page, their authors, and deliveries that failed."""

    template_name = "wagtail_live/sources/index.html"

    @property
    def header_buttons(self):
        add = reverse("wagtail_live:add_source", args=[self.page.pk])
        if get_receivers():
            yield HeaderButton(_("Connect a channel"), add, icon_name="plus")

    def get_context_data(self, **kwargs):
        sources = Source.objects.filter(channel__page=self.page)
        received = ReceivedMessage.objects.filter(channel__page=self.page)
        unconnected = UnconnectedSource.objects.filter(
            ~is_connected(), receiver__in=get_receivers()
        )
        images = ReceivedImage.objects.filter(message__channel__page=self.page)
        return super().get_context_data(
            page=self.page,
            receivers=get_receivers(),
            sources=sources.order_by("receiver", "label", "external_id"),
            authors=get_authors(self.page),
            unconnected=unconnected.order_by("-last_seen_at")[:MAX_SHOWN],
            failed=get_failed(self.page).order_by("-failed_at")[:MAX_SHOWN],
            images=images.exclude(error="").order_by("-pk")[:MAX_SHOWN],
            notes=received.exclude(note="", omitted="").order_by("-changed_at")[
                :MAX_SHOWN
            ],
            **kwargs,
        )


class FormMixin(SourcesPageMixin):
    template_name = "wagtail_live/sources/form.html"
    done_message = gettext_lazy("“%s” saved.")

    def get_success_url(self):
        return self.sources_url

    def form_valid(self, form):
        response = super().form_valid(form)
        messages.success(self.request, self.done_message % self.object)
        return response


class SourceForm(forms.ModelForm):
    """The form of a source. The view sets the channel of a new one."""

    receiver = forms.ChoiceField(label=gettext_lazy("Receiver"))

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


class SourceMixin(FormMixin):
    def get_queryset(self):
        return Source.objects.filter(channel__page=self.page)


class AddSourceView(SourceMixin, CreateView):
    page_title = gettext_lazy("Connect a channel")
    form_class = SourceForm

    def get_initial(self):
        names = ("receiver", "external_id")
        return {name: self.request.GET.get(name, "") for name in names}

    def form_valid(self, form):
        form.instance.channel = self.page.live_channel
        response = super().form_valid(form)
        UnconnectedSource.objects.filter(
            receiver=self.object.receiver, external_id=self.object.external_id
        ).delete()
        return response


class EditSourceView(SourceMixin, UpdateView):
    page_title = gettext_lazy("Source")
    form_class = SourceForm

    @property
    def header_buttons(self):
        url = reverse("wagtail_live:delete_source", args=[self.page.pk, self.object.pk])
        yield HeaderButton(_("Disconnect"), url, icon_name="bin")


class DeleteSourceView(SourceMixin, DeleteView):
    page_title = gettext_lazy("Disconnect")
    template_name = "wagtail_live/sources/delete.html"
    done_message = gettext_lazy("“%s” disconnected.")


class AuthorForm(forms.ModelForm):
    class Meta:
        model = SourceAuthor
        fields = ("name", "user")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        users = get_user_model()._default_manager.filter(is_active=True)
        self.fields["user"].queryset = users.order_by(get_user_model().USERNAME_FIELD)


class EditAuthorView(FormMixin, UpdateView):
    page_title = gettext_lazy("Author")
    model = SourceAuthor
    form_class = AuthorForm

    def get_queryset(self):
        keys = [author.pk for author in get_authors(self.page)]
        return SourceAuthor.objects.filter(pk__in=keys)


class FailedDeliveryView(SourceViewMixin, View):
    """Process a failed delivery again, or discard it."""

    def post(self, request, pk, action):
        delivery = get_object_or_404(get_failed(self.page), pk=pk)
        if action == "discard":
            delivery.delete()
            messages.success(request, _("Delivery discarded."))
        elif action == "replay":
            self.replay(delivery)
        else:
            raise Http404
        return redirect(self.sources_url)

    def replay(self, delivery) -> None:
        """Process a delivery; its signature was checked when it arrived."""
        receiver = get_receivers().get(delivery.receiver)
        if receiver is None:
            error = _("The receiver is no longer in the settings.")
            messages.error(self.request, error)
            return
        try:
            inbound = Inbound(bytes(delivery.body), received_at=delivery.failed_at)
            for event in list(receiver.parse(inbound)):
                process(receiver, event)
        except Exception as error:
            delivery.reason = describe(error)
            delivery.save(update_fields=["reason"])
            error = _("The delivery failed again: %s") % delivery.reason
            messages.error(self.request, error)
        else:
            delivery.delete()
            messages.success(self.request, _("Delivery processed."))


class DismissView(SourceViewMixin, View):
    """Remove the notes about a message, or about all, which an editor has read."""

    def post(self, request, pk=None):
        received = ReceivedMessage.objects.filter(channel__page=self.page)
        if pk is not None:
            received = received.filter(pk=get_object_or_404(received, pk=pk).pk)
        received.update(note="", omitted="")
        done = _("Messages dismissed.") if pk is None else _("Message dismissed.")
        messages.success(request, done)
        return redirect(self.sources_url)


class RetryImageView(SourceViewMixin, View):
    """Download a missing image again."""

    def post(self, request, pk):
        images = ReceivedImage.objects.filter(message__channel__page=self.page)
        image = get_object_or_404(images, pk=pk, image_key="")
        images.filter(pk=pk).update(attempts=0, due_at=cursors.now(), error="")
        later(fetch_images, image.message_id)
        messages.success(request, _("The image will be downloaded again."))
        return redirect(self.sources_url)

"""The admin views of what sources have sent: authors, failed deliveries, messages."""

from __future__ import annotations

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import BLANK_CHOICE_DASH, Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import UpdateView
from wagtail.admin import messages

from .. import conf, cursors
from ..background import later
from ..models import (
    FailedDelivery,
    LivePageMixin,
    ReceivedImage,
    ReceivedMessage,
    Source,
    SourceAuthor,
)
from ..people import find_people, get_person_name, offer_people, refer_to
from ..receivers import get_receivers
from ..receivers.base import Inbound
from ..receivers.failures import describe
from ..receivers.images import fetch_images
from ..receivers.intake import process
from .sources import FormMixin, SourceViewMixin


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


class AuthorForm(forms.ModelForm):
    class Meta:
        model = SourceAuthor
        fields = ("name", "user", "person")

    def __init__(self, *args, page, **kwargs):
        super().__init__(*args, **kwargs)
        if conf.get_author_model() is None:
            del self.fields["person"]
        else:
            self.fields["person"] = self.make_person_field(page)
        users = get_user_model()._default_manager.filter(is_active=True)
        self.fields["user"].queryset = users.order_by(get_user_model().USERNAME_FIELD)

    def make_person_field(self, page) -> forms.ChoiceField:
        """Return a choice of people of the site's author model, with the one that was
        chosen before."""
        field = self.fields["person"]
        offered = offer_people(page).iterator()
        choices = {refer_to(each): get_person_name(each) for each in offered}
        if chosen := self.instance.person:
            known = find_people([chosen])
            names = {key: get_person_name(each) for key, each in known.items()}
            choices = {chosen: chosen} | names | choices
        return forms.ChoiceField(
            label=field.label,
            required=False,
            choices=[("", BLANK_CHOICE_DASH[0][1]), *choices.items()],
            help_text=gettext_lazy("Readers see them in place of the user."),
        )


class EditAuthorView(FormMixin, UpdateView):
    page_title = gettext_lazy("Author")
    model = SourceAuthor
    form_class = AuthorForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "page": self.page}

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
        return redirect(self.get_success_url())

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
        return redirect(self.get_success_url())


class RetryImageView(SourceViewMixin, View):
    """Download a missing image again."""

    def post(self, request, pk):
        images = ReceivedImage.objects.filter(message__channel__page=self.page)
        image = get_object_or_404(images, pk=pk, image_key="")
        images.filter(pk=pk).update(attempts=0, due_at=cursors.now(), error="")
        later(fetch_images, image.message_id)
        done = _("The image will be downloaded again.")
        if image.details:
            done = _("The file will be downloaded again.")
        messages.success(request, done)
        return redirect(self.get_success_url())

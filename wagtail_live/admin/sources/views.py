"""Connect channels of messaging apps to a live page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import (
    CreateView,
    DeleteView,
    TemplateView,
    UpdateView,
)
from wagtail.admin import messages
from wagtail.admin.widgets import HeaderButton

from ...models import ReceivedPicture, Source, SourceAuthor, UnconnectedSource
from ...receivers import get_receivers
from .base import SourcesPageMixin
from .forms import AuthorForm, SourceForm
from .queries import get_authors, get_failed, get_unconnected

MOST_SHOWN = 50


class SourcesView(SourcesPageMixin, TemplateView):
    """What is connected, who writes there, and what did not arrive."""

    template_name = "wagtail_live/sources/index.html"

    @property
    def header_buttons(self):
        add = reverse("wagtail_live:add_source", args=[self.page.pk])
        if get_receivers():
            yield HeaderButton(_("Connect a channel"), add, icon_name="plus")

    def get_context_data(self, **kwargs):
        received = self.channel.received_messages
        pictures = ReceivedPicture.objects.filter(message__channel=self.channel)
        return super().get_context_data(
            page=self.page,
            receivers=get_receivers(),
            sources=self.channel.sources.order_by("receiver", "label", "external_id"),
            authors=get_authors(self.channel),
            unconnected=get_unconnected().order_by("-last_seen_at")[:MOST_SHOWN],
            failed=get_failed(self.channel).order_by("-failed_at")[:MOST_SHOWN],
            pictures=pictures.exclude(error="").order_by("-pk")[:MOST_SHOWN],
            notes=received.exclude(note="").order_by("-changed_at")[:MOST_SHOWN],
            **kwargs,
        )


class FormMixin(SourcesPageMixin):
    template_name = "wagtail_live/sources/form.html"
    done_message = gettext_lazy("“%s” is saved.")

    def get_success_url(self):
        return self.sources_url

    def form_valid(self, form):
        response = super().form_valid(form)
        messages.success(self.request, self.done_message % self.object)
        return response


class SourceMixin(FormMixin):
    def get_queryset(self):
        return self.channel.sources.all()


class AddSourceView(SourceMixin, CreateView):
    page_title = gettext_lazy("Connect a channel")
    form_class = SourceForm

    def get_form_kwargs(self):
        source = Source(channel=self.channel)
        return {**super().get_form_kwargs(), "instance": source}

    def get_initial(self):
        names = ("receiver", "external_id")
        return {name: self.request.GET.get(name, "") for name in names}

    def form_valid(self, form):
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
    done_message = gettext_lazy("“%s” is disconnected.")


class EditAuthorView(FormMixin, UpdateView):
    page_title = gettext_lazy("Author")
    model = SourceAuthor
    form_class = AuthorForm

    def get_queryset(self):
        keys = [author.pk for author in get_authors(self.channel)]
        return SourceAuthor.objects.filter(pk__in=keys)

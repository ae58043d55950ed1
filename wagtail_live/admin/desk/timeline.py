"""The posts of a channel as the desk lists them: filtered, searched and in pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ...models import Channel, LivePost, LivePostQuerySet, PostStatus
from ...page.timeline import get_posts_page, parse_position
from ...search import search

PAGE_SIZE = 30
DESK_SOURCE = "desk"


class Filters(forms.Form):
    """Which posts of a channel the desk lists; what is not valid filters nothing."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )
    status = forms.ChoiceField(label=_("State"), required=False)
    author = forms.ChoiceField(label=_("Author"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    key_events = forms.BooleanField(label=_("Key events"), required=False)
    post = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, channel: Channel, data: Any):
        super().__init__(data, auto_id="live-desk-filter-%s")
        self.channel = channel
        self.fields["status"].choices = [
            ("", _("All states")),
            *PostStatus.choices,
        ]
        self.fields["author"].choices = [("", _("All authors")), *self._authors]
        self.fields["source"].choices = [("", _("All sources")), *self._sources]

    @cached_property
    def _authors(self) -> list[tuple[str, str]]:
        ids = self.channel.posts.order_by().values("author").distinct()
        users = get_user_model().objects.filter(pk__in=ids)
        return [(str(user.pk), user_display_name(user)) for user in users]

    @cached_property
    def _sources(self) -> list[tuple[str, str]]:
        sources = self.channel.posts.order_by().values_list("source", flat=True)
        return [
            (source or "-", source_name(source))
            for source in sorted(set(sources.distinct()))
        ]

    @cached_property
    def chosen(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def filter(self, posts: LivePostQuerySet) -> LivePostQuerySet:
        """The posts that are listed; the words of a search are looked for last."""
        chosen = self.chosen
        if "status" in chosen:
            posts = posts.with_status(chosen["status"])
        if "author" in chosen:
            posts = posts.filter(author=chosen["author"])
        if "source" in chosen:
            posts = posts.filter(source=chosen["source"].replace("-", "", 1))
        if "key_events" in chosen:
            posts = posts.key_events()
        if "post" in chosen:
            posts = posts.filter(pk=chosen["post"])
        return self._search(posts)

    def _search(self, posts: LivePostQuerySet) -> LivePostQuerySet:
        words = self.chosen.get("q")
        if not words:
            return posts
        return posts.filter(pk__in=search(self.channel, words))


def source_name(source: str) -> str:
    """The source of a post, as people call it."""
    if source == DESK_SOURCE:
        return str(_("Live desk"))
    return source.capitalize() or str(_("Other"))


def get_page(
    filters: Filters, before: str | None = None
) -> tuple[list[LivePost], str | None]:
    """Some posts, newest first, and the position where the older ones begin."""
    listed = filters.filter(filters.channel.posts.all())
    page = get_posts_page(listed, parse_position(before), PAGE_SIZE)
    return page.posts, page.older

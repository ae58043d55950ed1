"""The timeline of the desk: posts filtered, searched, paged and rendered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.templatetags.wagtailadmin_tags import user_display_name

from ... import conf, cursors
from ...models import Channel, LivePost, LivePostQuerySet, PostStatus
from ...models.post import has_status
from ...page import updates
from ...page.timeline import get_posts_page, parse_position
from ...people import find_people, get_person_name, refer_to
from ...search import search
from ..base import DeskRights, get_posts
from .authors import get_shown_authors

PAGE_SIZE = 30
MAX_SCHEDULED = 100
DESK_SOURCE = "desk"


class Filters(forms.Form):
    """The filters of the timeline. Values that are not valid are ignored."""

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
        posts = get_posts(channel).order_by()
        users = get_user_model().objects.filter(
            pk__in=posts.values("author").distinct()
        )
        authors = [(str(user.pk), user_display_name(user)) for user in users]
        authors += [
            (refer_to(person), get_person_name(person)) for person in find_named(posts)
        ]
        sources = sorted(posts.values_list("source", flat=True).distinct())
        sources = [(source or "-", get_source_name(source)) for source in sources]
        self.fields["status"].choices = [("", _("All states")), *PostStatus.choices]
        self.fields["author"].choices = [("", _("All authors")), *authors]
        self.fields["source"].choices = [("", _("All sources")), *sources]

    @property
    def choices(self) -> dict[str, list]:
        """The choices that new posts may add to, by field."""
        names = ("author", "source")
        return {name: list(self.fields[name].choices)[1:] for name in names}

    @cached_property
    def chosen(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def filter(self, posts: LivePostQuerySet) -> LivePostQuerySet:
        """Return the posts that match; the search comes last."""
        chosen = self.chosen
        if "status" in chosen:
            posts = posts.with_status(chosen["status"])
        if "author" in chosen:
            posts = posts.by_author(chosen["author"])
        if "source" in chosen:
            posts = posts.filter(source=chosen["source"].replace("-", "", 1))
        if "key_events" in chosen:
            posts = posts.key_events()
        if "post" in chosen:
            posts = posts.filter(pk=chosen["post"])
        if "q" in chosen and self.channel.pk:
            posts = posts.filter(pk__in=search(self.channel, chosen["q"]))
        return posts


def find_named(posts: LivePostQuerySet) -> list[Any]:
    """Return the people of the site's author model who are authors of posts."""
    if conf.get_author_model() is None:
        return []
    written = posts.exclude(author_details={}, coauthors=[])
    stored = written.values_list("author_details", "coauthors").distinct()
    named = [each for first, others in stored for each in (first, *others)]
    people = find_people({each["person"] for each in named if "person" in each})
    return sorted(people.values(), key=get_person_name)


def get_source_name(source: str) -> str:
    """Return the display name of a source."""
    if source == DESK_SOURCE:
        return str(_("Live desk"))
    return source.capitalize() or str(_("Other"))


def list_posts(
    filters: Filters, before: str | None = None
) -> tuple[list[LivePost], str | None]:
    """Return a page of posts, newest first, and the position where older ones begin.
    Scheduled posts are not among them."""
    listed = filters.filter(get_posts(filters.channel))
    listed = listed.exclude(has_status(PostStatus.SCHEDULED))
    page = get_posts_page(listed, parse_position(before), PAGE_SIZE)
    return page.posts, page.older


def list_scheduled(filters: Filters) -> list[LivePost]:
    """Return the posts that will be published next, in their order."""
    listed = filters.filter(get_posts(filters.channel)).scheduled()
    listed = listed.with_author().order_by("go_live_at", "created", "id")
    found = list(listed[:MAX_SCHEDULED])
    updates.prefetch_blocks(found)
    return found


def render_post(post: LivePost, rights: DeskRights) -> str:
    is_scheduled = post.status == PostStatus.SCHEDULED
    context = {
        "post": post,
        "go_live": is_scheduled and repr(cursors.to_timestamp(post.go_live_at)),
        "schedule": is_scheduled and render_schedule(post.go_live_at),
        "rights": rights,
        "may_change": rights.may_change(post),
        "buttons": [each for get in rights.post_buttons for each in get(post)],
        "content": updates.render_content(post),
        "notices": rights.get_notices(post),
        "authors": get_shown_authors(post),
        "source": post.source and get_source_name(post.source),
        "version": get_version(post),
        "message": post.message_id if post.source == DESK_SOURCE else "",
    }
    return render_to_string("wagtail_live/desk/post.html", context)


def render_posts(posts: Iterable[LivePost], rights: DeskRights) -> str:
    return format_html_join("", "{}", ((render_post(post, rights),) for post in posts))


def count_waiting(channel: Channel, rights: DeskRights) -> int:
    """Return the number of submitted posts, for users who may publish them."""
    return get_posts(channel).submitted().count() if rights.may_publish else 0


def describe(post: LivePost, rights: DeskRights) -> dict:
    """Return a post for JSON responses."""
    return {
        "id": str(post.pk),
        "position": post.position,
        "version": get_version(post),
        "html": render_post(post, rights),
    }


def parse_version(value: str | None) -> datetime | None:
    """Parse the cursor in a request; return ``None`` if it is not valid."""
    try:
        return cursors.parse([value or ""])
    except cursors.InvalidCursor:
        return None


def get_version(post: LivePost) -> str:
    """Return the cursor of a post's latest change, as ``parse_version`` reads it."""
    return repr(cursors.to_timestamp(post.updated_at))


def get_time_zone() -> tzinfo:
    """Return the time zone in which the forms of the desk are read."""
    if settings.USE_TZ:
        return timezone.get_current_timezone()
    return timezone.get_default_timezone()


def show_exactly(moment: datetime) -> str:
    """Return the time to the second, in the time zone of the user."""
    return f"{timezone.localtime(cursors.to_aware(moment)):%Y-%m-%d %H:%M:%S}"


def explain_time_zone() -> str:
    """Return a help text for the field of a time."""
    return gettext("Time zone: %(zone)s") % {"zone": get_time_zone()}


def render_schedule(go_live_at: datetime) -> SafeString:
    """Render when a post will be published, with the name of the time zone."""
    time = render_time(go_live_at, "schedule")
    return format_html(gettext("Scheduled for {time}"), time=time)


def render_time(moment: datetime, kind: str) -> SafeString:
    """Render a time: a ``schedule`` with its time zone, or one of the ``clock``."""
    context = {"moment": moment, "kind": kind}
    html = render_to_string("wagtail_live/desk/time.html", context)
    return SafeString(html.strip())  # a comma may follow

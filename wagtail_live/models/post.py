"""The posts of a channel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import copy
from itertools import chain
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import RichTextBlock, StreamBlock, StreamValue, StructValue
from wagtail.blocks.list_block import ListValue
from wagtail.embeds.blocks import EmbedValue
from wagtail.fields import Creator, StreamField
from wagtail.images.models import AbstractImage
from wagtail.models import RevisionMixin

from .. import conf, cursors
from ..text import get_texts, normalise, normalise_line, shorten
from .channel import Channel, get_page_model

MAX_AUTHORS = 10
MAX_CORRECTION = 1000  # characters
MAX_ROLE = 100  # characters
AUTHOR_FIELDS = ("author_id", "author_name", "author_details", "coauthors")


class PostContent(Creator):
    """The content of a post, which is read with the block of its page's type when it is
    first used: until then, it is as it was stored or given."""

    def __get__(self, post: Any, owner: Any = None) -> Any:
        if post is None:
            return self
        value = super().__get__(post)
        if not isinstance(value, StreamValue):
            value = read_content(find_block_of(post), value)
            self.__set__(post, value)
        return value

    def __set__(self, post: Any, value: Any) -> None:
        super().__set__(post, value)
        if isinstance(value, StreamValue):
            value._stream_field = self.field  # for pickle


class PostContentField(StreamField):
    """A ``StreamField`` whose blocks a page type chooses by ``live_post_block``, or else the
    site by ``WAGTAIL_LIVE_POST_BLOCK``.

    Migrations leave out the blocks, so that a change of blocks needs no migration of
    this app.
    """

    def __init__(self, *args, **kwargs):
        kwargs.pop("block_lookup", None)
        super().__init__([], **kwargs)

    @property
    def stream_block(self):
        """All blocks that posts of this site may have, for what doesn't know the page."""
        block, *others = find_post_blocks()
        own = {
            name: each for other in others for name, each in other.child_blocks.items()
        }
        if own.keys() <= block.child_blocks.keys():
            return block
        every = copy(block)
        every.child_blocks = {**own, **block.child_blocks}
        return every

    def contribute_to_class(self, cls, name, **kwargs):
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, name, PostContent(self))

    def check(self, **kwargs):
        try:
            return super().check(**kwargs)
        except ImproperlyConfigured:  # which the checks of settings and pages report
            return []

    def to_python(self, value):
        """Return what is stored: only the post knows the block to read it with."""
        if isinstance(value, str):
            with suppress(ValueError):
                return json.loads(value)
        return value

    def get_default(self):
        return []

    def get_prep_value(self, value):
        if isinstance(value, StreamValue):
            return value.get_prep_value()
        return models.Field.get_prep_value(self, value)

    def get_searchable_content(self, value):
        return value.stream_block.get_searchable_content(value)

    def extract_references(self, value):
        yield from value.stream_block.extract_references(value)

    def get_block_by_content_path(self, value, path_elements):
        return value.stream_block.get_block_by_content_path(value, path_elements)

    def deconstruct(self):
        name, _, _, kwargs = models.Field.deconstruct(self)
        kwargs["block_lookup"] = {}
        return name, "wagtail.fields.StreamField", [[]], kwargs


class AuthorsField(models.JSONField):
    """Stored authors, whose people know by Wagtail's references where they are named."""

    def extract_references(self, value: Any) -> Iterator[tuple]:
        authors = value if isinstance(value, list) else [value]
        for index, author in enumerate(authors):
            label, _, key = author.get("person", "").partition(":")
            with suppress(LookupError, ValueError):  # of an app that has been removed
                yield apps.get_model(label), key, "person", f"{index}.person"

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


def find_post_blocks() -> list[StreamBlock]:
    """Return the block of the site, and then those of page types that have their own."""
    own = filter(None, map(get_declared_block, apps.get_models()))
    return [to_block(conf.get_post_block()), *map(to_block, own)]


def to_block(given: Any) -> StreamBlock:
    """Return the block for what a page type declares; ``ImproperlyConfigured`` if that is
    none."""
    from ..blocks.post import load_post_block

    if isinstance(given, StreamBlock):
        given.set_meta_options({"required": True})
        return given
    try:
        return load_post_block(given)
    except TypeError:  # not hashable
        raise ImproperlyConfigured(f"must be a StreamBlock, not {given!r}.") from None


def get_declared_block(page_type: Any) -> Any:
    return getattr(page_type, "live_post_block", None)


def get_post_block(channel: Channel | None = None) -> StreamBlock:
    """Return the block of the posts of a channel: that of its page's type, or the site's.

    The page's type is only read from the database if any type has a block of its own.
    """
    declared = None
    if channel is not None and has_own_blocks():
        if channel.page_type is None:
            channel.page_type = find_page_type(channel)
        declared = get_declared_block(channel.page_type)
    return to_block(declared or conf.get_post_block())


def has_own_blocks() -> bool:
    """Return whether any page type has other blocks than the site."""
    return any(map(get_declared_block, apps.get_models()))


def find_block_of(post: Any) -> StreamBlock:
    """Return the block of a post, the site's for one without a channel, as in fixtures."""
    channel = None
    if has_own_blocks() and (post.channel_id or LivePost.channel.is_cached(post)):
        with suppress(Channel.DoesNotExist):
            channel = post.channel
    return get_post_block(channel)


def load_page_block(page_type: Any) -> StreamBlock:
    """Return the block of the posts of a page type."""
    return to_block(get_declared_block(page_type) or conf.get_post_block())


def find_page_type(channel: Channel) -> Any:
    """Return the class of a channel's page, the site's page model for one that has no class
    any more."""
    page = channel._state.fields_cache.get("page")
    if page is not None and "content_type_id" in page.__dict__:
        key = page.content_type_id
    else:
        pages = get_page_model().objects.filter(pk=channel.page_id)
        key = pages.values_list("content_type_id", flat=True).first()
    content_type = ContentType.objects.get_for_id(key) if key else None
    return (content_type and content_type.model_class()) or get_page_model()


def read_content(block: StreamBlock, stored: Any) -> StreamValue:
    """Read what a post contains, as it was stored or given, with a block. Children that the
    block does not have are kept."""
    if isinstance(stored, StreamValue):
        stored = stored.get_prep_value()
    if isinstance(stored, list):
        names = {each["type"] for each in stored if isinstance(each, dict)}
        if kept := names - block.child_blocks.keys():
            from ..blocks.kept import extend

            block = extend(block, kept)
    return block.to_python(stored)


def generate_post_id():
    return cursors.time_ordered_uuid(cursors.now())


class PostStatus(models.TextChoices):
    """The status of a post. A hidden post has been published before."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    HIDDEN = "hidden", _("Hidden")


# The first of these fields that is set determines the status; a draft has none of them.
STATUS_BY_FIELD = {
    "show": PostStatus.PUBLISHED,
    "go_live_at": PostStatus.SCHEDULED,
    "first_published_at": PostStatus.HIDDEN,
    "submitted_at": PostStatus.SUBMITTED,
}


def has_status(status: PostStatus | str) -> Q:
    """Return a filter for posts whose ``status`` is this one."""
    condition = Q()
    for field, decided in STATUS_BY_FIELD.items():
        is_set = decided == PostStatus(status)
        is_null = {f"{field}__isnull": not is_set}
        condition &= Q(show=is_set) if field == "show" else Q(**is_null)
        if is_set:
            break
    return condition


class PostAuthor(NamedTuple):
    """An author as readers see them: a ``user``, a ``person`` of
    ``WAGTAIL_LIVE_AUTHOR_MODEL``, or a name. ``role`` is what they did for this post, or
    else their job. The rest is from ``WAGTAIL_LIVE_AUTHOR_PROFILES``, or empty."""

    name: str
    user: Any = None
    person: Any = None  # or the reference to one
    role: str = ""

    @property
    def avatar(self) -> Any:
        """The picture in the profile of the user, if there is one."""
        profile = getattr(self.user, "wagtail_userprofile", None)
        return profile.avatar if profile and profile.avatar else None

    @property
    def picture(self) -> str:
        """The URL of the author's picture, ``""`` without one."""
        own = self._get("picture")
        return own or (self.avatar.url if self.avatar else "")

    @property
    def job_title(self) -> str:
        return self._get("role")

    @property
    def url(self) -> str:
        """The URL of a page about the author."""
        return self._get("url")

    def _get(self, name: str) -> str:
        return getattr(self.person or self.user, "live_profile", {}).get(name) or ""

    @property
    def details(self) -> dict[str, str]:
        """The person and the role, as ``LivePost.author_details`` stores them."""
        found = {"role": "" if self.role == self.job_title else self.role}
        if self.person:
            from ..people import refer_to

            is_reference = isinstance(self.person, str)
            found["person"] = self.person if is_reference else refer_to(self.person)
        return {name: value for name, value in found.items() if value}

    def to_json(self) -> dict[str, str]:
        """Return the author as ``LivePost.coauthors`` stores it."""
        user = {"user": str(self.user.pk)} if self.user and not self.person else {}
        return {**user, "name": self.name, **self.details}


class LivePostQuerySet(models.QuerySet):
    def visible(self):
        """The posts that readers see."""
        return self.with_status(PostStatus.PUBLISHED)

    def submitted(self):
        """The posts that wait for an editor."""
        return self.with_status(PostStatus.SUBMITTED)

    def scheduled(self):
        return self.with_status(PostStatus.SCHEDULED)

    def seen(self):
        """The posts that readers have seen, which may be hidden now."""
        return self.filter(first_published_at__isnull=False)

    def withdrawn(self):
        """The posts that readers have seen and no longer see, scheduled ones included."""
        return self.seen().filter(show=False)

    def with_status(self, status: PostStatus | str):
        return self.filter(has_status(status))

    def due(self, now):
        """The scheduled posts that are due."""
        return self.scheduled().filter(go_live_at__lte=now)

    def before(self, created, post_id):
        """The posts older than a position."""
        is_older = Q(created__lt=created) | Q(created=created, id__lt=post_id)
        return self.filter(is_older)

    def after(self, created, post_id):
        """The posts newer than a position."""
        is_newer = Q(created__gt=created) | Q(created=created, id__gt=post_id)
        return self.filter(is_newer)

    def by_author(self, author: Any):
        """The posts of an author, alone or with others: of a user, by their primary key,
        too, or of an object of ``WAGTAIL_LIVE_AUTHOR_MODEL``, by its reference, too."""
        key = author
        if isinstance(author, get_user_model()):
            key = author.pk
        elif isinstance(author, models.Model):
            from ..people import refer_to

            key = refer_to(author)
        posts = self.alias(others=Cast("coauthors", models.TextField()))
        if isinstance(key, str) and ":" in key:
            posts = posts.alias(first=Cast("author_details", models.TextField()))
            named = f'"person": "{key}"'
            return posts.filter(Q(first__contains=named) | Q(others__contains=named))
        is_other = Q(others__contains=f'"user": "{key}"')
        return posts.filter(Q(author=key) | is_other)

    def key_events(self):
        return self.filter(is_key_event=True)

    def with_author(self):
        """The posts with their authors and the authors' pictures, in the same query."""
        return self.select_related("author__wagtail_userprofile")

    def with_oldest(self, channel: Channel):
        """The posts with the time of the oldest post that readers see, as
        ``oldest_created``, in the same query."""
        visible = channel.posts.visible().oldest_first()
        return self.annotate(oldest_created=Subquery(visible.values("created")[:1]))

    def newest_first(self):
        return self.order_by("-created", "-id")

    def oldest_first(self):
        return self.order_by("created", "id")


class LivePost(RevisionMixin, models.Model):
    """One entry of a channel. ``updated_at`` is its version, and the cursor of its latest
    change; each version is a revision."""

    id = models.UUIDField(primary_key=True, default=generate_post_id, editable=False)
    channel = models.ForeignKey(
        Channel,
        verbose_name=_("channel"),
        on_delete=models.CASCADE,
        related_name="posts",
        editable=False,
    )
    channel.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
    source = models.CharField(
        _("source"), max_length=255, blank=True, default="", editable=False
    )
    # Null, not "", if there is none: MySQL has no conditional unique constraints.
    message_id = models.CharField(  # noqa: DJ001
        _("message id"), max_length=255, blank=True, null=True, editable=False
    )
    created = cursors.MomentField(_("created"), default=cursors.now)
    # ``created`` was chosen, and stays when the post is first published.
    is_dated = models.BooleanField(default=False, db_default=False, editable=False)
    modified = cursors.MomentField(_("modified"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    author_name = models.CharField(
        _("byline"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("The author's name as readers see it. Leave empty to show none."),
    )
    # The ``role`` of the first author, and the ``person`` that it is in place of the user.
    author_details = AuthorsField(
        _("author"),
        blank=True,
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
    )
    # Only with further authors is there anything to read for them. Each is ``{"name": …}``,
    # with the primary key of the ``user``, as text, or a reference to the ``person``, and
    # a ``role``.
    coauthors = AuthorsField(
        _("further authors"),
        blank=True,
        default=list,
        db_default=models.Value([], models.JSONField()),
        editable=False,
    )
    correction = models.CharField(
        _("correction"),
        max_length=MAX_CORRECTION,
        blank=True,
        default="",
        db_default="",
        help_text=_("What was wrong. Readers see it below the post, with the time."),
    )
    corrected_at = cursors.MomentField(_("corrected at"), null=True, editable=False)
    is_key_event = models.BooleanField(
        _("key event"), default=False, help_text=_("Listed in the timeline.")
    )
    show = models.BooleanField(
        _("show"), default=True, help_text=_("Readers see the post.")
    )
    first_published_at = cursors.MomentField(
        _("first published at"), null=True, editable=False
    )
    go_live_at = cursors.MomentField(
        _("go live at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the scheduled post is to be published."),
    )
    submitted_at = cursors.MomentField(
        _("submitted at"),
        null=True,
        editable=False,
        help_text=_("When the post was handed to an editor."),
    )
    content: Any = PostContentField(verbose_name=_("content"))
    updated_at = cursors.MomentField(
        _("updated at"), default=cursors.now, editable=False
    )

    known_authors: dict[str, Any] | None = None  # read by ``prefetch_authors``
    notes: list[Any] | None = None  # of apps, found by ``rendering.prefetch_notes``

    # What a version consists of: the form, the history and ``posts.revert`` use these.
    written_fields = (
        *("title", "content", *AUTHOR_FIELDS, "is_key_event", "correction"),
    )

    objects = LivePostQuerySet.as_manager()

    class Meta:
        verbose_name = _("live post")
        verbose_name_plural = _("live posts")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source", "message_id"],
                name="wagtail_live_one_post_per_message",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "updated_at"], name="wagtail_live_post_updated"
            ),
            models.Index(
                fields=["channel", "show", "created", "id"],
                name="wagtail_live_post_order",
            ),
            models.Index(
                fields=["channel", "created", "id"], name="wagtail_live_desk_order"
            ),
            models.Index(
                fields=["channel", "first_published_at"],
                name="wagtail_live_unpublished",
            ),
            models.Index(
                fields=["channel", "is_key_event", "created"],
                name="wagtail_live_key_events",
            ),
            models.Index(fields=["go_live_at"], name="wagtail_live_due"),
        ]

    def __str__(self):
        headline = self.headline
        return f"{headline} ({self._local_time})" if headline else self.neutral_name

    @property
    def neutral_name(self) -> str:
        """Return a name without the content of the post."""
        return gettext("Post of %(created)s") % {"created": self._local_time}

    @property
    def _local_time(self) -> str:
        return timezone.template_localtime(self.created).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def status(self) -> PostStatus:
        decided = (
            status for field, status in STATUS_BY_FIELD.items() if getattr(self, field)
        )
        return next(decided, PostStatus.DRAFT)

    @property
    def is_unpublished(self) -> bool:
        """True for a draft, submitted or not, that readers have never seen."""
        return self.status in (PostStatus.DRAFT, PostStatus.SUBMITTED)

    @property
    def text(self) -> str:
        """The text of the post in one line, without markup."""
        texts = get_texts(self.content.stream_block, self.content)
        return " ".join(normalise(" ".join(texts)).split())

    @property
    def headline(self) -> str:
        """The title, or else the first words: at most 100 characters. For a post without
        words, its alt text, the title of its embed, or what it is, such as “Photo”."""
        text = self.title or self.text or normalise_line(name_content(self.content))
        return self.title or shorten(text, words=12, characters=100)

    @property
    def excerpt(self) -> str:
        """The first words of the text, at most 300 characters."""
        return shorten(self.text, words=40, characters=300)

    @property
    def images(self) -> list:
        """The images in the post, in order."""
        return [each for each in walk(self.content) if isinstance(each, AbstractImage)]

    @property
    def authors(self) -> list[PostAuthor]:
        """The authors that readers see, in order. Those of many posts take one query
        after ``with_author`` and ``prefetch_authors``."""
        if self.known_authors is None:
            prefetch_authors([self])
        known = self.known_authors or {}
        found = [
            PostAuthor(
                each["name"],
                user=known.get(each.get("user", "")),
                person=known.get(each.get("person", "")),
                role=each.get("role", ""),
            )
            for each in self.stored_authors
        ]
        if self.author_name and "person" not in self.author_details:
            found[0] = found[0]._replace(user=self.author)
        return [each._replace(role=each.role or each.job_title) for each in found]

    @property
    def stored_authors(self) -> list[dict[str, str]]:
        """The authors that readers see, as ``coauthors`` stores them."""
        first = {"name": self.author_name, **self.author_details}
        return [first, *self.coauthors] if self.author_name else self.coauthors

    @property
    def byline(self) -> str:
        """The names of the authors that readers see."""
        return ", ".join(each["name"] for each in self.stored_authors)

    @property
    def author_avatar(self):
        """The avatar of the author, if readers see their name and the site has one."""
        profile = getattr(self.author, "wagtail_userprofile", None)
        return profile.avatar if profile and self.author_name else None

    @property
    def has_references(self) -> bool:
        """``True`` if Wagtail's index has to know what the post refers to."""
        is_by_person = any("person" in each for each in self.stored_authors)
        if is_by_person or self.author_id is not None:
            return True
        field = self._meta.get_field("content")
        return any(True for _ in field.extract_references(self.content))

    @property
    def position(self) -> str:
        """A string that sorts the posts of a channel by ``created``, then by arrival."""
        return f"{round(cursors.to_timestamp(self.created) * 1_000_000):016}-{self.pk}"

    def serializable_data(self) -> dict[str, Any]:
        """Return the values of a version. JSON would cut the microseconds of the time."""
        created = cursors.to_aware(self.created).isoformat()
        return {**super().serializable_data(), "created": created}

    def publish(self, revision, user=None, **kwargs) -> None:
        """Publish a revision for ``Revision.publish``, which ``publish_scheduled`` calls: a
        scheduled post is published if it is due, and any other revision is restored and
        shown."""
        from ..permissions import SYSTEM
        from ..posts import revert, schedule

        if revision.approved_go_live_at:
            schedule.publish_if_due(self, cursors.now())
        else:
            revert(self.channel, self, revision, actor=user or SYSTEM, show=True)


class PendingEmbeds(models.Model):
    """The next attempt to request the embeds of a post."""

    post = models.OneToOneField(LivePost, on_delete=models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = cursors.MomentField(db_index=True)

    def __str__(self):
        return f"Embeds of {self.post_id}"


def name_content(content: StreamValue) -> str:
    """Return the first alt text of an image or title of an embed, or else a word for what
    is there; ``""`` for a post without content."""
    names = chain.from_iterable(map(_find_names, content))
    kinds = map(_name_kind, content)
    return next(filter(None, chain(names, kinds)), "")


def walk(value: Any) -> Iterator[Any]:
    """Yield the values in a block's value that have no blocks inside, in order."""
    match value:
        case StreamValue():
            for child in value:
                yield from walk(child.value)
        case ListValue():
            for item in value:
                yield from walk(item)
        case StructValue():
            for item in value.values():
                yield from walk(item)
        case _:
            yield value


def _find_names(child: Any) -> Iterator[str]:
    if hasattr(child.block, "get_label"):
        yield child.block.get_label(child.value)
        return
    for value in walk(child.value):
        match value:
            case AbstractImage(decorative=False):
                yield value.contextual_alt_text or ""
            case EmbedValue():
                stored = getattr(value, "stored", None)
                yield stored.title if stored else ""


def _name_kind(child: Any) -> str:
    for value in walk(child.value):
        match value:
            case AbstractImage():
                return gettext("Photo")
            case EmbedValue():
                stored = getattr(value, "stored", None)
                return (
                    gettext("Video")
                    if stored and stored.type == "video"
                    else gettext("Link")
                )
    if isinstance(child.block, RichTextBlock) or not child.value:
        return ""
    return str(child.block.label)


def find_users(keys: Iterable[Any]) -> dict[str, Any]:
    """Return users with their profiles, by their primary keys as text."""
    model = get_user_model()
    found = model._default_manager.select_related("wagtail_userprofile")
    wanted = {model._meta.pk.to_python(key) for key in keys}
    return {str(user.pk): user for user in found.filter(pk__in=wanted)}


def prefetch_authors(posts: Iterable[LivePost]) -> None:
    """Read the users of all further authors of these posts together, and the people of
    the site's author model, and the profiles that the site has of all authors."""
    posts = list(posts)
    keys, references = _keys_of(posts, "user"), _keys_of(posts, "person")
    users, people = find_users(keys) if keys else {}, {}
    if references:
        from ..people import find_people

        people = find_people(references)
    for post in posts:
        post.known_authors = {**users, **people}
    named = [post.author for post in posts if post.author_id and post.author_name]
    prefetch_profiles([*users.values(), *named])
    prefetch_profiles([each for each in people.values() if each.live_profile])


def prefetch_profiles(authors: list[Any]) -> None:
    """Read what the site tells about these authors, who are all users or all people that
    everybody may see."""
    get_profiles = conf.get_author_profiles()
    if get_profiles and authors:
        profiles = get_profiles(authors)
        for each in authors:
            profile = profiles.get(each.pk) or {}
            each.live_profile = {**getattr(each, "live_profile", {}), **profile}


def _keys_of(posts: Iterable[LivePost], name: str) -> set[str]:
    each = (author for post in posts for author in post.stored_authors)
    return {author[name] for author in each if name in author}

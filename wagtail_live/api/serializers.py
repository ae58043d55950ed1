"""Serializers of channels and posts, each field for input, output and documentation.

The OpenAPI document is built from them, with ``help_text`` as description.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from wagtail.rich_text import RichText, expand_db_html

from .. import cursors, posts, presets
from ..models import (
    MAX_AUTHORS,
    MAX_CORRECTION,
    MAX_ROLE,
    Channel,
    ChannelState,
    LivePost,
    PostStatus,
)
from ..page import rendering
from ..page.timeline import parse_position
from ..rich_text import clean_rich_text
from ..text import UNSTORABLE
from .content import from_json, get_messages, to_json

MAX_POSTS = 100
DEFAULT_POSTS = 50


def read_object(data: bytes) -> dict:
    """Parse a JSON object, and remove characters that can't be stored."""
    try:
        value = _strip(json.loads(data, parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise ParseError("Not valid JSON.") from None
    if not isinstance(value, dict):
        raise ParseError("Not a JSON object.")
    return value


def _refuse(constant: str):
    raise ValueError(f"{constant} is not JSON.")


def _strip(value):
    """Remove NUL and lone surrogates, which no database stores."""
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [_strip(item) for item in value]
    if isinstance(value, dict):
        return {_strip(key): _strip(item) for key, item in value.items()}
    return value


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses unknown fields."""

    def get_writable(self) -> dict[str, serializers.Field]:
        return {field.field_name: field for field in self._writable_fields}

    def to_internal_value(self, data):
        writable = self.get_writable()
        names = data.keys() if isinstance(data, Mapping) else set()
        if unknown := sorted(names - writable.keys()):
            reason = f"Unknown field. Choose from: {', '.join(writable)}."
            raise serializers.ValidationError({name: [reason] for name in unknown})
        return super().to_internal_value(data)


class CursorField(serializers.FloatField):
    def to_representation(self, value):
        return cursors.to_timestamp(value)


class MomentField(serializers.DateTimeField):
    def enforce_timezone(self, value):
        if settings.USE_TZ:
            return super().enforce_timezone(value)
        try:  # REST framework would drop the offset
            return cursors.to_aware(value).astimezone(UTC)
        except OverflowError:
            self.fail("overflow")

    def to_representation(self, value):
        return cursors.to_aware(value).isoformat()


class RichTextField(serializers.CharField):
    """HTML, which is cleaned, so that it isn't while the channel is locked."""

    def to_internal_value(self, data):
        return RichText(clean_rich_text(super().to_internal_value(data)))

    def get_attribute(self, channel):
        base_url = rendering.get_base_url(channel.page, self.context.get("request"))
        html = expand_db_html(super().get_attribute(channel))
        return rendering.make_absolute(html, base_url)


class PageUrlField(serializers.URLField):
    def to_representation(self, value):
        return rendering.get_page_url(value, self.context.get("request"))


class PageTypeField(serializers.CharField):
    def to_representation(self, value):
        page_type = value.specific_class
        return page_type._meta.label if page_type else ""


class PinnedPostField(serializers.UUIDField):
    def to_representation(self, value):
        return str(value.pk) if value.show else None


class VersionField(serializers.CharField):
    def to_representation(self, value):
        return repr(cursors.to_timestamp(value))


class HTMLField(serializers.CharField):
    def to_representation(self, value):
        html = rendering.render_content(value, is_elsewhere=True)
        return rendering.make_absolute(html, self.context["base_url"])


class PostUrlField(serializers.URLField):
    def to_representation(self, value):
        return rendering.permalink(self.context["page_url"], value)


class ContentField(serializers.Field):
    """Rich text, or a list of blocks; ``context`` has the request, its user and the
    current post."""

    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Block"}}
    sent_schema = {
        "oneOf": [{"type": "string", "description": "HTML, which is cleaned."}, schema]
    }

    def to_internal_value(self, data):
        post, base_url = self.context.get("post"), ""
        if post:
            base_url = rendering.get_base_url(
                post.channel.page, self.context["request"]
            )
        try:
            return from_json(
                data,
                user=self.context["user"],
                channel=self.context.get("channel"),
                current=post and post.content,
                base_url=base_url,
            )
        except ValidationError as error:
            raise serializers.ValidationError(get_messages(error)) from None

    def to_representation(self, value):
        return to_json(value, self.context["base_url"])


class PictureField(serializers.URLField):
    """The URL of an author's picture."""

    def to_representation(self, value):
        return rendering.avatar_url(value, self.context["base_url"])


class ProfileUrlField(serializers.URLField):
    """The URL of a page about an author."""

    def to_representation(self, value):
        return rendering.profile_url(value, self.context["base_url"])


class PersonField(serializers.CharField):
    """The primary key of a person of the site's author model."""

    def to_representation(self, value):
        return str(value.pk)


class PageSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="page.pk")
    title = serializers.CharField(source="page.title")
    url = PageUrlField(source="page", allow_null=True)
    language = serializers.CharField()
    type = PageTypeField(
        source="page",
        help_text="The page type: `x-page-types` has its blocks and presets.",
    )


class ChannelSerializer(StrictSerializer):
    """A live page and its state, as readers see them; as input, changes to them."""

    channel_id = serializers.CharField(read_only=True)
    page = PageSerializer(source="*", read_only=True)
    state = serializers.ChoiceField(choices=ChannelState.values, required=False)
    started_at = MomentField(read_only=True, allow_null=True)
    ended_at = MomentField(read_only=True, allow_null=True)
    summary = RichTextField(
        allow_blank=True,
        required=False,
        help_text="The key points: HTML, which is cleaned.",
    )
    pinned_post = PinnedPostField(allow_null=True, required=False)
    cursor = CursorField(
        source="last_updated_at",
        read_only=True,
        help_text="The latest update, for `since`.",
    )


class AuthorSerializer(StrictSerializer):
    """An author as readers see them; as input, a name, a user or a person, or a name and
    one of both."""

    left_out_if_empty = ("person", "role", "url")
    name = serializers.CharField(
        max_length=255, required=False, help_text="The name that readers see."
    )
    username = serializers.CharField(
        max_length=255,
        write_only=True,
        required=False,
        help_text="The username of a person who may write on the page.",
    )
    picture = PictureField(source="*", read_only=True, allow_null=True)
    person = PersonField(
        max_length=255,
        required=False,
        help_text="The id of a person of the site's author model, if it has one: such as "
        "the id of their page.",
    )
    role = serializers.CharField(
        max_length=MAX_ROLE,
        required=False,
        allow_blank=True,
        help_text="What they did for this post, or else the role in their profile.",
    )
    url = ProfileUrlField(
        source="*",
        read_only=True,
        required=False,
        help_text="A page about the author, if the profile has one.",
    )

    def to_representation(self, instance):
        described = super().to_representation(instance)
        rest = {name: described.pop(name) for name in self.left_out_if_empty}
        return described | {name: value for name, value in rest.items() if value}

    def validate(self, values):
        if not values.keys() - {"role"}:
            raise serializers.ValidationError("Give a name, a username or a person.")
        if "username" in values and "person" in values:
            reason = "Give either a username or a person, not both."
            raise serializers.ValidationError({"person": [reason]})
        return values


class PostSerializer(StrictSerializer):
    """A post; as input, a new post, or with ``partial`` changes to one."""

    id = serializers.UUIDField(read_only=True)
    version = VersionField(
        source="updated_at",
        read_only=True,
        help_text="The value of the `ETag`, without its quotes.",
    )
    status = serializers.ChoiceField(choices=PostStatus.values, read_only=True)
    title = serializers.CharField(max_length=255, allow_blank=True, required=False)
    author_name = serializers.CharField(
        max_length=255, allow_blank=True, required=False
    )
    authors = AuthorSerializer(
        many=True,
        required=False,
        max_length=MAX_AUTHORS,
        help_text="The authors that readers see, in order. It replaces `author_name`.",
    )
    is_key_event = serializers.BooleanField(required=False)
    correction = serializers.CharField(
        max_length=MAX_CORRECTION,
        allow_blank=True,
        required=False,
        help_text="A note for readers below the post: what was wrong.",
    )
    corrected_at = MomentField(
        read_only=True, allow_null=True, help_text="The time of the correction."
    )
    show = serializers.BooleanField(
        write_only=True, required=False, help_text="Show the post to readers."
    )
    submitted = serializers.BooleanField(
        write_only=True, required=False, help_text="Submit a draft to an editor."
    )
    content = ContentField()
    html = HTMLField(
        source="*", read_only=True, help_text="The content as the page shows it."
    )
    created = MomentField(
        required=False,
        help_text="The time that readers see, and by which the posts are sorted. A new "
        "post has the time of its publication, unless it is sent.",
    )
    modified = MomentField(read_only=True, allow_null=True)
    go_live_at = MomentField(
        allow_null=True, required=False, help_text="The time to publish the post."
    )
    url = PostUrlField(source="*", read_only=True, allow_null=True)

    def validate_created(self, value):
        try:
            return posts.check_time(value)
        except posts.InvalidTime as error:
            advice = " To publish the post then, set go_live_at." * error.is_future
            raise serializers.ValidationError(f"{error}{advice}") from None

    def validate(self, values):
        if "created" in values and values.get("go_live_at"):
            reason = "A scheduled post has the time of its publication."
            raise serializers.ValidationError({"created": [reason]})
        if values.get("show") and values.get("go_live_at"):
            reason = "Set either show or go_live_at, not both."
            raise serializers.ValidationError({"go_live_at": [reason]})
        if "authors" in values and "author_name" in values:
            reason = "Set either authors or author_name, not both."
            raise serializers.ValidationError({"authors": [reason]})
        if values.get("show") is False:
            values.setdefault("go_live_at", None)
        return values


class StartedPostSerializer(PostSerializer):
    """A new post, which may begin with a preset of its page type."""

    schema_name = "Post"
    preset = serializers.CharField(
        write_only=True,
        required=False,
        help_text="A starting point that the page type declares: it gives the title, the "
        "blocks, `is_key_event` and the pin, unless they are sent. See `x-page-types`.",
    )
    content = ContentField(required=False)

    def validate_preset(self, value):
        channel = self.context["channel"]
        if preset := presets.find_preset(channel, value):
            return preset
        names = ", ".join(each.name for each in presets.get_presets(channel))
        reason = f"Choose from: {names}." if names else "This page has no presets."
        raise serializers.ValidationError(f"Unknown preset. {reason}")

    def validate(self, values):
        values = super().validate(values)
        preset = values.get("preset")
        if preset:
            self.begin(preset, values)
        if not values.get("content"):
            reason = self.fields["content"].error_messages["required"]
            raise serializers.ValidationError({"content": [reason]})
        return values

    def begin(self, preset: presets.Preset, values: dict) -> None:
        """Fill in what is not sent, and note it in ``started``."""
        channel = self.context["channel"]
        title, blocks = presets.start(preset, channel)
        begun = {"title": title, "is_key_event": preset.is_key_event}
        values["started"] = [name for name in begun if name not in values]
        values |= {name: begun[name] for name in values["started"]}
        if not isinstance(self.initial_data.get("content"), list):
            written = values.get("content", [])
            children = [(child.block_type, child.value) for child in written]
            values["content"] = presets.arrange(preset, blocks, children)
            values["started"].append("content")


class PostsQuery(serializers.Serializer):
    """The query of a list of posts."""

    before = serializers.CharField(
        required=False, help_text="A position, from `next` in the previous response."
    )
    limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_POSTS,
        default=DEFAULT_POSTS,
        help_text="The maximum number of posts.",
    )
    status = serializers.ChoiceField(
        choices=["all", *PostStatus.values],
        default=PostStatus.PUBLISHED.value,
        help_text="The posts to list; all but `published` need a token.",
    )

    def validate_before(self, value):
        position = parse_position(value)
        if position is None:
            reason = "Not a position. Use the URL in “next” of the previous response."
            raise serializers.ValidationError(reason)
        return position


class PostsSerializer(serializers.Serializer):
    posts = PostSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    cursor = CursorField()


class ChannelsSerializer(serializers.Serializer):
    channels = ChannelSerializer(many=True)


class UpdatesSerializer(serializers.Serializer):
    reset = serializers.BooleanField(
        help_text="Too much has changed: read the posts again."
    )
    posts = PostSerializer(many=True)
    removals = serializers.ListField(child=serializers.UUIDField())
    channel = ChannelSerializer()
    cursor = CursorField()


def etag_of(post: LivePost) -> str:
    return f'"{cursors.to_timestamp(post.updated_at)!r}"'


def describe_channel(channel: Channel, request=None) -> dict[str, Any]:
    return ChannelSerializer(channel, context={"request": request}).data


def describe_posts(posts: Iterable[LivePost], request=None) -> list[dict[str, Any]]:
    """Describe posts of one channel."""
    posts = list(posts)
    if not posts:
        return []
    rendering.prefetch_blocks(posts)
    context = get_context(posts[0].channel, request)
    return PostSerializer(posts, many=True, context=context).data


def describe_post(post: LivePost, request=None) -> dict[str, Any]:
    return describe_posts([post], request)[0]


def get_context(channel: Channel, request=None) -> dict[str, Any]:
    """Return what the serializers of the channel and of its posts make URLs with."""
    page = channel.page
    return {
        "request": request,
        "page_url": rendering.get_page_url(page, request),
        "base_url": rendering.get_base_url(page, request),
    }

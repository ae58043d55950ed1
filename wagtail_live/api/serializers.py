"""What clients may send; whatever else they send is an error."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from rest_framework import serializers

from ..models import ChannelState, PostStatus
from ..page.timeline import parse_position
from .content import from_json, get_messages

MOST_POSTS = 100
DEFAULT_POSTS = 50


class StrictSerializer(serializers.Serializer):
    def to_internal_value(self, data):
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            reason = f"Unknown; choose among: {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [reason] for name in unknown})
        return super().to_internal_value(data)


class ContentField(serializers.Field):
    """Rich text, or a list of blocks; ``context`` has the user and the present post."""

    def to_internal_value(self, data):
        post = self.context.get("post")
        try:
            return from_json(
                data, user=self.context.get("user"), current=post and post.content
            )
        except ValidationError as error:
            raise serializers.ValidationError(get_messages(error)) from None


class PostSerializer(StrictSerializer):
    """A post to add, or with ``partial`` the changes to one."""

    content = ContentField()
    title = serializers.CharField(max_length=255, allow_blank=True, required=False)
    author_name = serializers.CharField(
        max_length=255, allow_blank=True, required=False
    )
    is_key_event = serializers.BooleanField(required=False)
    show = serializers.BooleanField(required=False)
    go_live_at = serializers.DateTimeField(allow_null=True, required=False)
    submitted = serializers.BooleanField(required=False)


class ChannelSerializer(StrictSerializer):
    state = serializers.ChoiceField(choices=ChannelState.choices, required=False)
    summary = serializers.CharField(allow_blank=True, required=False)
    pinned_post = serializers.UUIDField(allow_null=True, required=False)


class ListSerializer(serializers.Serializer):
    """The query of a list of posts."""

    before = serializers.CharField(required=False)
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_POSTS, default=DEFAULT_POSTS
    )
    status = serializers.ChoiceField(
        choices=["all", *PostStatus.values], default=PostStatus.PUBLISHED.value
    )

    def validate_before(self, value):
        position = parse_position(value)
        if position is None:
            raise serializers.ValidationError('Take it from the answer before, "next".')
        return position

"""Add live posts: one from the command line, or one for each line of JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.html import linebreaks
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from wagtail.models import Site

from ... import posts
from ...api.authors import read_authors
from ...api.serializers import PostSerializer, read_object
from ...models import Channel, LivePageMixin, get_page_model
from ...permissions import SYSTEM
from ...posts.content import build_content
from ...posts.lock import check_version
from ...rich_text import TooLong

SOURCE = "live_post"


class LineSerializer(PostSerializer):
    """A post as in the API, or with plain ``text`` instead of ``content``."""

    text = serializers.CharField(required=False)
    message_id = serializers.CharField(max_length=255, required=False)
    archive = serializers.DictField(write_only=True, required=False)  # of live_import

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["content"].required = False

    def validate_created(self, value):
        return value  # lines are trusted

    def validate(self, values):
        if ("text" in values) == ("content" in values):
            raise ValidationError({"text": ["Give either text or content."]})
        if "text" in values:
            values["content"] = to_rich_text(values.pop("text"))
        if values.pop("archive", None) is not None and "created" in values:
            values["sent_at"] = values.pop("created")  # it may be that of a draft
        values.setdefault("show", not values.get("submitted"))
        return values


class Command(BaseCommand):
    help = (
        "Adds a post to a live page and prints its id. With --stdin it adds a post for "
        'each line of JSON, such as {"text": "Goal", "is_key_event": true}. Errors are '
        "reported with the number of the line; the other lines are posted."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "page", help="Id, path or slug of the page, or a channel id."
        )
        parser.add_argument("text", nargs="?", help="Plain text of the post.")
        parser.add_argument("--title", default="")
        parser.add_argument("--key-event", action="store_true")
        parser.add_argument("--draft", action="store_true", help="Save a draft.")
        parser.add_argument(
            "--message-id", default="", help="Each message id is posted only once."
        )
        parser.add_argument("--stdin", action="store_true", help="Read lines of JSON.")

    def handle(self, *args, page, text, stdin, **options):
        if stdin == (text is not None):
            raise CommandError("Give either a text or --stdin.")
        channel = find_channel(page)
        if stdin:
            self.post_lines(channel, sys.stdin.buffer)
            return
        if not text.strip():
            raise CommandError("The text is empty.")
        try:
            self.post(
                channel,
                content=build_content(to_rich_text(text), channel),
                title=options["title"][:255],
                is_key_event=options["key_event"],
                show=not options["draft"],
                message_id=options["message_id"][:255],
            )
        except (TooLong, posts.Conflict, posts.Withdrawn) as error:
            raise CommandError(get_reason(error)) from None

    def post_lines(self, channel: Channel, lines: Iterable[bytes]) -> None:
        """Post each line as it comes. Raise ``CommandError`` at the end if any failed."""
        failed = 0
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                serializer = LineSerializer(
                    data=read_object(line),
                    context={"user": None, "channel": channel},
                )
                serializer.is_valid(raise_exception=True)
                values = serializer.validated_data
                if "authors" in values:
                    values |= read_authors(channel, SYSTEM, values.pop("authors"))
                self.post(channel, **values)
            except (APIException, TooLong, posts.Conflict, posts.Withdrawn) as error:
                self.stderr.write(f"Line {number}: {get_reason(error)}")
                failed += isinstance(error, APIException | TooLong)
        if failed:
            raise CommandError(f"{failed} of {number} lines could not be posted.")

    def post(self, channel: Channel, **values: Any) -> None:
        post = posts.publish(channel, actor=SYSTEM, source=SOURCE, **values)
        check_version(post, posts.AS_CREATED)  # a message may have been posted before
        self.stdout.write(str(post.pk))
        self.stdout.flush()


def to_rich_text(text: str) -> str:
    return linebreaks(text.strip(), autoescape=True)


def get_reason(error: Exception) -> str:
    if isinstance(error, posts.Conflict):
        return (
            f"This message was posted before; post {error.post.pk} was changed since."
        )
    detail = getattr(error, "detail", error)
    if not isinstance(detail, dict):
        return str(detail)
    return " ".join(
        f"{name}: {' '.join(map(str, reasons))}" for name, reasons in detail.items()
    )


def find_channel(name: str) -> Channel:
    """Return the channel of the page with this id, channel id, path or slug. Raise
    ``CommandError`` if there is none, or more than one."""
    if channel := Channel.objects.filter(channel_id=name).first():
        return channel
    pages = [page for page in _find_pages(name) if isinstance(page, LivePageMixin)]
    if len(pages) == 1:
        return pages[0].live_channel
    if pages:
        paths = ", ".join(page.url or str(page.pk) for page in pages)
        raise CommandError(f"Several pages match {name!r}. Choose one of: {paths}")
    raise CommandError(f"There is no live page {name!r}.")


def _find_pages(name: str) -> Iterable:
    pages = get_page_model().objects
    path = name.strip("/")
    if name.isdecimal() and (found := pages.filter(pk=name).specific()):
        return found
    paths = [f"{root.root_path}{path}/" for root in Site.get_site_root_paths()]
    if found := pages.filter(url_path__in=paths).specific():
        return found
    return pages.filter(slug=path, alias_of=None).specific()

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
from ...api.serializers import StartedPostSerializer, read_object
from ...models import Channel, LivePageMixin, get_page_model
from ...permissions import SYSTEM
from ...posts.content import build_content
from ...posts.lock import Message, check_version, lock_channel
from ...rich_text import TooLong

SOURCE = "live_post"


class LineSerializer(StartedPostSerializer):
    """A new post as in the API, or with plain ``text`` instead of ``content``."""

    text = serializers.CharField(required=False)
    message_id = serializers.CharField(max_length=255, required=False)
    archive = serializers.DictField(write_only=True, required=False)  # of live_import

    def validate_created(self, value):
        return value  # lines are trusted

    def validate(self, values):
        given = [name for name in ("text", "content") if name in values]
        preset = values.get("preset")
        if len(given) > 1 or not (given or preset):
            raise ValidationError({"text": ["Give either text or content."]})
        if "text" in values:
            html = to_rich_text(values.pop("text"))
            values["content"] = build_content(html, self.context["channel"])
        if preset:
            self.begin(preset, values)
            del values["started"]
        if not values.get("content"):
            raise ValidationError({"text": ["This preset has no text of its own."]})
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
        parser.add_argument(
            "--preset",
            metavar="NAME",
            help="Begin the post with this preset of the page type.",
        )
        parser.add_argument("--draft", action="store_true", help="Save a draft.")
        parser.add_argument(
            "--message-id", default="", help="Each message id is posted only once."
        )
        parser.add_argument("--stdin", action="store_true", help="Read lines of JSON.")

    def handle(self, *args, page, text, stdin, **options):
        if stdin == (text is not None or options["preset"] is not None):
            raise CommandError("Give either a text or --stdin.")
        channel = find_channel(page)
        if stdin:
            self.post_lines(channel, sys.stdin.buffer)
            return
        if text is not None and not text.strip():
            raise CommandError("The text is empty.")
        line = {
            "text": text,
            "title": options["title"][:255],
            "is_key_event": options["key_event"],
            "message_id": options["message_id"][:255],
            "preset": options["preset"],
        }
        given = {name: value for name, value in line.items() if value}
        try:
            self.post_line(channel, {**given, "show": not options["draft"]})
        except (APIException, TooLong, posts.Conflict, posts.Withdrawn) as error:
            raise CommandError(get_reason(error)) from None

    def post_lines(self, channel: Channel, lines: Iterable[bytes]) -> None:
        """Post each line as it comes. Raise ``CommandError`` at the end if any failed."""
        failed = 0
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                self.post_line(channel, read_object(line))
            except (APIException, TooLong, posts.Conflict, posts.Withdrawn) as error:
                self.stderr.write(f"Line {number}: {get_reason(error)}")
                failed += isinstance(error, APIException | TooLong)
        if failed:
            raise CommandError(f"{failed} of {number} lines could not be posted.")

    def post_line(self, channel: Channel, line: dict) -> None:
        context = {"user": None, "channel": channel}
        serializer = LineSerializer(data=line, context=context)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        if "authors" in values:
            values |= read_authors(channel, SYSTEM, values["authors"])
        self.post(channel, **values)

    def post(self, channel: Channel, preset: Any = None, **values: Any) -> None:
        message = Message(SOURCE, values.get("message_id", ""))
        with lock_channel(channel) as lock:
            is_new = lock.find_delivered(message) is None
            post = posts.publish(lock.channel, actor=SYSTEM, source=SOURCE, **values)
            check_version(post, posts.AS_CREATED)
            if is_new and preset and preset.pin and post.show:
                posts.pin(lock.channel, post, actor=SYSTEM)
        self.stdout.write(str(post.pk))
        self.stdout.flush()


def to_rich_text(text: str) -> str:
    return linebreaks(text.strip(), autoescape=True)


def get_reason(error: Exception) -> str:
    if isinstance(error, posts.Conflict):
        return (
            f"This message was posted before; post {error.post.pk} was changed since."
        )
    return join_reasons(getattr(error, "detail", error))


def join_reasons(detail: Any) -> str:
    """Return the reasons of an error, each after the name of its field."""
    if isinstance(detail, dict):
        return " ".join(f"{name}: {join_reasons(detail[name])}" for name in detail)
    if isinstance(detail, list):
        return " ".join(filter(None, map(join_reasons, detail)))
    return str(detail)


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

"""Export a live blog into a folder or a zip file."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from ...models import Channel, LivePost, PostStatus
from ...models.post import has_status
from ...page import rendering
from ...people import find_people, get_person_name
from .entries import in_batches
from .exported_files import FOLDER, MAX_IN_MEMORY, ExportedFiles
from .lines import format_time, to_line
from .models import ImportedPost
from .references import export_value, make_portable
from .stores import Writer

POSTS = "posts.jsonl"
BLOG = "blog.json"
VERSION = 1
CHUNK = 500


class Export:
    """An export of a channel's posts with these statuses."""

    def __init__(
        self, channel: Channel, statuses: list[str], find_path: Callable
    ) -> None:
        self._channel, self._statuses = channel, statuses
        self._page = channel.page.specific
        self._base_url = rendering.get_base_url(self._page)
        self._find_path = find_path
        self._usernames: dict[str, str] = {}
        self._people: dict[str, str] = {}

    @property
    def posts(self) -> Any:
        wanted = Q()
        for status in self._statuses:
            wanted |= has_status(status)
        return self._channel.posts.filter(wanted).oldest_first()

    def make_lines(self) -> Iterator[str]:
        """Yield the posts, the oldest first, from one query: edits meanwhile can't leave
        out a post or repeat one."""
        for posts in in_batches(self.posts.iterator(chunk_size=CHUNK), CHUNK):
            self._find_usernames(posts)
            self._find_people(posts)
            rows = ImportedPost.objects.filter(post__in=[post.pk for post in posts])
            accounts = dict(rows.values_list("post", "accounts"))
            for post in posts:
                yield to_line(
                    post,
                    self._export_content(post),
                    self._usernames,
                    accounts.get(post.pk),
                    people=self._people,
                    is_pinned=post.pk == self._channel.pinned_post_id,
                )

    def _export_content(self, post: LivePost) -> list[dict]:
        block = post.content.stream_block
        raw = post.content.get_prep_value()
        return export_value(block, raw, self._base_url, self._find_path)

    def _find_usernames(self, posts: list[LivePost]) -> None:
        keys = {post.author_id for post in posts if post.author_id is not None}
        keys |= {
            each["user"] for post in posts for each in post.coauthors if "user" in each
        }
        unknown = [key for key in keys if str(key) not in self._usernames]
        if unknown:
            users = get_user_model()._default_manager.filter(pk__in=unknown)
            self._usernames |= {str(user.pk): user.get_username() for user in users}

    def _find_people(self, posts: list[LivePost]) -> None:
        authors = [each for post in posts for each in post.stored_authors]
        wanted = {each["person"] for each in authors if "person" in each}
        found = find_people(wanted - self._people.keys())
        self._people |= {key: get_person_name(each) for key, each in found.items()}

    def describe_blog(self) -> dict[str, Any]:
        """Return the state of the blog, without its posts."""
        channel = self._channel
        by = channel.summarised_by
        described = {
            "format": "wagtail_live",
            "version": VERSION,
            "title": self._page.title,
            "language": channel.language,
            "state": channel.state,
            "started_at": format_time(channel.started_at),
            "ended_at": format_time(channel.ended_at),
            "summary": make_portable(channel.summary, self._base_url),
            "summarised_at": format_time(channel.summarised_at),
            "summarised_by": by.get_username() if by else None,
            "stage": channel.stage_values,
        }
        return {
            name: value for name, value in described.items() if value not in ("", None)
        }


def write_export(
    channel: Channel, statuses: list[str], writer: Writer, progress: Any
) -> tuple[int, ExportedFiles]:
    """Write posts, files and the state of the blog; return the number of posts."""
    files = ExportedFiles(writer)
    export = Export(channel, statuses, files.find_path)
    count = 0
    with tempfile.SpooledTemporaryFile(MAX_IN_MEMORY) as lines:
        for line in export.make_lines():
            lines.write(f"{line}\n".encode())
            count += 1
            progress.add()
        lines.seek(0)
        files.finish()
        blog = json.dumps(export.describe_blog(), ensure_ascii=False, indent=2)
        writer.add(BLOG, io.BytesIO(f"{blog}\n".encode()))
        writer.add(POSTS, lines)
    writer.finish([f"{FOLDER}/*"])
    return count, files


def read_statuses(value: str) -> list[str]:
    """Return the statuses in a list with commas; ``ValueError`` for an unknown one."""
    names = [name.strip() for name in value.split(",")]
    if names == ["all"]:
        return list(PostStatus.values)
    return [PostStatus(name).value for name in names]

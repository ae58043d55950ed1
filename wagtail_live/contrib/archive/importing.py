"""Import entries in batches: each is read, checked, and written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from django.utils.html import format_html

from ...api.content import get_messages
from ...models import (
    MAX_AUTHORS,
    Channel,
    LivePost,
    PostAuthor,
    PostStatus,
    get_post_block,
)
from ...models.post import read_content
from ...people import find_by_name, find_people, get_person_name
from ...posts.content import build_content, check_urls, count_characters
from ...posts.writer import UNCHANGED, author_fields
from ...rich_text import TooLong, check_length
from ...search import index_posts
from ...text import normalise_line
from .added_files import AddedFiles, FileRefused
from .entries import Entry, Problem, in_batches
from .formats.html import fit
from .references import import_value
from .writing import Prepared, find_imported, get_key, write_batch

BATCH = 250  # posts of a transaction
Report = Callable[[Problem], None]


class Import:
    """An import into a channel. ``counts`` has the number of posts by what became of them."""

    def __init__(
        self,
        channel: Channel,
        files: AddedFiles,
        report: Report,
        *,
        is_dry: bool = False,
        is_trusted: bool = False,
        links_images: bool = False,
    ) -> None:
        self._channel, self._files, self._report = channel, files, report
        self._is_dry, self._is_trusted = is_dry, is_trusted
        self._links_images = links_images
        self._block = get_post_block(channel)
        self._users: dict[str, Any] = {}
        self._people: dict[tuple[str, str], Any] = {}  # by their ids and names
        self._seen: set[tuple] = set()
        self._before: list[Any] = []  # ids of the batch before, if it was there already
        self.counts: Counter[str] = Counter()
        self.unknown: set[str] = set()  # usernames, and names of people

    def run(self, entries: Iterable[Entry | Problem], progress: Any) -> None:
        for batch in in_batches(entries, BATCH):
            found = [each for each in batch if isinstance(each, Entry)]
            for each in batch:
                if isinstance(each, Problem):
                    self._refuse(each.place, each.reason)
            self._import(found)
            progress.add(len(batch))
        if not self._is_dry:
            index_posts(self._before)

    def _import(self, entries: list[Entry]) -> None:
        known = find_imported(self._channel, entries)
        new = []
        for entry in entries:
            key = get_key(entry)
            state = "imported" if key in self._seen else known.get(key)
            self._seen.add(key)
            if state == "deleted":
                self._report(Problem(entry.place, "The post was deleted on this page."))
            if state:
                self.counts[state] += 1
            else:
                new.append(entry)
        self._find_users(new)
        self._find_people(new)
        prepared = [each for entry in new if (each := self._try(entry))]
        if self._is_dry:
            self.counts["new"] += len(prepared)
        elif prepared:
            written = self._write(prepared)
            # A process that is killed after a commit leaves its batch without an index.
            index_posts([*self._before, *(post.pk for post in written)])
        self._before = [] if new else self._get_ids(entries)

    def _write(self, batch: list[Prepared]) -> list[LivePost]:
        """Write a batch; one by one if the database refuses one of them."""
        try:
            written = write_batch(self._channel, batch)
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                reason = f"The database refuses the post: {type(error).__name__}."
                self._refuse(batch[0].entry.place, reason)
                return []
            return [post for each in batch for post in self._write([each])]
        self.counts["new"] += len(written)
        self.counts["imported"] += len(batch) - len(written)
        return written

    def _get_ids(self, entries: list[Entry]) -> list[Any]:
        ids = [entry.message_id for entry in entries]
        posts = self._channel.posts
        return list(posts.filter(message_id__in=ids).values_list("pk", flat=True)) + [
            entry.id for entry in entries if entry.id
        ]

    def _refuse(self, place: str, reason: str) -> None:
        self.counts["refused"] += 1
        self._report(Problem(place, reason))

    def _try(self, entry: Entry) -> Prepared | None:
        try:
            return self._prepare(entry)
        except (TooLong, ValidationError) as error:
            if isinstance(error, ValidationError):
                self._refuse(entry.place, " ".join(map(str, get_messages(error))))
            else:
                self._refuse(entry.place, str(error))
        except RecursionError:
            self._refuse(entry.place, "The content is nested too deeply.")
        return None

    def _prepare(self, entry: Entry) -> Prepared:
        check_length(count_characters(entry.content))
        if not isinstance(entry.content, list):
            raise ValidationError("Content must be a list of blocks.")
        raw: list[dict] = []
        content = entry.content
        if entry.is_converted:
            content = fit(content, self._block)
        for number, item in enumerate(content, start=1):
            try:
                blocks = self._read_block(entry, item)
                check_urls(self._block, blocks)
            except ValidationError as error:
                reasons = " ".join(map(str, get_messages(error)))
                raise ValidationError(f"block {number}: {reasons}") from None
            raw += blocks
        fields, accounts = self._find_authors(entry)
        fields |= {
            "content": build_content(read_content(self._block, raw), self._channel),
            "title": normalise_line(entry.title),
            "is_key_event": entry.is_key_event,
            "correction": normalise_line(entry.correction),
            "created": entry.created,
            "is_dated": entry.is_dated,
            **_get_status_fields(entry),
        }
        return Prepared(entry, fields, accounts)

    def _read_block(self, entry: Entry, item: Any) -> list[dict]:
        try:
            return self._read([item])
        except FileRefused as error:
            is_image = isinstance(item, dict) and item.get("type") == "image"
            if not (self._links_images and is_image):
                raise
            value = item["value"] if isinstance(item["value"], dict) else {}
            url = str(value.get("image", ""))
            if not url.startswith(("https://", "http://")):
                raise
            label = value.get("caption") or value.get("alt_text") or url
            link = format_html('<p><a href="{}">{}</a></p>', url, label)
            self._report(Problem(entry.place, f"{error.message} It is linked."))
            return self._read(fit([{"type": "text", "value": link}], self._block))

    def _read(self, raw: list) -> list[dict]:
        find_key = self._files.find_key
        return import_value(self._block, raw, find_key, is_trusted=self._is_trusted)

    def _find_users(self, entries: list[Entry]) -> None:
        names = {entry.accounts.get("author") for entry in entries}
        for entry in entries:
            names |= set(entry.accounts.get("coauthors", ()))
        wanted = [name for name in names if name and name not in self._users]
        model = get_user_model()
        rows = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": wanted})
        found = {user.get_username(): user for user in rows}
        self._users |= {name: found.get(name) for name in wanted}
        self.unknown |= {name for name in wanted if name not in found}

    def _find_people(self, entries: list[Entry]) -> None:
        """Find people by their ids, if they have the names that they had, or else by their
        names: in another site, the id is somebody else's."""
        found = [each for entry in entries for each in entry.accounts.get("people", ())]
        wanted = {(each["id"], each["name"]) for each in found if each}
        wanted -= self._people.keys()
        known = find_people(id for id, _ in wanted)
        for id, name in wanted:
            person = known.get(id)
            is_same = person is not None and get_person_name(person) == name
            person = person if is_same else find_by_name(name)
            self._people[id, name] = person
            if person is None and name:
                self.unknown.add(name)

    def _find_authors(self, entry: Entry) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the fields of the authors, and the accounts that this site doesn't have."""
        names = [normalise_line(name)[:255] for name in entry.names][:MAX_AUTHORS]
        author = entry.accounts.get("author")
        user = self._users.get(author) if author else None
        has_byline = bool(entry.has_byline and names)
        accounts = fill(entry.accounts.get("coauthors"), len(names) - has_byline)
        users = [None] * has_byline + [self._users.get(name) for name in accounts]
        given = fill(entry.accounts.get("people"), len(names))
        people = [each and self._people[each["id"], each["name"]] for each in given]
        roles = [role or "" for role in fill(entry.roles, len(names))]
        named = [
            PostAuthor(*each) for each in zip(names, users, people, roles, strict=True)
        ]
        first, others = (named[0], named[1:]) if has_byline else (PostAuthor(""), named)
        left: dict[str, Any] = {"author": author} if author and not user else {}
        left["coauthors"] = find_missing(accounts, users[has_byline:])
        left["people"] = find_missing(given, people)
        fields = author_fields(UNCHANGED, None, None, [first, *others])
        return {"author": user, **fields}, {
            name: value for name, value in left.items() if value
        }


def fill(given: Sequence | None, length: int) -> list:
    """Return what is given for each author, with ``None`` for those without."""
    found = list(given or ())[:length]
    return found + [None] * (length - len(found))


def find_missing(given: list, found: list) -> list:
    """Return what was given and not found, if there is anything."""
    missing = [None if each else name for name, each in zip(given, found, strict=True)]
    return missing if any(missing) else []


def _get_status_fields(entry: Entry) -> dict[str, Any]:
    """Return the fields by which a post has the status of an entry, and its times."""
    times = dict(entry.times)
    fields: dict[str, Any] = {
        "show": entry.status == PostStatus.PUBLISHED,
        "go_live_at": None,
        "submitted_at": None,
    }
    if entry.status == PostStatus.SCHEDULED:
        fields["go_live_at"] = entry.go_live_at
    if entry.status in (PostStatus.PUBLISHED, PostStatus.HIDDEN):
        times.setdefault("first_published_at", entry.created)
    if entry.status == PostStatus.SUBMITTED:
        times.setdefault("submitted_at", entry.created)
    if entry.correction:
        times.setdefault("corrected_at", times.get("modified", entry.created))
    return fields | times

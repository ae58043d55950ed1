"""The content of a message, which receivers collect from its parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .base import Attachment
from .document import Block, Quote
from .media import find_refusal

MAX_NAME_LENGTH = 100


@dataclass
class Content:
    """The text and files of a message, and the parts that readers can't get."""

    body: list[Block] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)

    def __bool__(self):
        return bool(self.body or self.attachments or self.omitted)

    def attach(
        self,
        attachment: Attachment,
        kind: str,
        name: str = "",
        limit: int | None = None,
    ) -> None:
        """Add a video or audio if the site shows them; tell editors of any other. ``limit``
        is the size up to which the platform lets files be downloaded, in bytes."""
        refusal = find_refusal(attachment, limit)
        if refusal is None:
            self.attachments.append(attachment)
            return
        self.omit(kind, name or attachment.name)
        if refusal:
            self.omitted[-1] += f" ({refusal})"

    def omit(self, kind: str, name: str = "") -> None:
        """Tell editors of a part that is left out, such as a video and its file name."""
        name = " ".join(name.split())
        if len(name) > MAX_NAME_LENGTH:
            name = f"{name[: MAX_NAME_LENGTH - 1]}…"
        if name:
            kind = _("%(kind)s “%(name)s”") % {"kind": kind, "name": name}
        self.omitted.append(kind)

    def add(self, other: Content) -> None:
        """Add the parts of a message that this message contains."""
        self.body += other.body
        self.attachments += other.attachments
        self.omitted += other.omitted

    def quote(self, blocks: Iterable[Block]) -> None:
        if blocks := tuple(blocks):
            self.body.append(Quote(blocks))

    def as_fields(self) -> dict[str, Any]:
        """Return the arguments of ``Upsert``."""
        names = ("body", "attachments", "omitted")
        return {name: tuple(getattr(self, name)) for name in names}

"""The class that a site writes for its assistant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.images.models import AbstractImage

    from ...models import LivePost


class Assistant:
    """Suggests texts to editors. Name your class in ``WAGTAIL_LIVE_ASSISTANT``.

    It is created without arguments for each suggestion, and called in a thread of its own,
    never while an editor's request waits. Write the methods that your provider can answer;
    the desk has no button for the others. Raise any exception if the provider fails: it is
    logged, and the editor is told that there is no suggestion. After
    ``WAGTAIL_LIVE_ASSISTANT_TIMEOUT`` seconds the editor is told so, and the answer is
    dropped; give your requests a timeout, too, so that the thread ends.

    A subclass is not needed: any class with one of these methods will do.
    """

    def suggest_key_points(self, posts: Sequence[LivePost]) -> str | list[str]:
        """Return key points of a live blog: a list of plain texts, or HTML, which is cleaned.

        ``posts`` are its newest 200 posts, oldest first: what readers see, or also drafts
        and hidden posts if the editor has asked for it. Use their ``title``, ``text``,
        ``created``, ``is_key_event`` and ``show``.
        """
        raise NotImplementedError

    def suggest_alt_text(self, image: AbstractImage) -> str:
        """Return a plain text that describes an image of the library: ``image.file``, or a
        smaller one by ``image.get_rendition("max-1024x1024")``."""
        raise NotImplementedError

    def translate(self, text: str, language: str) -> str:
        """Return a text in another language, such as ``"de"`` or ``"pt-br"``.

        ``text`` is the title, a caption or a quote as plain text, or HTML if it begins with
        a tag: keep its tags. It is called once for each text of a post, and what it returns
        is cleaned.
        """
        raise NotImplementedError

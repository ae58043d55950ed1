"""Questions for the assistant: the posts, image or texts that it gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from wagtail.images import get_image_model

from ...images import get_image_permissions
from ...models import Channel, LivePost
from . import answers

MAX_POSTS = 200


def list_posts(channel: Channel, *, with_private: bool) -> list[LivePost]:
    """Return the newest posts, oldest first: those that readers see, or all."""
    posts = channel.posts.all() if with_private else channel.posts.visible()
    return list(reversed(posts.newest_first()[:MAX_POSTS]))


def is_private(page: Any) -> bool:
    """Return whether not everybody may read a page."""
    return not page.live or page.get_view_restrictions().exists()


def ask_key_points(posts: list[LivePost]) -> Callable[[Any], Any]:
    return lambda assistant: answers.read_key_points(
        assistant.suggest_key_points(posts)
    )


def find_image(user: Any, key: str) -> Any:
    """Return an image that the user may choose or has added, ``None`` for any other."""
    images = get_image_model().objects.filter(pk=key) if key.isdecimal() else []
    image = next(iter(images), None)
    if image is None or image.uploaded_by_user_id == user.pk:
        return image
    policy = get_image_permissions()
    rights = ["choose", "change"]
    may_choose = policy.user_has_any_permission_for_instance(user, rights, image)
    return image if may_choose else None


def ask_alt_text(image: Any) -> Callable[[Any], Any]:
    return lambda assistant: answers.read_alt_text(assistant.suggest_alt_text(image))


def list_languages() -> list[tuple[str, str]]:
    """Return the languages of the site's content, by their codes."""
    return list(getattr(settings, "WAGTAIL_CONTENT_LANGUAGES", settings.LANGUAGES))


def ask_translation(
    title: str, texts: list[str], plain: list[str], language: str
) -> Callable[[Any], Any]:
    """Translate a post: its title, its rich texts as HTML, and texts without formats."""

    def ask(assistant: Any) -> dict[str, Any] | None:
        def translate(text: str) -> Any:
            return assistant.translate(text, language) if text.strip() else text

        found = [answers.translate_html(html, translate) for html in texts]
        answer = {
            "title": answers.read_title(translate(title)),
            "html": found,
            "states": [answers.to_state(html) for html in found],
            "plain": [answers.read_plain(translate(text)) for text in plain],
            "language": language,
        }
        is_empty = not any([answer["title"], *found, *answer["plain"]])
        return None if is_empty else answer

    return ask

"""What a post refers to, such as its images, as Wagtail's reference index knows it."""

from __future__ import annotations

from wagtail.models import ReferenceIndex
from wagtail.signal_handlers import (
    disable_reference_index_auto_update,
    reference_index_auto_update_disabled,
)

from ..models import LivePost


def save(post: LivePost) -> None:
    """Save the post, and note what it refers to in the same transaction.

    Wagtail's own handler reads the post again, in a transaction of its own, and asks for
    the references of a new post, too.
    """
    is_new = post._state.adding
    if getattr(reference_index_auto_update_disabled, "value", False):
        post.save(force_insert=is_new)
        return
    with disable_reference_index_auto_update():
        post.save(force_insert=is_new)
    if not is_new or _refers_to_something(post):
        ReferenceIndex.create_or_update_for_object(post)


def _refers_to_something(post: LivePost) -> bool:
    in_content = LivePost._meta.get_field("content").extract_references(post.content)
    return post.author_id is not None or any(True for _ in in_content)

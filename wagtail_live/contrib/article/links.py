"""The link from a post to its article, which follows the publication of the article."""

from __future__ import annotations

from typing import Any

from wagtail.signals import page_published, page_unpublished

from ... import posts
from ...models import LivePost
from ...permissions import SYSTEM
from ...posts.lock import lock_channel
from .models import PostArticle

BLOCK = "article"


def connect() -> None:
    page_published.connect(_note_published, dispatch_uid="wagtail_live_article")
    page_unpublished.connect(_note_unpublished, dispatch_uid="wagtail_live_article")


def _note_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    if article := find_article(instance):
        update_link(article, is_live=True)


def _note_unpublished(sender: Any, instance: Any, **kwargs: Any) -> None:
    if article := find_article(instance):
        update_link(article, is_live=False)


def find_article(page: Any) -> PostArticle | None:
    rows = PostArticle.objects.select_related("channel__page")
    return rows.filter(page_id=page.pk).first()


def update_link(article: PostArticle, *, is_live: bool) -> None:
    """Add the link to the post if the page is live and an editor wants it; otherwise remove
    it. Nothing changes in a post that has been deleted."""
    wanted = article.is_linked and is_live
    with lock_channel(article.channel) as lock:
        post = LivePost.objects.filter(pk=article.post_id, channel=lock.channel).first()
        if post is None or BLOCK not in post.content.stream_block.child_blocks:
            return
        others = [child for child in post.content if not is_link(child, article)]
        if wanted == (len(others) < len(post.content)):
            return
        content: list[Any] = [(child.block_type, child.value) for child in others]
        if wanted:
            content.append((BLOCK, article.page))
        posts.edit(lock.channel, post, content=content, actor=SYSTEM)


def is_link(child: Any, article: PostArticle) -> bool:
    is_page = child.block_type == BLOCK and child.value is not None
    return is_page and child.value.pk == article.page_id

"""The ``LiveBlogPosting`` of a live page, as schema.org defines it.

``datePublished`` never changes, ``coverageStartTime`` only if a post is dated back to before
it. ``coverageEndTime`` appears when the blog has ended, and ``dateModified`` is the newest
change.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from .. import cursors
from ..models import Channel, ChannelState, LivePost, PostAuthor
from ..renditions import PREVIEW_SPECS, find_renditions, get_words
from ..text import normalise_values
from . import rendering

PROPERTIES = {
    "VideoObject": "video",
    "AudioObject": "audio",
    "Organization": "sponsor",
}
UNSAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def get_structured_data(
    page, channel: Channel, posts: list[LivePost], request=None
) -> dict[str, Any]:
    """Describe the page with these posts, whose blocks have been prefetched."""
    url = rendering.get_page_url(page, request)
    base_url = rendering.get_base_url(page, request)
    publisher = get_publisher(page)
    changed = [channel.seen_updated_at, page.last_published_at]
    data = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting",
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": page.seo_title or page.title,
        "description": page.search_description,
        "image": _image_urls(find_images(page, posts), base_url),
        "datePublished": _isoformat(page.first_published_at or channel.started_at),
        "dateModified": _isoformat(max(map(cursors.to_aware, filter(None, changed)))),
        "author": _authors(posts, base_url) or [publisher],
        "publisher": publisher,
        "coverageStartTime": _isoformat(find_start(channel, posts)),
        "coverageEndTime": _isoformat(
            channel.ended_at if channel.state == ChannelState.ENDED else None
        ),
        "inLanguage": channel.language,
        "liveBlogUpdate": [_update(post, url, base_url, publisher) for post in posts],
    }
    return page.get_live_structured_data(_without_empty(data), request)


def find_start(channel: Channel, posts: Sequence[LivePost]) -> datetime | None:
    """Return the start of the coverage, or the time of a post that is dated before it."""
    if channel.started_at is None:
        return None
    times = [getattr(post, "oldest_created", post.created) for post in posts]
    return min(map(cursors.to_aware, [channel.started_at, *times]))


def to_script(data: dict) -> SafeString:
    """Serialise to JSON that can't end the script element around it."""
    text = json.dumps(normalise_values(data), cls=DjangoJSONEncoder, ensure_ascii=False)
    return mark_safe(text.translate(UNSAFE))  # noqa: S308


def get_publisher(page) -> dict:
    site = rendering.find_site(page)
    if site is None:
        return {"@type": "Organization", "name": page.title}
    name = site.site_name or site.hostname
    return {"@type": "Organization", "name": name, "url": site.root_url}


def post_url(page_url: str | None, post: LivePost) -> str | None:
    return f"{page_url}#live-post-{post.pk}" if page_url else None


def _update(
    post: LivePost, page_url: str | None, base_url: str, publisher: dict
) -> dict:
    url = post_url(page_url, post)
    return _without_empty(
        {
            "@type": "BlogPosting",
            "@id": url,
            "url": url,
            "headline": post.headline,
            "datePublished": _isoformat(post.created),
            "dateModified": _isoformat(post.modified or post.created),
            "author": _authors([post], base_url) or [publisher],
            "articleBody": post.text,
            "image": [
                _image(image, rendering.join(base_url, rendition.url))
                for image in post.images
                for rendition in find_renditions(image, "width-1440")
            ],
            **find_parts(post, base_url),
            "correction": _correction(post),
        }
    )


def _image(image: Any, url: str) -> str | dict:
    """Return the URL of an image, or an ``ImageObject`` if it has words."""
    words = get_words(image)
    if not any(words.values()):
        return url
    return _without_empty(
        {
            "@type": "ImageObject",
            "url": url,
            "caption": words["caption"],
            "creditText": words["credit"],
        }
    )


def find_parts(post: LivePost, base_url: str) -> dict[str, list[dict]]:
    """Describe the blocks that can, such as those of ``wagtail_live.video``, under the
    property for their type."""
    parts = defaultdict(list)
    for child in post.content:
        for name, found in find_parts_of(child, base_url):
            parts[name].append(found)
    return dict(parts)


def find_parts_of(child: Any, base_url: str) -> Iterator[tuple[str, dict]]:
    """Yield the property and the description of a block that can be described."""
    if hasattr(child.block, "get_structured_data"):
        found = child.block.get_structured_data(child.value, base_url)
        if found:
            name = PROPERTIES.get(found["@type"], "hasPart")
            yield name, _without_empty(found)


def _authors(posts: list[LivePost], base_url: str) -> list[dict]:
    authors = (author for post in posts for author in post.authors)
    by_name = {author.name: author for author in authors}
    return [_person(author, base_url) for author in by_name.values()]


def _person(author: PostAuthor, base_url: str) -> dict:
    return _without_empty(
        {
            "@type": "Person",
            "name": author.name,
            "jobTitle": author.job_title,
            "url": rendering.profile_url(author, base_url),
            "image": rendering.avatar_url(author, base_url),
        }
    )


def _correction(post: LivePost) -> dict | None:
    if not post.correction:
        return None
    return {
        "@type": "CorrectionComment",
        "text": post.correction,
        "datePublished": _isoformat(post.corrected_at),
    }


def find_images(page: Any, posts: Sequence[LivePost]) -> Iterator[Any]:
    """Yield the images that can stand for a page, the best first: its own, those of key
    events, and those of other posts."""
    if image := page.get_live_image():
        yield image
    # Python's sort keeps the order of posts.
    for post in sorted(posts, key=lambda post: not post.is_key_event):
        yield from post.images


def _image_urls(images: Iterable[Any], base_url: str) -> list[str]:
    found = (find_renditions(image, *PREVIEW_SPECS) for image in images)
    renditions = next(filter(None, found), [])
    return [rendering.join(base_url, rendition.url) for rendition in renditions]


def _isoformat(moment) -> str | None:
    if moment is None:
        return None
    return timezone.localtime(cursors.to_aware(moment)).isoformat(timespec="seconds")


def _without_empty(data: dict) -> dict:
    return {key: value for key, value in data.items() if value not in (None, "", [])}

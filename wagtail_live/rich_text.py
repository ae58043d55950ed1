"""Cleaning of rich text before it is stored, because Wagtail trusts stored rich text."""

import re

import nh3

BLOCK_TAGS = {"blockquote", "h2", "h3", "h4", "hr", "ol", "p", "pre", "ul"}
INLINE_TAGS = {
    *("a", "b", "br", "code", "del", "em", "i", "s", "strong", "sub", "sup", "u"),
    *("ins", "kbd", "mark", "q", "small"),
}
ALLOWED_TAGS = BLOCK_TAGS | INLINE_TAGS | {"li"}
DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "svg", "math"}
URL_SCHEMES = {"http", "https", "mailto", "tel"}
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
STARTS_WITH_BLOCK = re.compile(rf"\s*<({'|'.join(sorted(BLOCK_TAGS))})\b")


def clean_rich_text(html: str) -> str:
    """Return the HTML with only allowed tags and absolute links.

    Control characters are removed too: PostgreSQL refuses NUL, and bidirectional
    overrides make a text look different from what it says. Inline text is wrapped in a paragraph.
    """
    cleaned = nh3.clean(
        INVISIBLE.sub("", html),
        tags=ALLOWED_TAGS,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes={"a": {"href"}},
        url_schemes=URL_SCHEMES,
        url_relative="deny",
        link_rel="noopener",
    ).strip()
    if not cleaned or STARTS_WITH_BLOCK.match(cleaned):
        return cleaned
    return f"<p>{cleaned}</p>"

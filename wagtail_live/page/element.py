"""The attributes of the element ``<live-blog>``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language_bidi, gettext, ngettext, override

from .. import conf, cursors
from ..models import Channel

# A number for each plural form that a language can have.
PLURAL_FORMS = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def get_attributes(channel: Channel, urls: dict[str, str]) -> dict[str, str]:
    """Return the channel's cursor and state, the URLs that follow it, and the texts in
    the page's language."""
    with override(channel.language):
        texts = get_texts()
    attributes = {
        "channel": channel.channel_id,
        "cursor": repr(cursors.to_timestamp(channel.last_updated_at)),
        "state": channel.state,
        "lang": channel.language,
        "dir": get_direction(channel),
        **urls,
        "timeout": str(conf.get_polling_timeout()),
        "interval": str(conf.get_polling_interval()),
        **{f"text-{name}": text for name, text in texts.items()},
    }
    if conf.shows_activity():
        attributes |= describe_activity(channel)
    if conf.get_embed_consent():
        attributes["embeds"] = "ask"
    return attributes


def describe_activity(channel: Channel) -> dict[str, str]:
    """Return the URL that says whether a reporter writes and how many readers there are,
    and the texts for it; nothing without our URLs."""
    try:
        url = reverse("live-activity", args=[channel.channel_id])
    except NoReverseMatch:
        return {}
    attributes = {"activity": url}
    if conf.get_engine() is None:
        attributes["activity-streams"] = ""  # streams say it, too
    with override(channel.language):
        for form, number in PLURAL_FORMS.items():
            text = ngettext("%(count)s reader", "%(count)s readers", number)
            attributes[f"text-readers-{form}"] = text % {"count": "#"}
    return attributes


def get_minute(since: datetime, offset: int, limit: int | None) -> str:
    """Return the current minute of a match, as sports reporters count."""
    elapsed = cursors.now() - cursors.to_aware(since)
    minute = offset + max(0, elapsed // timedelta(minutes=1)) + 1
    if limit and minute > limit:
        return f"{limit}+{minute - limit}′"
    return f"{minute}′"


def get_titles(titles: dict[str, str], stage: dict[str, str]) -> dict[str, str]:
    """Return the titles that the document has, for the script to replace, and those of
    the stage if they differ: they have changed while the page was served."""
    names = {"title": "page-title", "documentTitle": "document-title"}
    attributes = {name: titles[key] for key, name in names.items()}
    if any(titles[key] != stage[key] for key in names):
        attributes |= {f"new-{name}": stage[key] for key, name in names.items()}
    return attributes


def get_layout(head: str, posts: Sequence) -> dict[str, str]:
    """Return what the stylesheet has to know of the page, as not all browsers know
    ``:has()``. The script keeps it up to date."""
    is_there = {"side": "live-blog__side" in head, "empty": not posts}
    return {name: "" for name, is_known in is_there.items() if is_known}


def get_direction(channel: Channel) -> str:
    with override(channel.language):
        return "rtl" if get_language_bidi() else "ltr"


def get_summaries_url() -> str:
    """Return the URL that badges and teasers ask; empty without our URLs."""
    try:
        return reverse("live-summaries")
    except NoReverseMatch:
        return ""


def get_texts() -> dict[str, str]:
    """Return the texts that the element shows; ``#`` stands for a number or a time."""
    texts = {
        "offline": gettext("You are offline. Last update: %(time)s"),
        "reconnecting": gettext("Reconnecting… Last update: %(time)s"),
        "withdrawn": gettext("This post was withdrawn."),
        "copied": gettext("Link copied"),
    }
    for form, number in PLURAL_FORMS.items():
        texts[f"new-{form}"] = ngettext(
            "%(count)s new post", "%(count)s new posts", number
        )
        # While updates are paused: "Updates paused · 4 new".
        texts[f"waiting-{form}"] = ngettext("%(count)s new", "%(count)s new", number)
    return {name: text % {"count": "#", "time": "#"} for name, text in texts.items()}

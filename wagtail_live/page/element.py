"""The attributes of the element ``<live-blog>``."""

from __future__ import annotations

from django.utils.translation import get_language_bidi, gettext, ngettext, override

from .. import conf, cursors
from ..models import Channel

# A number for each plural form that a language can have.
PLURAL_FORMS = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def get_attributes(channel: Channel, urls: dict[str, str]) -> dict[str, str]:
    """Return the channel's cursor and state, the URLs that follow it, and the texts in
    the page's language."""
    with override(channel.language):
        texts, is_bidi = get_texts(), get_language_bidi()
    attributes = {
        "channel": channel.channel_id,
        "cursor": repr(cursors.to_timestamp(channel.last_updated_at)),
        "state": channel.state,
        "lang": channel.language,
        "dir": "rtl" if is_bidi else "ltr",
        **urls,
        "timeout": str(conf.get_polling_timeout()),
        "interval": str(conf.get_polling_interval()),
        **{f"text-{name}": text for name, text in texts.items()},
    }
    if conf.get_embed_consent():
        attributes["embeds"] = "ask"
    return attributes


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
    return {name: text % {"count": "#", "time": "#"} for name, text in texts.items()}

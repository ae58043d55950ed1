"""What the element ``<live-blog>`` is told, in its attributes."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext

from .. import conf, cursors, publishers
from ..models import Channel

# A number for each plural form that a language may have.
PLURAL_FORMS = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}


def get_attributes(channel: Channel, *, prefers_streams: bool) -> dict[str, str]:
    """How to follow the channel from its cursor on, and the words to say."""
    attributes = {
        "channel": channel.channel_id,
        "cursor": repr(cursors.to_timestamp(channel.last_updated_at)),
        "state": channel.state,
        "lang": get_language() or settings.LANGUAGE_CODE,
        "dir": "rtl" if get_language_bidi() else "ltr",
        **publishers.get_client_urls(
            channel.channel_id, prefers_streams=prefers_streams
        ),
        "timeout": str(conf.get_polling_timeout()),
        "interval": str(conf.get_polling_interval()),
        **{f"text-{name}": text for name, text in get_texts().items()},
    }
    if conf.get_embed_consent():
        attributes["embeds"] = "ask"
    return attributes


def get_texts() -> dict[str, str]:
    """What the element says by itself; ``#`` stands for a number or a time."""
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

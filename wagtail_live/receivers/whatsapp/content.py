"""The content of WhatsApp messages, by their type
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages).

Videos and audio are shown where posts have blocks for them. Other files, and kinds that are
no use to readers, are named for editors.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..base import Attachment, get_dict, get_dicts, get_str
from ..content import Content
from .text import Names, from_whatsapp

MEDIA = {
    "audio": gettext_lazy("audio"),
    "document": gettext_lazy("file"),
    "image": gettext_lazy("image"),
    "video": gettext_lazy("video"),
}
OTHERS = {
    "contacts": gettext_lazy("contact"),
    "interactive": gettext_lazy("answer to a menu"),
    "location": gettext_lazy("location"),
    "order": gettext_lazy("order"),
    "poll": gettext_lazy("poll"),
    "sticker": gettext_lazy("sticker"),
}


def read_content(message: dict, names: Names) -> Content:
    """Return the content of a message."""
    kind = get_str(message, "type")
    content = Content()
    if kind == "text":
        content.body += from_whatsapp(get_str(get_dict(message, "text"), "body"), names)
    elif kind == "button":  # an answer to a message of the number's owner
        content.body += from_whatsapp(
            get_str(get_dict(message, "button"), "text"), names
        )
    elif kind in MEDIA:
        _read_media(content, kind, get_dict(message, kind), names)
    elif kind in OTHERS:
        content.omit(str(OTHERS[kind]))
    else:
        content.omit(_("message of an unknown kind"), _name_unknown(message))
    return content


def _read_media(content: Content, kind: str, media: dict, names: Names) -> None:
    content.body += from_whatsapp(get_str(media, "caption"), names)
    mime_type = get_str(media, "mime_type").partition(";")[0].strip()
    name = get_str(media, "filename")
    label = str(MEDIA[kind])
    if kind == "audio" and media.get("voice") is True:
        label = _("voice message")
    id = get_str(media, "id")
    # An edit may give the same file another id.
    key = get_str(media, "sha256") or id
    attachment = Attachment(id=key, url=id, name=name, mime_type=mime_type)
    if id and mime_type.startswith("image/"):
        content.attachments.append(attachment)
    elif id and mime_type.startswith(("video/", "audio/")):
        content.attach(attachment, label, name)
    else:
        content.omit(label, name)


def _name_unknown(message: dict) -> str:
    """Return the type of a message, or of one that the API does not deliver."""
    unsupported = get_dict(message, "unsupported")
    errors = [get_str(error, "title") for error in get_dicts(message, "errors")]
    names = get_str(unsupported, "type"), *errors, get_str(message, "type")
    return next(filter(None, names), "")

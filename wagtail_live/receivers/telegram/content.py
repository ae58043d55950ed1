"""The content of Telegram messages (core.telegram.org/bots/api#message).

Videos and audio are shown where posts have blocks for them. Other files, and kinds that are
no use to readers, are named for editors.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..base import Attachment, get_dict, get_dicts, get_int, get_str
from ..content import Content
from ..document import Body, LineBreak, List, Text, paragraphs
from .text import from_entities

FILES = {
    "animation": gettext_lazy("animation"),
    "audio": gettext_lazy("audio"),
    "document": gettext_lazy("file"),
    "video": gettext_lazy("video"),
    "video_note": gettext_lazy("video message"),
    "voice": gettext_lazy("voice message"),
}
# The types of the kinds that have sounds or moving pictures; Telegram names few of them.
MEDIA_TYPES = {
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "document": "",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "voice": "audio/ogg",
}
MAX_FILE_SIZE = 20 * 2**20  # bytes that a bot can download
Name = Callable[[dict], str]
OTHERS: dict[str, tuple[object, Name]] = {
    "contact": (gettext_lazy("contact"), lambda contact: _join(contact, NAMES)),
    "dice": (gettext_lazy("dice"), lambda dice: get_str(dice, "emoji")),
    "game": (gettext_lazy("game"), lambda game: get_str(game, "title")),
    "gift": (gettext_lazy("gift"), lambda gift: get_str(gift, "text")),
    "giveaway": (gettext_lazy("giveaway"), lambda giveaway: ""),
    "invoice": (gettext_lazy("invoice"), lambda invoice: get_str(invoice, "title")),
    "location": (gettext_lazy("location"), lambda location: ""),
    "paid_media": (gettext_lazy("paid media"), lambda media: ""),
    "poll": (gettext_lazy("poll"), lambda poll: get_str(poll, "question")),
    "sticker": (gettext_lazy("sticker"), lambda sticker: get_str(sticker, "emoji")),
    "story": (gettext_lazy("story"), lambda story: ""),
}
NAMES = ("first_name", "last_name")
# The fields of every message, and those of messages that Telegram itself writes.
KNOWN_FIELDS = {
    *("message_id", "date", "chat", "from", "edit_date", "message_thread_id"),
    *("text", "entities", "caption", "caption_entities", "photo", "quote"),
    *("reply_to_message", "reply_markup", "media_group_id", "author_signature"),
    *("supergroup_chat_created", "group_chat_created", "channel_chat_created"),
    *("left_chat_member", "pinned_message", "successful_payment", "refunded_payment"),
    *("web_app_data", "connected_website", "write_access_allowed", "passport_data"),
    *("users_shared", "chat_shared", "unique_gift", "gift_upgrade_sent", "via_bot"),
    *("boost_added", "proximity_alert_triggered", "external_reply", "reply_to_story"),
    *("link_preview_options", "effect_id", "show_caption_above_media", "venue"),
    *("message_auto_delete_timer_changed", "checklist", "business_connection_id"),
    *("migrate_to_chat_id", "migrate_from_chat_id", "paid_star_count"),
}
KNOWN_PREFIXES = (
    *("new_chat_", "delete_chat_", "forum_topic_", "general_forum_topic_", "chat_"),
    *("video_chat_", "giveaway_", "suggested_post_", "direct_message", "paid_message_"),
    *("forward_", "sender_", "is_", "has_", "checklist_tasks_", "reply_to_", "poll_"),
)


def read_content(message: dict) -> Content:
    """Return the content; empty for a message that Telegram itself has written."""
    content = Content()
    quote = get_dict(message, "quote")
    if quote.get("is_manual") is True:  # the sender has chosen the words
        content.quote(_read_text(quote, "text", "entities"))
    content.body += _read_text(message, "text", "entities")
    content.body += _read_text(message, "caption", "caption_entities")
    content.body += _read_checklist(get_dict(message, "checklist"))
    content.body += _read_venue(get_dict(message, "venue"))
    image = _read_image(message)
    if image and message.get("has_media_spoiler") is True:
        content.omit(_("image marked as a spoiler"))
    elif image:
        content.attachments.append(image)
    _read_files(content, message, has_image=image is not None)
    _omit_others(content, message, has_file=image is not None)
    return content


def _read_text(message: dict, key: str, entities: str) -> Body:
    text = get_str(message, key)
    return from_entities(text, get_dicts(message, entities)) if text else ()


def _read_checklist(checklist: dict) -> Body:
    """Return a checklist as its title and a list (core.telegram.org/bots/api#checklist)."""
    title = _read_text(checklist, "title", "title_entities")
    tasks = get_dicts(checklist, "tasks")
    items = tuple(_read_text(task, "text", "text_entities") for task in tasks)
    return (*title, List(items)) if items else title


def _read_venue(venue: dict) -> Body:
    title = Text(get_str(venue, "title"), frozenset({"bold"}))
    address = Text(get_str(venue, "address"))
    return paragraphs([title, LineBreak(), address]) if venue else ()


def _read_image(message: dict) -> Attachment | None:
    """Return the largest size of a photo, or an image that was sent as a file."""
    sizes = get_dicts(message, "photo")
    document = get_dict(message, "document")
    if get_str(document, "mime_type").startswith("image/"):
        sizes.append(document)
    chosen = max(
        sizes,
        key=lambda size: get_int(size, "width") * get_int(size, "height"),
        default={},
    )
    if not get_str(chosen, "file_id"):
        return None
    return Attachment(
        id=get_str(chosen, "file_unique_id") or get_str(chosen, "file_id"),
        url=get_str(chosen, "file_id"),
        name=get_str(chosen, "file_name"),
        mime_type=get_str(chosen, "mime_type") or "image/jpeg",
        size=get_int(chosen, "file_size"),
    )


def _read_files(content: Content, message: dict, *, has_image: bool) -> None:
    kinds = FILES.keys() & message.keys()
    if "animation" in kinds:  # Telegram sends it as a document, too
        kinds -= {"document"}
    if has_image:
        kinds -= {"document", "animation"}
    for kind in sorted(kinds):
        file, label = get_dict(message, kind), str(FILES[kind])
        name = get_str(file, "file_name") or _join(file, ("performer", "title"))
        media = _read_media(file, kind)
        if message.get("has_media_spoiler") is True and media.kind != "image":
            content.omit(_("video marked as a spoiler"), name)
        elif media.id and media.kind != "image":
            content.attach(media, label, name, MAX_FILE_SIZE)
        else:
            content.omit(label, name)


def _read_media(file: dict, kind: str) -> Attachment:
    """Read a video or audio; that of another file is an attachment of no such kind."""
    side = get_int(file, "length")  # of a video message, which is round
    frame = get_dict(file, "thumbnail") or get_dict(file, "thumb")
    covers = get_dicts(file, "cover")
    cover = max(covers, key=lambda size: get_int(size, "width"), default=frame)
    return Attachment(
        id=get_str(file, "file_unique_id") or get_str(file, "file_id"),
        url=get_str(file, "file_id"),
        name=get_str(file, "file_name"),
        mime_type=get_str(file, "mime_type") or MEDIA_TYPES[kind],
        alt=_join(file, ("performer", "title")),
        size=get_int(file, "file_size"),
        thumbnail=get_str(cover, "file_id"),
        duration=get_int(file, "duration"),
        width=get_int(file, "width") or side,
        height=get_int(file, "height") or side,
    )


def _omit_others(content: Content, message: dict, *, has_file: bool) -> None:
    kinds = OTHERS.keys() & message.keys()
    if "venue" in message:
        kinds -= {"location"}
    for kind in sorted(kinds):
        label, get_name = OTHERS[kind]
        content.omit(str(label), get_name(get_dict(message, kind)))
    has_file |= bool(content.attachments or content.omitted)
    is_caption_alone = "caption" in message and not has_file
    if not content or is_caption_alone:
        unknown = message.keys() - FILES.keys() - OTHERS.keys() - KNOWN_FIELDS
        for kind in sorted(unknown):
            if not kind.startswith(KNOWN_PREFIXES):
                content.omit(_("message of an unknown kind"), kind)


def _join(values: dict, keys: tuple[str, ...]) -> str:
    return " ".join(filter(None, (get_str(values, key) for key in keys)))

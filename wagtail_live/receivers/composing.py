"""What a post says, made of the messages that it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from copy import copy
from itertools import groupby

from wagtail.blocks import StreamValue
from wagtail.images import get_image_model
from wagtail.rich_text import RichText

from ..blocks import StoredEmbedValue
from ..models import LivePost, ReceivedMessage, ReceivedPicture
from ..posts.content import build_content
from .document import Body, Link, Paragraph, split_at_lone_links, to_html

Part = list[dict]
Block = tuple[str, object]


def to_part(body: Body, known: Part = ()) -> Part:
    """A message's part of its post; ``known`` is the part that it had, whose links need
    not be tried again."""
    tried = {item["link"] for item in known if item.get("is_tried")}
    part: Part = []
    for piece in split_at_lone_links(body):
        if isinstance(piece, str):
            part.append({"link": piece, "is_tried": piece in tried})
        elif html := to_html(piece):
            part.append({"text": html})
    return part


def untried_links(messages: Iterable[ReceivedMessage]) -> list[str]:
    """The links of which it is not known yet whether they can be embedded."""
    items = (item for message in messages for item in message.body)
    return [item["link"] for item in items if "link" in item and not item["is_tried"]]


def compose(messages: list[ReceivedMessage]) -> StreamValue:
    """The content of the post. Nothing is asked of the network."""
    blocks = [block for _, group in _in_order(messages) for block in _blocks(group)]
    return build_content(list(_join_texts(blocks)))


def picture_blocks(messages: Iterable[ReceivedMessage]) -> Iterator[Block]:
    """The pictures that have come so far."""
    places = {message.pk: place for place, message in enumerate(messages)}
    arrived = ReceivedPicture.objects.filter(message__in=places).exclude(image_key="")
    pictures = sorted(
        arrived, key=lambda each: (places[each.message_id], each.position)
    )
    keys = [picture.image_key for picture in pictures]
    images = {
        str(image.pk): image for image in get_image_model().objects.filter(pk__in=keys)
    }
    for picture in pictures:
        if picture.image_key in images:
            image = copy(images[picture.image_key])  # it may be there twice
            image.contextual_alt_text = picture.alt
            image.decorative = not picture.alt
            yield "image", image


def fingerprint(content: StreamValue) -> str:
    """Tells whether two contents read the same, the ids of their blocks left aside."""
    values = [
        (child.block_type, child.block.get_prep_value(child.value)) for child in content
    ]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


def _in_order(messages):
    """An album's texts stand above its pictures; each reply stands on its own."""
    messages = sorted(messages, key=lambda message: message.sort_key)
    return groupby(messages, key=lambda message: message.reply_to and message.pk)


def _blocks(messages: Iterable[ReceivedMessage]) -> Iterator[Block]:
    messages = list(messages)
    for message in messages:
        for item in message.body:
            yield (
                _link_block(item["link"]) if "link" in item else ("text", item["text"])
            )
    yield from picture_blocks(messages)


def _link_block(url: str) -> Block:
    """The embed, if one is stored; otherwise ``build_content`` would ask for it."""
    block = LivePost._meta.get_field("content").stream_block.child_blocks.get("embed")
    embed = block.normalize(url) if block else None
    if isinstance(embed, StoredEmbedValue) and embed.stored is not None:
        return "embed", embed
    return "text", to_html((Paragraph((Link(url),)),))


def _join_texts(blocks: list[Block]) -> Iterator[Block]:
    for is_text, group in groupby(blocks, key=lambda block: block[0] == "text"):
        if is_text:
            yield "text", RichText("".join(html for _, html in group))
        else:
            yield from group

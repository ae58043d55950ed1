"""Conversion of the content of posts from and to JSON."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText, expand_db_html

from ..blocks import (
    KeptBlock,
    LiveTableBlock,
    StoredEmbedValue,
    describe_embed,
    describe_image,
)
from ..images import get_image_permissions
from ..models import Channel, get_post_block
from ..page import rendering
from ..posts.content import check_urls, count_characters, find_type, restore_deleted
from ..renditions import find_alt_text
from ..rich_text import TooLong, check_length, clean_rich_text
from ..text import normalise_values


def to_json(content: StreamValue, base_url: str) -> list[dict[str, Any]]:
    """Return the blocks in order, in the form that ``from_json`` accepts, with absolute
    URLs. Embeds have a description, too, which it ignores."""
    return [_child_to_json(child, base_url) for child in content]


def _child_to_json(child, base_url: str) -> dict[str, Any]:
    value = _value_to_json(child, base_url)
    data = {"id": child.id, "type": child.block_type, "value": value}
    if isinstance(child.block, KeptBlock):
        data["kept"] = True
    if isinstance(child.value, StoredEmbedValue):
        data["embed"] = normalise_values(describe_embed(child.value, base_url))
    return data


def _value_to_json(child, base_url: str) -> Any:
    if isinstance(child.value, RichText):
        value = rendering.make_absolute(expand_db_html(child.value.source), base_url)
    elif isinstance(child.block, ImageBlock):
        value = describe_image(child.value, base_url)
    else:
        value = child.block.get_api_representation(
            child.value, context={"base_url": base_url}
        )
    return normalise_values(value)


def from_json(
    data: Any,
    *,
    user: Any,
    current: Any = None,
    base_url: str = "",
    channel: Channel | None = None,
) -> StreamValue:
    """Return the content of a request for a post of a channel; ``ValidationError`` if a post
    can't hold it, and
    ``TooLong``, before any of it is parsed, for more than ``rich_text.MAX_LENGTH`` characters.

    ``data`` is rich text, or a list of ``{"type": …, "value": …}``. Blocks that are
    sent back unchanged, with their ``id``, keep their value in ``current``, which was
    read with the same ``base_url``. Images are those that ``user`` may choose, or all if it is ``None``: a machine, or the site.
    """
    check_length(count_characters(data))
    stream_block = current.stream_block if current else get_post_block(channel)
    if isinstance(data, str):
        text_type = find_type(stream_block, "text") or "text"
        data = [{"type": text_type, "value": data}]
    if not isinstance(data, list):
        raise ValidationError("Content must be rich text or a list of blocks.")
    stored = current.raw_data if current else ()
    known = {
        child.id: (child, item["value"])
        for child, item in zip(current or (), stored, strict=True)
    }
    children, errors = [], {}
    for index, item in enumerate(data):
        try:
            children.append(_build_child(stream_block, known, user, base_url, item))
        except ValidationError as error:
            errors[index] = error
    if errors:
        raise StreamBlockValidationError(block_errors=errors)
    return stream_block.clean(StreamValue(stream_block, children))


def get_messages(error: ValidationError, where: str = "") -> list[str]:
    """Return the messages of an error, each with the number of its block."""
    places = getattr(error, "block_errors", None)
    if places is None:
        return [f"{where}{message}" for message in error.messages]
    inside = []
    for place, inner in places.items():
        name = f"block {place + 1}" if isinstance(place, int) else place
        inside += get_messages(inner, f"{where}{name}: ")
    others = [
        f"{where}{message}"
        for outer in error.non_block_errors.as_data()
        for message in outer.messages
    ]
    return inside + others


def _build_child(
    stream_block: StreamBlock, known: dict, user: Any, base_url: str, data: Any
) -> tuple:
    block_type, value = _type_and_value(stream_block, data)
    block_id = data.get("id")
    child, stored = known.get(
        block_id if isinstance(block_id, str) else None, (None, None)
    )
    block = stream_block.child_blocks[block_type]
    if isinstance(block, KeptBlock):
        if child is None or child.block_type != block_type:
            raise ValidationError(
                "Send back a kept block with its id, or leave it out."
            )
        return block_type, child.value, child.id
    if child is None or child.block_type != block_type:
        return block_type, _build(block, value, user)
    if _value_to_json(child, base_url) == value:
        return block_type, restore_deleted(block, child.value, stored), child.id
    return block_type, _build(block, value, user), child.id


def _build(block: blocks.Block, value: Any, user: Any) -> Any:
    try:
        built = block.to_python(_clean(block, value, user))
        check_urls(block, block.get_prep_value(built))
        return built
    except (TooLong, ValidationError):
        raise
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise ValidationError(
            f"Not a valid value for the block type {block.name!r}."
        ) from None


def _clean(block: blocks.Block, value: Any, user: Any) -> Any:
    """Clean all rich text in the value, because Wagtail trusts what is stored."""
    match block:
        case blocks.RichTextBlock():
            return clean_rich_text(_checked_text(value))
        case blocks.RawHTMLBlock():
            raise ValidationError("Raw HTML blocks are not accepted.")
        case ImageBlock():
            return _image_value(value, user)
        case LiveTableBlock():
            return block.clean(value)
        case blocks.StructBlock():
            return {
                name: _clean(block.child_blocks[name], item, user)
                for name, item in dict(value).items()
                if name in block.child_blocks
            }
        case blocks.ListBlock():
            items = _checked_list(value)
            return [_clean(block.child_block, item, user) for item in items]
        case blocks.StreamBlock():
            found = [_type_and_value(block, item) for item in _checked_list(value)]
            return [
                {"type": name, "value": _clean(block.child_blocks[name], item, user)}
                for name, item in found
            ]
    return value


def _image_value(value: Any, user: Any) -> dict[str, Any]:
    """Read the id of an image, or an object with its ``image`` and texts."""
    value = value if isinstance(value, dict) else {"image": value}
    key = None if isinstance(value.get("image"), bool) else value.get("image")
    image = get_image_model().objects.filter(pk=key).first()
    # Machine tokens may use every image, like the site's own code.
    if image is None or (
        user
        and not get_image_permissions().user_has_permission_for_instance(
            user, "choose", image
        )
    ):
        raise ValidationError("Image not found.")
    is_decorative = value.get("decorative") is True
    alt_text = value.get("alt_text", find_alt_text(image))
    return {
        "image": image.pk,
        "decorative": is_decorative,
        "alt_text": "" if is_decorative else _checked_text(alt_text),
        "caption": _checked_text(value.get("caption", "")),
        "credit": _checked_text(value.get("credit", "")),
    }


def list_types(stream_block: StreamBlock) -> list[str]:
    """Return the types of the blocks that a post may have."""
    blocks = stream_block.child_blocks.items()
    return [name for name, block in blocks if not isinstance(block, KeptBlock)]


def _type_and_value(stream_block: StreamBlock, data: Any) -> tuple[str, Any]:
    if not isinstance(data, dict) or "value" not in data:
        raise ValidationError('A block must be an object with "type" and "value".')
    if data.get("type") not in list(stream_block.child_blocks):
        names = ", ".join(list_types(stream_block))
        raise ValidationError(f"The block type must be one of: {names}.")
    return data["type"], data["value"]


def _checked_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError("Must be a string.")
    return value


def _checked_list(value: Any) -> list:
    if not isinstance(value, list):
        raise ValidationError("Must be a list.")
    return value

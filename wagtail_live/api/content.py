"""What a post says, from JSON and to JSON."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks import StreamBlock, StreamValue
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText, expand_db_html

from ..admin.desk.media import get_image_permissions
from ..models import LivePost
from ..rich_text import clean_rich_text
from .images import describe_image


def to_json(content: StreamValue) -> list[dict[str, Any]]:
    """The blocks in their order, in a form that ``from_json`` takes."""
    return [
        {"id": child.id, "type": child.block_type, "value": _value_to_json(child)}
        for child in content
    ]


def _value_to_json(child) -> Any:
    if isinstance(child.value, RichText):
        return expand_db_html(child.value.source)
    if isinstance(child.block, ImageBlock):
        return describe_image(child.value)
    return child.block.get_api_representation(child.value)


def from_json(data: Any, *, user: Any = None, current: Any = None) -> StreamValue:
    """The content that a request asks for; ``ValidationError`` where no post can hold it.

    ``data`` is rich text, or a list of ``{"type": …, "value": …}``. Blocks that come back
    as they were given out, with their ``id``, stay what they are in ``current``.
    """
    stream_block = LivePost._meta.get_field("content").stream_block
    if isinstance(data, str):
        data = [{"type": "text", "value": data}]
    known = {child.id: child for child in current or ()}
    children, errors = [], {}
    for index, item in enumerate(_checked_list(data)):
        try:
            children.append(_child(stream_block, known, user, item))
        except ValidationError as error:
            errors[index] = error
    if errors:
        raise StreamBlockValidationError(block_errors=errors)
    return stream_block.clean(StreamValue(stream_block, children))


def get_messages(error: ValidationError, where: str = "") -> list[str]:
    """What is wrong, with the place of each error in the blocks."""
    places = getattr(error, "block_errors", None)
    if places is None:
        return [f"{where}{message}" for message in error.messages]
    inside = [
        message
        for place, inner in places.items()
        for message in get_messages(inner, f"{where}{_place_name(place)}: ")
    ]
    others = [
        f"{where}{message}"
        for outer in error.non_block_errors.as_data()
        for message in outer.messages
    ]
    return inside + others


def _place_name(place: int | str) -> str:
    return f"block {place + 1}" if isinstance(place, int) else place


def _child(stream_block: StreamBlock, known: dict, user: Any, data: Any) -> tuple:
    block_type, value = _type_and_value(stream_block, data)
    block_id = data.get("id")
    child = known.get(block_id) if isinstance(block_id, str) else None
    block = stream_block.child_blocks[block_type]
    if child is None or child.block_type != block_type:
        return block_type, _build(block, value, user)
    is_same = _value_to_json(child) == value
    return block_type, child.value if is_same else _build(block, value, user), child.id


def _build(block: blocks.Block, value: Any, user: Any) -> Any:
    try:
        return block.to_python(_cleaned(block, value, user))
    except ValidationError:
        raise
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise ValidationError(f"This is no value of a block {block.name!r}.") from None


def _cleaned(block: blocks.Block, value: Any, user: Any) -> Any:
    """The value with all rich text in it cleaned: Wagtail trusts what is stored."""
    match block:
        case blocks.RichTextBlock():
            return clean_rich_text(_checked_text(value))
        case blocks.RawHTMLBlock():
            raise ValidationError("Raw HTML is not taken.")
        case ImageBlock():
            return _image_value(value, user)
        case blocks.StructBlock():
            return {
                name: _cleaned(block.child_blocks[name], item, user)
                for name, item in dict(value).items()
                if name in block.child_blocks
            }
        case blocks.ListBlock():
            items = _checked_list(value)
            return [_cleaned(block.child_block, item, user) for item in items]
        case blocks.StreamBlock():
            found = [_type_and_value(block, item) for item in _checked_list(value)]
            return [
                {"type": name, "value": _cleaned(block.child_blocks[name], item, user)}
                for name, item in found
            ]
    return value


def _image_value(value: Any, user: Any) -> dict[str, Any]:
    """``value`` is the id of an image, or ``{"image": id, "alt_text", "decorative"}``."""
    value = value if isinstance(value, dict) else {"image": value}
    key = None if isinstance(value.get("image"), bool) else value.get("image")
    image = get_image_model().objects.filter(pk=key).first()
    if image is None or not _may_choose(user, image):
        raise ValidationError("There is no such image.")
    is_decorative = value.get("decorative") is True
    alt_text = value.get("alt_text", image.default_alt_text)
    return {
        "image": image.pk,
        "decorative": is_decorative,
        "alt_text": "" if is_decorative else _checked_text(alt_text),
    }


def _may_choose(user: Any, image) -> bool:
    """The tokens of machines may use all images, like those of the site itself."""
    return user is None or get_image_permissions().user_has_permission_for_instance(
        user, "choose", image
    )


def _type_and_value(stream_block: StreamBlock, data: Any) -> tuple[str, Any]:
    if not isinstance(data, dict) or "value" not in data:
        raise ValidationError('A block is an object with "type" and "value".')
    if data.get("type") not in list(stream_block.child_blocks):
        names = ", ".join(stream_block.child_blocks)
        raise ValidationError(f"The type of a block is one of: {names}.")
    return data["type"], data["value"]


def _checked_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError("This is no text.")
    return value


def _checked_list(value: Any) -> list:
    if not isinstance(value, list):
        raise ValidationError("Content is rich text, or a list of blocks.")
    return value

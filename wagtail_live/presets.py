"""Presets: named starting points for posts, which a page type declares.

::

    class MatchPage(LivePage):
        live_presets = [
            Preset("goal", _("Goal"), title="Goal! {home}:{away}", is_key_event=True),
            Preset("result", _("Result"), blocks=[("score", get_score), "text"], pin=True),
        ]

The desk shows them above the form, with a key each; the API takes their names, and so do
messages that begin with ``/goal`` from sources that allow it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.text import capfirst
from wagtail.blocks import StreamBlock

from .models import Channel, LivePageMixin, get_post_block
from .models.post import find_page_type
from .text import normalise_line

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PLACE = re.compile(r"{(\w+)}")  # of a field of the stage in a title
# A place without a value, with the marks that would join it to what is beside it. The same
# is in desk/presets.js.
EMPTY = "\ue000"
MARKS = r"""[\s:;,/|·•–—'’′"-]*"""
GAP = re.compile(f"{MARKS}(?:{EMPTY}{MARKS})+")
EMPTY_BRACKETS = re.compile(f"[([]{EMPTY}[)\\]]")
SPACE_IN_BRACKETS = re.compile(r"(?<=[(\[]) | (?=[)\]])")
KEY = re.compile(r"[a-z0-9]")
DESK_KEYS = frozenset("ehjknp")  # those of desk/shortcuts.js
MAX_TITLE = 255
COMMAND = re.compile(
    r"\s*[/!]([a-z0-9][a-z0-9-]{0,39})(?:@\w+)?(?=\s|$)", re.IGNORECASE
)


@dataclass(frozen=True)
class Preset:
    """A starting point for posts.

    ``name`` is what the API and messages call it: small letters, digits and hyphens. In
    ``title``, ``{home}`` is the value of that field of the stage. ``blocks`` are types of
    blocks, or pairs of a type and a value; the value may be a function of the page. ``key``
    is a digit or a letter on the desk, by default the first digit that is free.
    """

    name: str
    label: Any
    title: str = ""
    blocks: Sequence[str | tuple[str, Any]] = field(default=())
    is_key_event: bool = False
    pin: bool = False
    key: str = ""

    @property
    def types(self) -> list[str]:
        """The types of its blocks, in order."""
        return [each if isinstance(each, str) else each[0] for each in self.blocks]

    @property
    def places(self) -> list[str]:
        """The names of the fields of the stage in its title."""
        return PLACE.findall(self.title)

    def fill_title(self, stage: dict[str, str]) -> str:
        """Return the title, with the values of the stage. What has no value is left out with
        the marks around it: ``Goal! {home}:{away}`` begins a match as “Goal!”."""
        title = PLACE.sub(lambda place: stage.get(place[1]) or EMPTY, str(self.title))
        title = EMPTY_BRACKETS.sub(EMPTY, GAP.sub(EMPTY, title))
        title = SPACE_IN_BRACKETS.sub("", GAP.sub(" ", title))
        return normalise_line(title)[:MAX_TITLE].strip()

    def get_values(self, block: StreamBlock, page: Any) -> list[tuple[str, Any]]:
        """Return its blocks that have a value, as ``build_content`` takes them."""
        pairs = [each for each in self.blocks if not isinstance(each, str)]
        return [
            (name, value(page) if callable(value) else value)
            for name, value in pairs
            if name in block.child_blocks
        ]


def get_presets(channel: Channel) -> list[Preset]:
    """Return the presets of a channel's page type, in order."""
    if channel.page_type is None:
        channel.page_type = find_page_type(channel)
    page_type = channel.page_type
    return list(getattr(page_type, "live_presets", ()))


def find_preset(channel: Channel, name: str) -> Preset | None:
    named = {preset.name: preset for preset in get_presets(channel)}
    return named.get(name.lower())


def get_keys(presets: Iterable[Preset]) -> dict[str, Preset]:
    """Return the presets by their keys on the desk. The tenth without a key has none."""
    presets = list(presets)
    keys = {preset.key: preset for preset in presets if preset.key}
    free = [digit for digit in "123456789" if digit not in keys]
    others = [preset for preset in presets if not preset.key]
    return keys | dict(zip(free, others, strict=False))


def read_stage(page: Any, channel: Channel) -> dict[str, str]:
    """Return the fields of the stage as titles show them."""
    fields = page.get_stage_fields(channel)
    return {each.name: "" if each.is_empty else str(each.value) for each in fields}


def start(preset: Preset, channel: Channel) -> tuple[str, list[tuple[str, Any]]]:
    """Return the title and the blocks that a post of a channel begins with."""
    page = channel.page.specific
    title = preset.fill_title(read_stage(page, channel)) if preset.title else ""
    return title, preset.get_values(get_post_block(channel), page)


def arrange(
    preset: Preset, values: Sequence[tuple[str, Any]], written: Sequence[tuple]
) -> list[tuple]:
    """Return the blocks of a post in the order of its preset: what was written takes the
    place of what the preset begins with, and others follow."""
    given = {child[0] for child in written}
    values = [child for child in values if child[0] not in given]
    order = {name: place for place, name in enumerate(preset.types)}
    return sorted(
        [*written, *values], key=lambda child: order.get(child[0], len(order))
    )


def find_problems(page_type: Any, block: StreamBlock) -> Iterator[str]:
    """Yield what is wrong with the presets of a page type whose posts have this block."""
    presets = page_type.live_presets
    if not isinstance(presets, list | tuple):
        yield f"must be a list, not {presets!r}."
        return
    seen: set[str] = set()
    for preset in presets:
        if not isinstance(preset, Preset):
            yield f"{preset!r} is not a Preset."
            continue
        yield from _check_preset(preset, page_type, block)
        for each in filter(None, (preset.name, preset.key and f"the key {preset.key}")):
            if each in seen:
                yield f"{each} is used twice."
            seen.add(each)


def _check_preset(preset: Preset, page_type: Any, block: StreamBlock) -> Iterator[str]:
    name = preset.name
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield f"the name {name!r} must have small letters, digits and hyphens."
    if preset.key and (not KEY.fullmatch(preset.key) or preset.key in DESK_KEYS):
        yield f"the key {preset.key!r} must be a digit or letter that the desk doesn't use."
    for unknown in [each for each in preset.types if each not in block.child_blocks]:
        known = ", ".join(block.child_blocks)
        yield f"{name} has an unknown block {unknown!r}. Choose from: {known}."
    form = page_type.stage_form_class
    has_own = page_type.get_stage_fields is not LivePageMixin.get_stage_fields
    fields = form.base_fields if form else {}
    for place in preset.places:
        if place not in fields and not has_own:
            yield f"{name} has {{{place}}} in its title, which is no field of the stage."


def describe(channel: Channel, page: Any) -> list[dict[str, Any]]:
    """Return the presets for the desk's script, with the values of the stage as they are."""
    presets = get_presets(channel)
    if not presets:
        return []
    block, stage = get_post_block(channel), read_stage(page, channel)
    keys = {preset.name: key for key, preset in get_keys(presets).items()}
    return [
        {
            "name": preset.name,
            "label": capfirst(str(preset.label)),
            "key": keys.get(preset.name, ""),
            "start": json.dumps(
                {
                    "title": str(preset.title),
                    "stage": {name: stage.get(name, "") for name in preset.places},
                    "blocks": _describe_blocks(preset, block, page),
                    "is_key_event": preset.is_key_event,
                    "pin": preset.pin,
                },
                cls=DjangoJSONEncoder,
            ),
        }
        for preset in presets
    ]


def _describe_blocks(preset: Preset, block: StreamBlock, page: Any) -> list[dict]:
    values = dict(preset.get_values(block, page))
    described = []
    for name in preset.types:
        child = block.child_blocks.get(name)
        if child is None:
            continue
        each = {"type": name}
        if name in values:
            each["value"] = child.get_form_state(child.normalize(values[name]))
        described.append(each)
    return described

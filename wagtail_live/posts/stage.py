"""The only writer of the stage: the part above the posts that shows the page itself, and
fields that change while readers follow, such as a score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.dispatch import receiver
from django.forms import Form
from django.utils.translation import gettext as _
from wagtail.signals import page_published

from ..models import Channel, ChannelDeleted, LivePageMixin
from ..permissions import SYSTEM, to_actor
from .lock import ChannelLock, lock_channel


class StageField(NamedTuple):
    """A field of the stage. The value is that of the form, ``None`` if it has none."""

    name: str
    label: str
    value: Any

    @property
    def is_empty(self) -> bool:
        return self.value in (None, "", [])


def touch_stage(channel: Channel, *, actor: Any) -> Channel:
    """Send the stage to readers again: what it shows has changed."""
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        _change(lock)
        return lock.channel


def update_stage(channel: Channel, values: Mapping[str, Any], *, actor: Any) -> Channel:
    """Set some fields of the stage, as ``stage_form_class`` of the page type cleans them.
    ``ValidationError`` with the reasons by field if it does not accept them."""
    actor = to_actor(actor)
    with lock_channel(channel) as lock:
        actor.rights_on(lock.channel).require(publishing=True)
        cleaned = _clean(lock.channel, values)
        if cleaned != (lock.channel.stage_values or {}):
            _change(lock, stage_values=cleaned)
        return lock.channel


def get_form(page: Any, channel: Channel, data: Any = None) -> Form | None:
    """Return the form of the fields, ``None`` if the page type has none. Its initial values
    are those that readers see."""
    if page.stage_form_class is None:
        return None
    return page.stage_form_class(data, initial=_read(page, channel), prefix="stage")


def read_fields(page: Any, channel: Channel) -> list[StageField]:
    """Return the fields with the values that readers see."""
    if page.stage_form_class is None:
        return []
    values = _read(page, channel)
    return [
        StageField(name, str(field.label or name.replace("_", " ")), values.get(name))
        for name, field in page.stage_form_class.base_fields.items()
    ]


def _read(page: Any, channel: Channel) -> dict[str, Any]:
    """Return the stored values as the form's fields have them. One that its field no longer
    accepts is left out."""
    values = {}
    for name, field in page.stage_form_class.base_fields.items():
        stored = (channel.stage_values or {}).get(name)
        with suppress(ValidationError):
            values[name] = field.clean(stored) if stored is not None else None
    return values


def _clean(channel: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    page = channel.page.specific
    names = page.stage_form_class.base_fields if page.stage_form_class else {}
    if unknown := values.keys() - set(names):
        reason = _("The stage has no such field.")
        raise ValidationError({name: [reason] for name in sorted(unknown)})
    data = {**(channel.stage_values or {}), **values}
    form = get_form(page, channel, {f"stage-{name}": data[name] for name in data})
    if form is None:
        return {}
    if not form.is_valid():
        raise ValidationError(dict(form.errors.as_data()))
    # Of a choice among rows, the key.
    cleaned = {
        name: getattr(form.cleaned_data[name], "pk", form.cleaned_data[name])
        for name in names
    }
    return json.loads(json.dumps(cleaned, cls=DjangoJSONEncoder))


def _change(lock: ChannelLock, **changes: Any) -> None:
    lock.advance(seen=True)
    lock.change_stage(**changes)
    lock.announce("staged")


@receiver(page_published)
def touch_published(instance: Any, **kwargs: Any) -> None:
    """Send the page as it was published. An alias shows the channel of its source page."""
    is_source = not getattr(instance, "alias_of_id", None)
    is_shown = isinstance(instance, LivePageMixin) and is_source
    channel = instance.find_channel() if is_shown else None
    if channel:
        with suppress(ChannelDeleted):
            touch_stage(channel, actor=SYSTEM)

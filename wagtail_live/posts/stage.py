"""The only writer of the stage: the part above the posts that shows the page itself, and
fields that change while readers follow, such as a score."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Field, Form, MultiValueField
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ..models import Channel, ChannelDeleted
from ..permissions import to_actor
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


def send_stage_if_changed(channel: Channel, *, is_new: bool = False) -> None:
    """Send the stage of a page that was saved, unless readers have been sent the same. Of a
    new channel, nobody has another one. Call it in the transaction that saves the page.
    """
    with suppress(ChannelDeleted), lock_channel(channel) as lock:
        prepared = _prepare(lock)
        if is_new:
            lock.channel.stage_digest = prepared.digest
            lock.channel.save(update_fields=["stage_digest"])
        elif not prepared.digest or prepared.digest != lock.channel.stage_digest:
            _send(lock, prepared)


def get_form(
    page: Any, channel: Channel, values: Mapping[str, Any] | None = None
) -> Form | None:
    """Return the form of the fields, ``None`` if the page type has none. Its initial values
    are those that readers see; ``values`` are its input, by the names of the fields."""
    if page.stage_form_class is None:
        return None
    if values is not None:
        return _fill_in(page, channel, values)
    return page.stage_form_class(initial=_read(page, channel), prefix="stage")


def _fill_in(page: Any, channel: Channel, values: Mapping[str, Any]) -> Form:
    data = {f"stage-{name}": value for name, value in values.items()}
    initial = _read(page, channel)
    form = page.stage_form_class(data, initial=initial, prefix="stage")
    for field in form.fields.values():
        # A widget of several inputs would look for one value in each.
        field.widget.value_from_datadict = partial(_find_value, field)
    return form


def _find_value(field: Field, data: Mapping, files: Any, name: str) -> Any:
    return _split(field, data.get(name))


def _split(field: Field, value: Any) -> Any:
    """Return a value as its field takes it: one of several inputs takes a list."""
    if not isinstance(field, MultiValueField) or isinstance(value, list | tuple):
        return value
    with suppress(ValueError):
        value = (parse_datetime(value) if isinstance(value, str) else None) or value
    try:
        return field.widget.decompress(value)
    except (AttributeError, TypeError, ValueError):
        return value  # which the field refuses


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
            is_set = stored is not None
            values[name] = field.clean(_split(field, stored)) if is_set else None
    return values


def _clean(channel: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    page = channel.page.specific
    names = page.stage_form_class.base_fields if page.stage_form_class else {}
    if unknown := values.keys() - set(names):
        reason = _("The stage has no such field.")
        raise ValidationError({name: [reason] for name in sorted(unknown)})
    if page.stage_form_class is None:
        return {}
    # Only what changes has to be valid: what is stored and no longer accepted is left out,
    # and what is missing stays missing.
    stored = channel.stage_values or {}
    left_out = _fill_in(page, channel, stored).errors.keys() - values.keys()
    kept = {name: stored[name] for name in stored if name not in left_out}
    form = _fill_in(page, channel, {**kept, **values})
    for name in left_out & form.fields.keys():
        form.fields[name].required = False
    if not form.is_valid():
        raise ValidationError(dict(form.errors.as_data()))
    cleaned = {name: _to_key(form.cleaned_data.get(name)) for name in names}
    return json.loads(json.dumps(cleaned, cls=DjangoJSONEncoder))


def _to_key(value: Any) -> Any:
    """Return the key of a row that was chosen, and the keys of several."""
    if isinstance(value, QuerySet):
        return [row.pk for row in value]
    return getattr(value, "pk", value)


def _change(lock: ChannelLock, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(lock.channel, name, value)
    _send(lock, _prepare(lock), **changes)


def _prepare(lock: ChannelLock) -> Any:
    return lock.channel.page.specific.prepare_stage(lock.channel)


def _send(lock: ChannelLock, prepared: Any, **changes: Any) -> None:
    lock.advance(seen=True)
    lock.change_stage(stage_digest=prepared.digest, **changes)
    # Before the readers of this process are told.
    transaction.on_commit(prepared.offer, using=lock.channel._state.db, robust=True)
    lock.announce("staged")

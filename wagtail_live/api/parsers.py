"""JSON from outside, which may be anything."""

from __future__ import annotations

import json

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from ..rich_text import INVISIBLE


class StrictJSONParser(JSONParser):
    """Takes a JSON object."""

    def parse(self, stream, media_type=None, parser_context=None):
        return read_object(stream.read())


def read_object(data: bytes) -> dict:
    """A JSON object in UTF-8, freed of what no database or reader should get."""
    try:
        value = _strip(json.loads(data, parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise ParseError("This is not JSON.") from None
    if not isinstance(value, dict):
        raise ParseError("This is not a JSON object.")
    return value


def _refuse(constant: str):
    raise ValueError(f"{constant} is not JSON.")


def _strip(value):
    """Without control characters, such as NUL, and lone surrogates."""
    if isinstance(value, str):
        return INVISIBLE.sub("", value)
    if isinstance(value, list):
        return [_strip(item) for item in value]
    if isinstance(value, dict):
        return {_strip(key): _strip(item) for key, item in value.items()}
    return value

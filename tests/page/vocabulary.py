"""The part of schema.org's vocabulary that live pages use: types, and the types that their
properties expect."""

import json
import re
from datetime import datetime
from pathlib import Path

TYPES = json.loads((Path(__file__).parent / "vocabulary.json").read_text())
NAMES_OF_JSON_LD = {"@context", "@type", "@id"}


def find_errors(data, expected=("LiveBlogPosting",), path="$"):
    """Yield what is wrong with a value where these types are expected."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from find_errors(item, expected, f"{path}[{index}]")
    elif not isinstance(data, dict):
        if not any(is_literal(data, name) for name in expected):
            yield f"{path}: {data!r} is none of {expected}"
    elif not set(ancestors(data.get("@type"))) & set(expected):
        yield f"{path}: {data.get('@type')} is none of {expected}"
    else:
        for name in data.keys() - NAMES_OF_JSON_LD:
            types = properties(data["@type"]).get(name)
            if types is None:
                yield f"{path}: {data['@type']} has no {name}"
            else:
                yield from find_errors(data[name], types, f"{path}.{name}")


def ancestors(name):
    while name in TYPES:
        yield name
        name = TYPES[name].get("extends")


def properties(name):
    found = {}
    for each in ancestors(name):
        found = TYPES[each] | found
    return {name: types for name, types in found.items() if name != "extends"}


def is_literal(value, name):
    match name:
        case "Text":
            return isinstance(value, str) and value.strip() != ""
        case "URL":
            return isinstance(value, str) and re.match(r"https?://[^\s/]", value)
        case "DateTime":
            return isinstance(value, str) and datetime.fromisoformat(value).tzinfo
        case "Duration":
            return isinstance(value, str) and re.fullmatch(r"PT[0-9HMS.]+", value)
        case "Integer":
            return isinstance(value, int)
    return False

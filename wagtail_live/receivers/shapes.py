"""Values out of a platform's JSON, which may have any shape and be of any type."""

from __future__ import annotations


def get_dict(mapping: dict, key: str) -> dict:
    value = mapping.get(key)
    return value if isinstance(value, dict) else {}


def get_dicts(mapping: dict, key: str) -> list[dict]:
    """The objects of a list, without what else it holds."""
    value = mapping.get(key)
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]


def get_str(mapping: dict, key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def get_int(mapping: dict, key: str) -> int:
    """The number, or 0 for what is none or beyond what a database stores."""
    value = mapping.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if -(2**63) <= value < 2**63 else 0


def get_id(mapping: dict, key: str) -> str:
    """An id that platforms write as a number or as a string."""
    return str(get_int(mapping, key) or "") or get_str(mapping, key)

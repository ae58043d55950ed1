"""Imports run one way, as the design says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "wagtail_live"
NAME = PACKAGE.name

# Who may import a part at the top of a module: nobody else.
IMPORTERS = {
    "publishers": {
        "publishers",
        "asgi",
        "delivery",
        "page",
        "urls",
        "checks",
        "templatetags",
    },
    "asgi": {"asgi"},
    "urls": set(),
}
# What a part may not import, not even inside a function.
FORBIDDEN = {
    "models": {"api", "asgi", "delivery", "publishers", "receivers", "webhooks"},
    "posts": {"api", "asgi", "admin", "delivery", "publishers", "receivers", "page"},
    "receivers": {"asgi", "delivery", "publishers"},
    "admin": {"asgi", "delivery", "publishers"},
}


def modules() -> Iterator[Path]:
    files = PACKAGE.rglob("*.py")
    return (file for file in files if "migrations" not in file.parts)


def part_of(dotted: str) -> str:
    """``publishers`` for ``wagtail_live.publishers.polling``."""
    return [*dotted.split("."), ""][1]


def dotted_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported(node: ast.stmt, package: list[str]) -> Iterator[str]:
    """The absolute names of what a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*start, *filter(None, [node.module])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def imports(file: Path, *, everywhere: bool) -> set[str]:
    """The parts of the package that a module imports."""
    tree = ast.parse(file.read_text())
    package = list(file.relative_to(PACKAGE.parent).parent.parts)
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    names = {name for node in nodes for name in imported(node, package)}
    return {part_of(name) for name in names if name.startswith(f"{NAME}.")}


@pytest.mark.parametrize("part", IMPORTERS)
def test_who_imports(part):
    importers = {
        part_of(dotted_name(file))
        for file in modules()
        if part in imports(file, everywhere=False)
    }
    assert importers <= IMPORTERS[part]


@pytest.mark.parametrize("part", FORBIDDEN)
def test_what_is_never_imported(part):
    files = [file for file in modules() if part_of(dotted_name(file)) == part]
    assert files
    found = {
        dotted_name(file): imports(file, everywhere=True) & FORBIDDEN[part]
        for file in files
    }
    assert not {name: parts for name, parts in found.items() if parts}

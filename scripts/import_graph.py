"""The imports between the modules of wagtail_live, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "wagtail_live"
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def get_modules() -> list[str]:
    """Return the names of all modules but the migrations."""
    files = (file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts)
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return sorted(name.removesuffix(".__init__") for name in names)


def get_closure(modules: Iterable[str]) -> set[str]:
    """Return the modules, and all that are imported when they are imported."""
    return reach(name for module in modules for name in (module, *get_packages(module)))


def reach(modules: Iterable[str]) -> set[str]:
    """Return the modules, and all that they import, over any number of steps."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= find_imports(module) - found
    return found


@cache
def find_imports(module: str, *, in_functions: bool = False) -> set[str]:
    """Return the modules that a module imports when it is imported, or those that its
    functions import. Importing a module of another package imports that package, too."""
    file = find_file(module)
    assert file, module  # noqa: S101
    own = {module, *get_packages(module)}
    package = [*module.split("."), ""] if file.stem == "__init__" else module.split(".")
    found = set()
    for node, is_in_function in walk_imports(ast.parse(file.read_text())):
        if is_in_function == in_functions:
            for name in resolve(node, package[:-1]):
                found |= {name} | set(get_packages(name)) - own
    return {name for name in found if find_file(name)} - {module}


def walk_imports(
    node: ast.AST, inside: bool = False
) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield imports, and whether they are in functions; skip ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, inside
        elif not (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        ):
            yield from walk_imports(child, inside or isinstance(child, FUNCTION))


def resolve(node: ast.stmt, package: list[str]) -> Iterator[str]:
    """Yield the absolute names of the modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*start, *filter(None, [node.module])])
        for alias in node.names:
            name = f"{base}.{alias.name}"
            yield name if find_file(name) else base


def get_packages(module: str) -> list[str]:
    """Return ``["a", "a.b"]`` for ``"a.b.c"``."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


@cache
def find_file(module: str) -> Path | None:
    if module.partition(".")[0] != PACKAGE.name:
        return None
    path = ROOT.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)

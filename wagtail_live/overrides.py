"""System check of a site's overrides of the package's templates and static files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.staticfiles import finders
from django.core import checks
from django.template import engines
from django.template.backends.django import DjangoTemplates

PACKAGE = Path(__file__).resolve().parent


@checks.register("wagtail_live", checks.Tags.templates)
def check_overrides(app_configs: Any, **kwargs: Any) -> list:
    """Warn about files that are meant to override those of the package, but don't."""
    return [
        checks.Warning(
            f"{path} has no effect: the file of wagtail_live with the same name comes "
            "first.",
            hint='Put "wagtail_live" after the app with this file in INSTALLED_APPS.',
            id="wagtail_live.W009",
        )
        for path in dict.fromkeys(find_shadowed())
    ]


def find_shadowed() -> Iterator[Path]:
    """Return the files of other apps that the package's files come before."""
    for name in get_names("templates"):
        for engine in engines.all():
            if isinstance(engine, DjangoTemplates):
                yield from get_later(find_templates(engine, name))
    if apps.is_installed("django.contrib.staticfiles"):
        for name in get_names("static"):
            found = finders.find(name, find_all=True) or []
            yield from get_later([Path(path).resolve() for path in found])


def get_names(folder: str) -> list[str]:
    root = PACKAGE / folder
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [path.relative_to(root).as_posix() for path in files]


def find_templates(engine: DjangoTemplates, name: str) -> list[Path]:
    """Return the files with this name, in the order in which the engine looks for them."""
    paths = [
        Path(origin.name).resolve()
        for loader in engine.engine.template_loaders
        for origin in loader.get_template_sources(name)
    ]
    return [path for path in paths if path.is_file()]


def get_later(paths: list[Path]) -> list[Path]:
    """Return the files of others, if the first one is the package's."""
    if not paths or not paths[0].is_relative_to(PACKAGE):
        return []
    return [path for path in paths if not path.is_relative_to(PACKAGE)]

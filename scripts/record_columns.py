"""Write the columns of the tables of 2.0, which its code writes, for the tests.

python scripts/record_columns.py

Run it until 2.0 is released, and never again: from then on a new column is one that code
of 2.0 doesn't write.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests" / "models" / "columns_of_2_0.json"
SETTINGS = "tests.contrib.settings"  # of a site with all apps
APPS = (
    "wagtail_live",
    "wagtail_live_api",
    "wagtail_live_article",
    "wagtail_live_assistant",
    "wagtail_live_push",
    "wagtail_live_questions",
    "wagtail_live_webhooks",
)


def find_models() -> Iterator[type]:
    """Yield the models of those apps that the settings have."""
    from django.apps import apps

    for config in apps.get_app_configs():
        if config.label in APPS:
            yield from config.get_models(include_auto_created=True)


def describe() -> dict[str, list[str]]:
    """Return the columns of each table that have no default in the database."""
    from django.db.models import NOT_PROVIDED

    return {
        model._meta.db_table: [
            field.column
            for field in model._meta.concrete_fields
            if field.db_default is NOT_PROVIDED
        ]
        for model in find_models()
    }


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
    RECORD.write_text(f"{json.dumps(describe(), indent=1)}\n")


if __name__ == "__main__":
    main()

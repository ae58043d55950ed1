"""A new column has a default in the database, because old code doesn't write it."""

from functools import cache

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from scripts.record_columns import APPS

FIRST = "0001_initial"


@cache
def get_loader():
    # Not at import: one of Wagtail's migrations asks MySQL for its version.
    return MigrationLoader(connection=None, ignore_no_migrations=True)


def find_wrong_columns(label, operations):
    """Yield the columns that would refuse the rows of old code."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from find_wrong_columns(label, operation.state_operations)
        elif (
            isinstance(operation, migrations.AddField | migrations.AlterField)
            and refuses_old_rows(operation.field)
            and not was_required(label, operation)
        ):
            yield f"{operation.model_name}.{operation.name}"


def refuses_old_rows(field):
    has_default = field.null or field.db_default is not models.NOT_PROVIDED
    return not (field.many_to_many or field.primary_key or has_default)


def was_required(label, operation):
    """Return whether code of 2.0 always writes the column."""
    state = get_loader().project_state((label, FIRST))
    model = state.models.get((label, operation.model_name.lower()))
    field = model and model.fields.get(operation.name)
    return field is not None and refuses_old_rows(field)


def test_new_columns_have_a_default_in_the_database():
    wrong = [
        f"{label}.{name}: {column}"
        for (label, name), migration in get_loader().disk_migrations.items()
        if label in APPS and name != FIRST
        for column in find_wrong_columns(label, migration.operations)
    ]
    assert not wrong, "give these columns a db_default"


@pytest.mark.parametrize(
    ("field", "is_refused"),
    [
        (models.CharField(max_length=10, default=""), True),
        (models.DateTimeField(auto_now=True), True),
        (models.CharField(max_length=10, default="", db_default=""), False),
        (models.CharField(max_length=10, null=True), False),
        (models.ManyToManyField("wagtail_live.LivePost"), False),
    ],
)
def test_the_gate(field, is_refused):
    operation = migrations.AddField("LivePost", "new", field)
    wrong = list(find_wrong_columns("wagtail_live", [operation]))
    assert wrong == (["LivePost.new"] if is_refused else [])


@pytest.mark.parametrize(("name", "is_refused"), [("title", False), ("modified", True)])
def test_the_gate_of_altered_columns(name, is_refused):
    """``title`` has never been null, and code of 2.0 writes null for ``modified``."""
    operation = migrations.AlterField("LivePost", name, models.CharField(max_length=10))
    assert bool(list(find_wrong_columns("wagtail_live", [operation]))) is is_refused

"""Code of 2.0 goes on writing while newer code, and its migrations, are deployed."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection, models
from django.utils import timezone
from wagtail.fields import StreamField

from scripts.record_columns import RECORD, find_models
from tests.testapp.models import MatchPage
from wagtail_live.models import Channel, get_page_model

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

COLUMNS = json.loads(RECORD.read_text())
VALUES = {
    models.BinaryField: lambda: b"",
    models.BooleanField: lambda: False,
    models.CharField: lambda: uuid.uuid4().hex[:16],
    models.DateTimeField: timezone.now,
    models.DurationField: timedelta,
    models.FloatField: lambda: 0.0,
    models.IntegerField: lambda: 1,
    models.JSONField: list,
    models.TextField: lambda: "text",
    models.UUIDField: uuid.uuid4,
    StreamField: lambda: "[]",
}


def make_value(field, home_page):
    """Return a value that code of 2.0 might write, with the rows that it refers to."""
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    if field.is_relation:
        target = make_related(field.related_model, home_page)
        return getattr(target, field.target_field.attname)
    kind = next(kind for kind in type(field).__mro__ if kind in VALUES)
    return VALUES[kind]()


def make_related(model, home_page):
    if model is Channel or issubclass(model, get_page_model()):
        page = MatchPage(title="Match", slug=uuid.uuid4().hex)
        home_page.add_child(instance=page)
        return page.live_channel if model is Channel else page
    if model._meta.label_lower == "auth.user":
        return model.objects.create_user(uuid.uuid4().hex)
    values = {
        field.attname: make_value(field, home_page)
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    }
    return model._base_manager.create(**values)


@pytest.mark.parametrize("model", list(find_models()), ids=lambda model: model.__name__)
def test_rows_with_the_columns_of_2_0(model, home_page):
    columns = COLUMNS.get(model._meta.db_table)
    if columns is None:
        pytest.skip("2.0 does not have this table")
    fields = {field.column: field for field in model._meta.concrete_fields}
    missing = set(columns) - fields.keys()
    assert not missing, "code of 2.0 writes columns that are gone"
    row = {
        column: fields[column].get_db_prep_save(
            make_value(fields[column], home_page), connection
        )
        for column in columns
        if not isinstance(fields[column], models.AutoField)
    }
    model._base_manager.all().delete()  # such as the channel that a new page gets
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} "
            f"({', '.join(map(quote, row))}) VALUES ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )
    assert str(model._base_manager.get())

"""Copies of the rows that migrations created, for tests that commit."""

from django.db import transaction


class InitialRows:
    """The rows that the database has now, kept in tables of their own."""

    def __init__(self, connection):
        self._connection = connection
        self._copies = {}
        tables = connection.introspection.django_table_names(only_existing=True)
        with connection.cursor() as cursor:
            for table in map(connection.ops.quote_name, tables):
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
                if cursor.fetchone():
                    copy = f"initial_rows_{len(self._copies)}"
                    cursor.execute(f"DROP TABLE IF EXISTS {copy}")
                    cursor.execute(f"CREATE TABLE {copy} AS SELECT * FROM {table}")
                    self._copies[table] = copy

    def restore(self):
        """Fill the empty tables."""
        with (
            transaction.atomic(),
            self._connection.constraint_checks_disabled(),
            self._connection.cursor() as cursor,
        ):
            for table, copy in self._copies.items():
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {copy}")

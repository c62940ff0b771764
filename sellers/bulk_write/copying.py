"""Rows that Python holds, on their way into a table."""

import itertools
from contextlib import nullcontext
from datetime import UTC

from django.db import connection, models

from sellers.bulk_write import transactions
from sellers.bulk_write.statements import quoted
from sellers.models import ScaledDecimalField

# So many distinct instants of a column are remembered.
REMEMBERED = 50_000
# What the drivers take as it is.
_PLAIN = models.IntegerField | models.BooleanField | models.CharField | models.DateTimeField


def copy(table, names, fields, rows, chunk_transaction):
    """Append tuples to a table; returns how many. COPY on PostgreSQL, chunks on SQLite.

    `rows` may be a generator, but not one that asks the database.
    """
    preparers = [(place, _preparer(field)) for place, field in enumerate(fields)]
    if working := [(place, prepare) for place, prepare in preparers if prepare]:
        rows = _prepared(rows, working)
    columns = ", ".join(map(quoted, names))
    if connection.vendor == "postgresql":
        size = 0
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(f"COPY {quoted(table)} ({columns}) FROM STDIN") as stream,
        ):
            for size, row in enumerate(rows, 1):  # noqa: B007 - the last number is the size
                stream.write_row(row)
        return size
    sql = f"INSERT INTO {quoted(table)} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"
    size = 0
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, transactions.CHUNK)):
        # Within a transaction it takes that one along when it fails, as COPY does.
        own = nullcontext() if connection.in_atomic_block else chunk_transaction()
        with own, connection.cursor() as cursor:
            cursor.executemany(sql, chunk)
        size += len(chunk)
    return size


def _preparer(field):
    """A function from a Python value to what the driver takes, or None where it is the same."""
    if isinstance(field, models.ForeignKey):
        return _preparer(field.target_field)
    if isinstance(field, ScaledDecimalField):
        return field.scale
    if connection.vendor == "sqlite" and isinstance(field, models.DateTimeField):
        return _SqliteInstants().__getitem__
    if isinstance(field, _PLAIN):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


class _SqliteInstants(dict):
    """Instants as SQLite stores them; many rows share theirs."""

    def __missing__(self, value):
        if len(self) > REMEMBERED:
            self.clear()
        text = None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))
        self[value] = text
        return text


def _prepared(rows, working):
    for row in rows:
        row = list(row)
        for place, prepare in working:
            row[place] = prepare(row[place])
        yield row

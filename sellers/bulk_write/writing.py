"""The bulk writes themselves; what they have in common is told in the package's own text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Max, Min

from sellers.bulk_write.copying import copy
from sellers.bulk_write.statements import IGNORE, compiled, execute, quoted
from sellers.bulk_write.target import Target
from sellers.bulk_write.temporary import temporary_rows
from sellers.bulk_write.transactions import CHUNK, chunks, filling_temporary, short_transaction


@dataclass(frozen=True)
class Written:
    """How many rows a bulk write inserted, updated, and found as they should be."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )

    @property
    def total(self) -> int:
        """Rows in all."""
        return self.inserted + self.updated + self.unchanged


def insert_from_query(
    queryset: models.QuerySet,
    model: type[models.Model],
    columns: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    *,
    ignore_conflicts: bool = False,
    touched: Sequence[str] = (),
    at_once: bool = False,
    size: int | None = None,
) -> int:
    """Insert the rows of `queryset` into `model` and return how many were inserted.

    `queryset` selects, with `values_list(…)`, one expression per name of `columns`, in that order;
    its values go in as the database holds them (a ScaledDecimalField as its integer), without a way
    through Python. `columns` and the keys of `constants` are field names of `model`; `constants`
    are Python values, the same in every row. Fields in neither get the field's default.
    `ignore_conflicts` leaves out rows that break a unique constraint; else IntegrityError is
    raised. `touched` names the fields of a unique constraint: rows that break it are touched, that
    is locked until the transaction ends, and counted; it is for marks that somebody takes up and
    deletes, so that a mark set again while it is being taken up is not lost. Raises ValueError when
    the query selects another number of columns.

    On PostgreSQL this is one INSERT … SELECT, all or nothing; on SQLite the rows go in by chunks
    of CHUNK rows, or of `size`, each its own transaction, unless `at_once` asks for one statement
    there too: for a few thousand rows inside a transaction of the caller's, or into a temporary
    model.
    """
    target = Target(model, columns, constants)
    conflict = target.on_conflict_touch(touched) if touched else ""
    conflict = IGNORE if ignore_conflicts else conflict
    source = compiled(queryset, columns)
    if source is None:
        return 0
    if at_once or connection.vendor == "postgresql":
        sql, parameters = source
        return execute(target.insert_from(sql, conflict), (*target.stored, *parameters))
    with _held(source, target) as (table, number):
        return sum(target.move(table, conflict, chunk) for chunk in chunks(1, number, size))


def update_from_query(
    queryset: models.QuerySet, model: type[models.Model], columns: Sequence[str]
) -> int:
    """Overwrite `columns` of the rows of `model` that `queryset` names; returns how many.

    `queryset` selects the primary key of a row of `model` first, each key once, then one expression
    per name of `columns`, in that order. Every row named is written, also where nothing differs.
    One statement, on SQLite too (3.35 or newer): meant for a few thousand rows inside a
    transaction of the caller's, or for a temporary model.
    """
    fields = [model._meta.get_field(name) for name in columns]
    source = compiled(queryset, [model._meta.pk.name, *columns])
    if source is None:
        return 0
    sql, parameters = source
    places = ", ".join(f"c{place}" for place in range(len(fields) + 1))
    sets = ", ".join(f"{quoted(field.column)} = c{place}" for place, field in enumerate(fields, 1))
    table = quoted(model._meta.db_table)
    # The WITH names the query's columns; in front of UPDATE it would hide the row count of SQLite.
    # Worked out on its own: mixed with the query, SQLite would scan the whole updated table.
    named = f"WITH named ({places}) AS MATERIALIZED ({sql}) SELECT {places} FROM named"
    return execute(
        f"UPDATE {table} SET {sets} FROM ({named}) source"
        f" WHERE {table}.{quoted(model._meta.pk.column)} = c0",
        parameters,
    )


def upsert_from_query(
    queryset: models.QuerySet,
    model: type[models.Model],
    columns: Sequence[str],
    *,
    key: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    carried: Sequence[str] = (),
) -> Written:
    """Insert the rows of `queryset` that `model` lacks and update those that differ.

    `key` names fields, of `columns` or `constants`, that a unique constraint covers; they must not
    be null, and no two rows of the query may share them. A row of `model` is written when any other
    named field differs (null differs from a value, and not from null); fields named in `carried`
    are written along with the others but do not count as a difference (when a value became known,
    say). Fields named in neither `columns` nor `constants` are left alone, and get their defaults
    in new rows.

    Shapes as in `insert_from_query`. Written by chunks, each its own transaction.
    """
    target = Target(model, columns, constants)
    source = compiled(queryset, columns)
    if source is None:
        return Written()
    update = target.on_conflict_update(key, carried)
    with _held(source, target) as (table, size):
        return _upsert(target, table, size, update)


def upsert_rows(
    model: type[models.Model],
    rows: Iterable[Sequence[Any]],
    columns: Sequence[str],
    *,
    key: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    carried: Sequence[str] = (),
) -> Written:
    """`upsert_from_query` for an iterable of tuples of Python values, one per name of `columns`."""
    target = Target(model, columns, constants)
    update = target.on_conflict_update(key, carried)
    with temporary_rows(target.fields) as table:
        size = copy(table, target.places, target.fields, rows, filling_temporary)
        return _upsert(target, table, size, update)


def copy_rows(
    model: type[models.Model],
    rows: Iterable[Sequence[Any]],
    columns: Sequence[str],
    *,
    temporary: bool = False,
) -> int:
    """Append an iterable of tuples, one Python value per field name in `columns`, to `model`.

    Returns the number of rows. COPY on PostgreSQL, all or nothing; on SQLite chunks, each its own
    transaction. Fields not named get their defaults. Nothing but the fields' own conversion is
    checked: call it with values that are known to be good. `rows` may be a generator, but not one
    that asks the database. `temporary` says that `model` is a `temporary_model`, which needs no
    write lock.
    """
    target = Target(model, columns, None)
    rows = ((*row, *target.values) for row in rows) if target.values else rows
    transaction = filling_temporary if temporary else short_transaction
    return copy(model._meta.db_table, target.names, target.all_fields, rows, transaction)


def insert_rows(
    model: type[models.Model], rows: Iterable[Sequence[Any]], columns: Sequence[str]
) -> int:
    """Insert tuples like `copy_rows`, leaving out those that break a unique constraint.

    Returns how many were inserted. They go in in the order given: two writers that insert the same
    keys in the same order wait for each other on PostgreSQL instead of deadlocking.
    """
    target = Target(model, columns, None)
    with temporary_rows(target.fields) as table:
        size = copy(table, target.places, target.fields, rows, filling_temporary)
        return sum(target.move(table, IGNORE, chunk) for chunk in chunks(1, size))


def reserve_ids(model: type[models.Model], number: int) -> Sequence[int]:
    """Primary keys for `number` rows of `model` that are to be appended with them.

    Nobody else gets these. On SQLite that holds until the end of the transaction, which must have
    begun to write.
    """
    table = model._meta.db_table
    if not number:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = f"nextval(pg_get_serial_sequence('{quoted(table)}', 'id'))"
            cursor.execute(f"SELECT {sequence} FROM generate_series(1, %s)", (number,))
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", (table,))
        found = cursor.fetchone()
    last = found[0] if found else 0
    return range(last + 1, last + number + 1)


def settle(*filled: type[models.Model]) -> None:
    """Let PostgreSQL's planner know what is in tables that have just been filled; it would plan as
    if they were empty until the database looks by itself. Nothing on SQLite."""
    if connection.vendor == "postgresql":
        for model in filled:
            execute(f"ANALYZE {quoted(model._meta.db_table)}")


def delete_in_chunks(queryset: models.QuerySet, *, size: int = CHUNK) -> int:
    """Delete the rows of `queryset`, by ranges of the primary key of at most `size` rows, each
    range in its own transaction, and return how many rows went, dependent ones included.

    `queryset` is a plain filter: no slice, no order.
    """
    queryset = queryset.order_by("pk")
    ends = queryset.aggregate(first=Min("pk"), last=Max("pk"))
    start, last, deleted = ends["first"], ends["last"], 0
    while start is not None:
        beyond = list(
            queryset.filter(pk__gte=start, pk__lte=last).values_list("pk")[size : size + 1]
        )
        part = queryset.filter(pk__gte=start)
        part = part.filter(pk__lt=beyond[0][0]) if beyond else part.filter(pk__lte=last)
        with short_transaction():
            deleted += part.order_by().delete()[0]
        start = beyond[0][0] if beyond else None
    return deleted


@contextmanager
def _held(source, target) -> Iterator[tuple[str, int]]:
    """A compiled query's rows in a temporary table; yields its name and its number of rows."""
    sql, parameters = source
    with temporary_rows(target.fields) as table:
        size = execute(f"INSERT INTO {table} ({', '.join(target.places)}) {sql}", parameters)
        yield table, size


def _upsert(target, table, size, update):
    """Move a temporary table's rows, then update what the move found there and different."""
    inserted = updated = 0
    for chunk in chunks(1, size):
        inserted += target.move(table, IGNORE, chunk)
        updated += target.move(table, update, chunk)
    return Written(inserted, updated, size - inserted - updated)

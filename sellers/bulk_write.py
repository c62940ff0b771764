"""Writing many rows at once: the only place where SQLite and PostgreSQL differ.

Everything here wraps queries that the ORM compiled. The same calls mean the same on both:

=====================  ============================================================================
`insert_from_query`    a query's rows become rows of a model
`upsert_from_query`    likewise by a natural key: new rows are inserted, rows that differ updated
`upsert_rows`          `upsert_from_query` for rows that Python holds
`copy_rows`            rows that Python holds, appended
`insert_rows`          rows that Python holds, but for those that break a unique constraint
`delete_in_chunks`     a queryset's rows deleted, a few thousand per transaction
=====================  ============================================================================

PostgreSQL gets INSERT … SELECT and COPY. SQLite has one writer at a time, and one long INSERT …
SELECT would keep every other one waiting for as long as its query takes; so there the query's
result is read into a temporary table first, which needs no write lock, and moved from there in
short transactions. Two things follow for a caller:

- Do not call these inside `atomic()` with a query that takes long: on SQLite the surrounding
  transaction would hold the write lock all the while.
- Outside `atomic()` a process killed in the middle leaves whole chunks behind, so call what can be
  repeated: upsert, ignore conflicts, or delete what a former attempt has left.
"""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import Max, Min
from psycopg.pq import TransactionStatus

from sellers.models import ScaledDecimalField

CHUNK = 5_000
# Another writer on SQLite waits in sleeps of up to 0.1 s between its tries, so back-to-back
# transactions would hardly ever let it in: rest for this share of the time each one took.
SQLITE_REST = 0.1

_numbers = itertools.count(1)


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
) -> int:
    """Insert the rows of `queryset` into `model` and return how many were inserted.

    `queryset` selects, with `values_list(…)`, one expression per name of `columns`, in that order;
    its values go in as the database holds them (a ScaledDecimalField as its integer), without a way
    through Python. `columns` and the keys of `constants` are field names of `model`; `constants`
    are Python values, the same in every row. Fields in neither get the field's default.
    `ignore_conflicts` leaves out rows that break a unique constraint; else IntegrityError is
    raised. Raises ValueError when the query selects another number of columns.

    On PostgreSQL this is one INSERT … SELECT, all or nothing; on SQLite the rows go in by chunks,
    each its own transaction.
    """
    target = _Target(model, columns, constants)
    conflict = "ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    source = _compiled(queryset, columns)
    if source is None:
        return 0
    if connection.vendor == "postgresql":
        sql, parameters = source
        return _execute(
            f"{target.insert} SELECT source.*{target.markers} FROM ({sql}) source {conflict}",
            (*target.stored, *parameters),
        )
    with _held(source, target) as (table, size):
        moving = (target.move(table, conflict, chunk) for chunk in _chunks(1, size))
        return sum(moving)


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
    target = _Target(model, columns, constants)
    source = _compiled(queryset, columns)
    if source is None:
        return Written()
    update = target.on_conflict_update(key, carried)
    with _held(source, target) as (table, size):
        inserted = updated = 0
        for chunk in _chunks(1, size):
            inserted += target.move(table, "ON CONFLICT DO NOTHING", chunk)
            updated += target.move(table, update, chunk)
    return Written(inserted, updated, size - inserted - updated)


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
    target = _Target(model, columns, constants)
    update = target.on_conflict_update(key, carried)
    with _temporary_table(target) as table:
        names = [f"c{place}" for place in range(len(columns))]
        size = _copy(table, names, target.fields, rows, _filling_temporary)
        inserted = updated = 0
        for chunk in _chunks(1, size):
            inserted += target.move(table, "ON CONFLICT DO NOTHING", chunk)
            updated += target.move(table, update, chunk)
    return Written(inserted, updated, size - inserted - updated)


def copy_rows(
    model: type[models.Model], rows: Iterable[Sequence[Any]], columns: Sequence[str]
) -> int:
    """Append an iterable of tuples, one Python value per field name in `columns`, to `model`.

    Returns the number of rows. COPY on PostgreSQL, all or nothing; on SQLite chunks, each its own
    transaction. Fields not named get their defaults. Nothing but the fields' own conversion is
    checked: call it with values that are known to be good.
    """
    target = _Target(model, columns, None)
    rows = ((*row, *target.values) for row in rows) if target.values else rows
    return _copy(model._meta.db_table, target.names, target.all_fields, rows)


def insert_rows(
    model: type[models.Model], rows: Iterable[Sequence[Any]], columns: Sequence[str]
) -> int:
    """Insert tuples like `copy_rows`, leaving out those that break a unique constraint.

    Returns how many were inserted. They go in in the order given: two writers that insert the same
    keys in the same order wait for each other on PostgreSQL instead of deadlocking.
    """
    target = _Target(model, columns, None)
    with _temporary_table(target) as table:
        names = [f"c{place}" for place in range(len(columns))]
        size = _copy(table, names, target.fields, rows, _filling_temporary)
        moving = (target.move(table, "ON CONFLICT DO NOTHING", chunk) for chunk in _chunks(1, size))
        return sum(moving)


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
def short_transaction() -> Iterator[None]:
    """A transaction for one chunk; on SQLite a rest follows it, in which other writers come in."""
    began = time.monotonic()
    with transaction.atomic():
        yield
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep((time.monotonic() - began) * SQLITE_REST)


class _Target:
    """The table, columns and constants of one bulk write, and its SQL."""

    def __init__(self, model, columns, constants):
        constants = dict(constants or {})
        self.model = model
        self.fields = [model._meta.get_field(name) for name in columns]
        given = [model._meta.get_field(name) for name in constants]
        defaults = {
            field: field.get_default()
            for field in model._meta.concrete_fields
            if not field.primary_key and field not in self.fields and field not in given
        }
        defaults = {field: value for field, value in defaults.items() if value is not None}
        self.own = [*self.fields, *given]
        self.all_fields = [*self.own, *defaults]
        self.names = [field.column for field in self.all_fields]
        self.values = [*constants.values(), *defaults.values()]
        self.stored = [
            field.get_db_prep_save(value, connection)
            for field, value in zip([*given, *defaults], self.values, strict=True)
        ]
        self.table = _quoted(model._meta.db_table)

    @property
    def insert(self):
        return f"INSERT INTO {self.table} ({', '.join(map(_quoted, self.names))})"

    @property
    def markers(self):
        return ", %s" * len(self.stored)

    def on_conflict_update(self, key, carried):
        """ON CONFLICT (key) DO UPDATE of the other named columns, where one of them differs."""
        field_of = self.model._meta.get_field
        keys = [field_of(name) for name in key]
        loose = [field_of(name) for name in carried]
        if unknown := [field.name for field in (*keys, *loose) if field not in self.own]:
            raise ValueError(f"neither in columns nor constants: {', '.join(unknown)}")
        written = [_quoted(field.column) for field in self.own if field not in keys]
        compared = [
            _quoted(field.column) for field in self.own if field not in keys and field not in loose
        ]
        conflict = f"ON CONFLICT ({', '.join(_quoted(field.column) for field in keys)})"
        if not compared:
            return f"{conflict} DO NOTHING"
        differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
        sets = ", ".join(f"{column} = excluded.{column}" for column in written)
        where = " OR ".join(
            f"{self.table}.{column} {differs} excluded.{column}" for column in compared
        )
        return f"{conflict} DO UPDATE SET {sets} WHERE {where}"

    def move(self, table, conflict, chunk):
        """Insert the rows of a temporary table whose numbers lie in `chunk`, inclusive ends."""
        sources = ", ".join(f"c{place}" for place in range(len(self.fields)))
        with short_transaction():
            return _execute(
                f"{self.insert} SELECT {sources}{self.markers} FROM {_quoted(table)}"
                f" WHERE n BETWEEN %s AND %s ORDER BY n {conflict}",
                (*self.stored, *chunk),
            )


def _quoted(name):
    return connection.ops.quote_name(name)


def _execute(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def _compiled(queryset, columns):
    """The SQL and parameters of a queryset that selects one expression per column, or None where it
    can have no rows."""
    query = queryset.query.clone()
    query.clear_ordering()
    compiler = query.get_compiler(connection=connection)
    try:
        compiled = compiler.as_sql()
    except EmptyResultSet:
        return None
    if len(compiler.select) != len(columns):
        raise ValueError(
            f"the query selects {len(compiler.select)} columns for {len(columns)}: "
            + ", ".join(columns)
        )
    return compiled


@contextmanager
def _held(source, target):
    """A compiled query's rows in a temporary table; yields its name and its number of rows."""
    sql, parameters = source
    with _temporary_table(target) as table:
        places = ", ".join(f"c{place}" for place in range(len(target.fields)))
        size = _execute(f"INSERT INTO {_quoted(table)} ({places}) {sql}", parameters)
        yield table, size


@contextmanager
def _temporary_table(target):
    """A temporary table with columns n (1, 2, 3, …), c0, c1, … for the fields of `target`."""
    name = f"paddock_temporary_{next(_numbers)}"
    if connection.vendor == "sqlite":
        number, types = "INTEGER PRIMARY KEY", [""] * len(target.fields)  # keep values as they come
    else:
        number = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        types = [_sql_type(field) for field in target.fields]
    columns = [f"n {number}", *(f"c{place} {type_}" for place, type_ in enumerate(types))]
    _execute(f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)})")
    try:
        yield name
    finally:
        if not _failed():
            _execute(f"DROP TABLE {name}")


def _sql_type(field):
    return field.rel_db_type(connection) if field.primary_key else field.db_type(connection)


def _failed():
    """Whether PostgreSQL refuses everything until a rollback, which takes temporary tables too."""
    if connection.vendor == "sqlite":
        return False
    return connection.connection.info.transaction_status == TransactionStatus.INERROR


@contextmanager
def _filling_temporary():
    """A transaction that writes temporary tables only, so that it needs no write lock."""
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        yield
        return
    _execute("BEGIN DEFERRED")
    try:
        yield
    except BaseException:
        _execute("ROLLBACK")
        raise
    _execute("COMMIT")


def _chunks(first, last):
    """Inclusive ranges of at most CHUNK numbers that cover first to last."""
    return [(start, min(start + CHUNK - 1, last)) for start in range(first, last + 1, CHUNK)]


def _preparers(fields):
    """Per field, a function from a Python value to what the driver takes, or None where that is
    the value itself."""
    return [_preparer(field) for field in fields]


def _preparer(field):
    if isinstance(field, models.ForeignKey):
        return _preparer(field.target_field)
    if isinstance(field, ScaledDecimalField):
        return field.scale
    if connection.vendor == "sqlite" and isinstance(field, models.DateTimeField):
        return _sqlite_instant
    if isinstance(
        field, models.IntegerField | models.BooleanField | models.CharField | models.DateTimeField
    ):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _sqlite_instant(value):
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def _copy(table, names, fields, rows, chunk_transaction=short_transaction):
    """Append tuples to a table; returns how many. COPY on PostgreSQL, chunks on SQLite."""
    preparers = _preparers(fields)
    if any(preparers):
        working = [(place, prepare) for place, prepare in enumerate(preparers) if prepare]
        rows = _prepared(rows, working)
    columns = ", ".join(map(_quoted, names))
    if connection.vendor == "postgresql":
        size = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {_quoted(table)} ({columns}) FROM STDIN") as copy,
        ):
            for size, row in enumerate(rows, 1):  # noqa: B007 - the last number is the size
                copy.write_row(row)
        return size
    sql = f"INSERT INTO {_quoted(table)} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"
    size = 0
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, CHUNK)):
        with chunk_transaction(), connection.cursor() as cursor:
            cursor.executemany(sql, chunk)
        size += len(chunk)
    return size


def _prepared(rows, working):
    for row in rows:
        row = list(row)
        for place, prepare in working:
            row[place] = prepare(row[place])
        yield row

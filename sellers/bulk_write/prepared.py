"""Queries that are compiled once and run often, each time with other values."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import Expression

from sellers.bulk_write.statements import IGNORE, compiled, execute
from sellers.bulk_write.target import Target


class Given(Expression):
    """A value that a `Prepared` query is given each time that it runs: the one of that name, or of
    a sequence of that name the one at ``place``."""

    def __init__(self, name: str, output_field: models.Field, place: int | None = None):
        super().__init__(output_field=output_field)
        self.name = name
        self.place = place

    def as_sql(self, compiler, connection):
        """A marker, for which `Prepared` looks among the parameters."""
        return "%s", [self]

    def of(self, values: Mapping[str, Any]) -> Any:
        """The value as the database takes it."""
        value = values[self.name]
        if self.place is not None:
            value = value[self.place]
        return self.output_field.get_db_prep_value(value, connection)


class Prepared:
    """The SQL of a queryset that selects plain columns and expressions with ``values_list``.

    What the ORM decides by looking at a value is decided when it is made: say ``Given`` for values
    that stand in the SQL as they are, and make another one where something else changes.
    """

    def __init__(self, queryset: models.QuerySet):
        try:
            self._sql, self._parameters = queryset.query.get_compiler(
                connection=connection
            ).as_sql()
        except EmptyResultSet:
            self._sql, self._parameters = None, ()

    def rows(self, **values: Any) -> list[tuple]:
        """The rows, as the database returns them, with these values for what is `Given`."""
        if self._sql is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given(self._parameters, values))
            return cursor.fetchall()


class PreparedInsert:
    """`insert_from_query` with ``at_once``, or with ``key`` `upsert_from_query`, whose query and
    constants are `Given` some of their values; one statement for a few thousand rows at most."""

    def __init__(
        self,
        queryset: models.QuerySet,
        model: type[models.Model],
        columns: Sequence[str],
        constants: Mapping[str, Any],
        *,
        ignore_conflicts: bool = False,
        key: Sequence[str] = (),
        carried: Sequence[str] = (),
    ):
        target = Target(model, columns, constants)
        conflict = IGNORE if ignore_conflicts else ""
        conflict = target.on_conflict_update(key, carried) if key else conflict
        source = compiled(queryset, columns)
        self._sql, self._parameters = None, ()
        if source is not None:
            self._sql = target.insert_from(source[0], conflict)
            self._parameters = (*target.stored, *source[1])

    def run(self, **values: Any) -> int:
        """Insert with these values for what is `Given`; returns how many rows it touched."""
        return 0 if self._sql is None else execute(self._sql, given(self._parameters, values))


def given(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """A statement's parameters, with values for what is `Given`."""
    return [
        parameter.of(values) if isinstance(parameter, Given) else parameter
        for parameter in parameters
    ]


def padded(ids: Sequence[int]) -> list[int]:
    """The ids, the last of them repeated up to a power of two: a query for some ids then comes in
    few lengths, and asking for one of them twice changes nothing."""
    size = 1
    while size < len(ids):
        size *= 2
    return [*ids, *[ids[-1]] * (size - len(ids))]


def one_of(name: str, number: int) -> list[Given]:
    """The right-hand side of an ``__in`` over that many ids of that name."""
    return [Given(name, models.BigIntegerField(), place) for place in range(number)]

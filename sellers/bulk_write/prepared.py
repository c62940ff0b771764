"""Queries that are compiled once and run often, each time with other values."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import Expression


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

    def of(self, values: dict[str, Any]) -> Any:
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
        parameters = [
            parameter.of(values) if isinstance(parameter, Given) else parameter
            for parameter in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            return cursor.fetchall()


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

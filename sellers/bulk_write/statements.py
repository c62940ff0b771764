"""Statements as text, and running them."""

from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

IGNORE = "ON CONFLICT DO NOTHING"


def quoted(name: str) -> str:
    """A table's or column's name as SQL."""
    return connection.ops.quote_name(name)


def execute(sql: str, parameters: Sequence = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def compiled(queryset: models.QuerySet, columns: Sequence[str]) -> tuple[str, Sequence] | None:
    """The SQL and parameters of a queryset that selects one expression per column, or None where it
    can have no rows. Its own order stays, the model's default goes. Raises ValueError for another
    number of expressions. What is put together otherwise says itself what it compiles to."""
    if not isinstance(queryset, models.QuerySet):
        return queryset.compiled(columns)
    query = queryset.query.clone()
    query.default_ordering = False
    compiler = query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    if len(compiler.select) != len(columns):
        raise ValueError(
            f"the query selects {len(compiler.select)} columns for {len(columns)}: "
            + ", ".join(columns)
        )
    return sql, parameters

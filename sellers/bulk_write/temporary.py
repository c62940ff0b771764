"""Tables that only this connection sees, and that vanish with it."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.apps.registry import Apps
from django.db import connection, models
from psycopg.pq import TransactionStatus

from sellers.bulk_write.statements import execute, quoted

_numbers = itertools.count(1)


@contextmanager
def temporary_model(fields: Mapping[str, models.Field]) -> Iterator[type[models.Model]]:
    """A model with an integer primary key `id` and the given fields, by name, over a temporary
    table that is dropped at the end of the block.

    Foreign keys may point to any model of the project (`related_name="+"`,
    `db_constraint=False`), by `to_field` to a code as well as to an id. Rows get in through
    `copy_rows` or `insert_from_query`, `id` included, and are ready to be joined after
    `settle_temporary`. The table takes no write lock on SQLite.
    """
    name = _fresh_name()
    # A registry of its own: the class is known nowhere else, and yet finds the project's models.
    registry = Apps()
    for label, found in apps.all_models.items():
        registry.all_models[label].update(found)
    options = {"apps": registry, "app_label": "temporary", "managed": False, "db_table": name}
    contents = {
        "id": models.BigIntegerField(primary_key=True),
        **fields,
        "Meta": type("Meta", (), options),
        "__module__": __name__,
    }
    model = type(name.title().replace("_", ""), (models.Model,), contents)
    columns = [
        f"{quoted(field.column)} {field.db_type(connection)}"
        + (" PRIMARY KEY" if field.primary_key else "")
        for field in model._meta.concrete_fields
    ]
    with _table(name, columns):
        yield model


def settle_temporary(model: type[models.Model], *indexes: Sequence[str]) -> None:
    """Make a filled temporary model ready for queries: index it by lists of field names, and tell
    PostgreSQL's planner, who does not look at temporary tables by himself, what is in it."""
    name = model._meta.db_table
    for index in indexes:
        places = ", ".join(quoted(model._meta.get_field(field).column) for field in index)
        execute(f"CREATE INDEX {name}_{next(_numbers)} ON {name} ({places})")
    if connection.vendor == "postgresql":
        execute(f"ANALYZE {name}")


@contextmanager
def temporary_rows(fields: Sequence[models.Field]) -> Iterator[str]:
    """The name of a temporary table with columns n (1, 2, 3, …), c0, c1, … that hold the values of
    `fields` as the database stores them."""
    if connection.vendor == "sqlite":
        number, types = "INTEGER PRIMARY KEY", [""] * len(fields)  # keep values as they come
    else:
        number = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        types = [_sql_type(field) for field in fields]
    name = _fresh_name()
    columns = [f"n {number}", *(f"c{place} {type_}" for place, type_ in enumerate(types))]
    with _table(name, columns):
        yield name


def _fresh_name():
    return f"paddock_temporary_{next(_numbers)}"


@contextmanager
def _table(name, columns):
    execute(f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)})")
    try:
        yield
    finally:
        if not _failed():
            execute(f"DROP TABLE {name}")


def _sql_type(field):
    return field.rel_db_type(connection) if field.primary_key else field.db_type(connection)


def _failed():
    """Whether PostgreSQL refuses everything until a rollback, which takes temporary tables too."""
    if connection.vendor == "sqlite":
        return False
    return connection.connection.info.transaction_status == TransactionStatus.INERROR

"""What a bulk write writes to: a model's columns and constants, and the SQL that they make."""

from django.db import connection

from sellers.bulk_write.statements import execute, quoted
from sellers.bulk_write.transactions import short_transaction


class Target:
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
        self.table = quoted(model._meta.db_table)

    @property
    def insert(self):
        """INSERT INTO the table, with its columns."""
        return f"INSERT INTO {self.table} ({', '.join(map(quoted, self.names))})"

    def insert_from(self, sql, conflict):
        """Insert what a query selects; its parameters follow those of the constants."""
        # SQLite cannot tell ON CONFLICT from a join's ON without the WHERE.
        return (
            f"{self.insert} SELECT source.*{self.markers} FROM ({sql}) source WHERE true {conflict}"
        )

    @property
    def markers(self):
        """Places of the constants and defaults behind a query's own columns."""
        return ", %s" * len(self.stored)

    @property
    def places(self):
        """The columns of a temporary table that hold a query's own."""
        return [f"c{place}" for place in range(len(self.fields))]

    def on_conflict_touch(self, key):
        """ON CONFLICT (key) DO UPDATE that changes nothing but locks the row."""
        columns = [quoted(self.model._meta.get_field(name).column) for name in key]
        return (
            f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET {columns[0]} = excluded.{columns[0]}"
        )

    def on_conflict_update(self, key, carried):
        """ON CONFLICT (key) DO UPDATE of the other named columns, where one of them differs."""
        field_of = self.model._meta.get_field
        keys = [field_of(name) for name in key]
        loose = [field_of(name) for name in carried]
        if unknown := [field.name for field in (*keys, *loose) if field not in self.own]:
            raise ValueError(f"neither in columns nor constants: {', '.join(unknown)}")
        written = [quoted(field.column) for field in self.own if field not in keys]
        compared = [
            quoted(field.column) for field in self.own if field not in keys and field not in loose
        ]
        conflict = f"ON CONFLICT ({', '.join(quoted(field.column) for field in keys)})"
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
        with short_transaction():
            return execute(
                f"{self.insert} SELECT {', '.join(self.places)}{self.markers} FROM {table}"
                f" WHERE n BETWEEN %s AND %s ORDER BY n {conflict}",
                (*self.stored, *chunk),
            )

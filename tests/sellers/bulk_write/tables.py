"""What the tests of bulk writes look at beside the rows."""

from datetime import date

from django.db import connection

DAY = date(2023, 5, 9)


def temporary_tables():
    """Names of the temporary tables that this connection still has."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_temp_master WHERE type = 'table'")
        else:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 't'"
            )
        return {name for (name,) in cursor.fetchall()}

"""Comparisons that SQLite and PostgreSQL spell differently."""

from django.db.models import BooleanField, Func


class Differs(Func):
    """True where two expressions differ, null being a value like any other; never null.

    ``queryset.filter(Differs(F("a"), F("b")))``. The stored values are compared, whatever the
    fields: give it columns of one kind.
    """

    arity = 2
    output_field = BooleanField()
    template = "(%(expressions)s)"
    arg_joiner = " IS DISTINCT FROM "

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, arg_joiner=" IS NOT ", **context)

"""Comparisons that SQLite and PostgreSQL spell differently."""

from django.db.models import BooleanField, DateTimeField, Func


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


class HourOf(Func):
    """The first instant of the hour of UTC in which an instant lies."""

    arity = 1
    output_field = DateTimeField()
    template = "date_trunc('hour', %(expressions)s, 'UTC')"

    def as_sqlite(self, compiler, connection, **context):
        # As Django stores it, without a call back into Python for every row.
        template = "strftime('%%%%Y-%%%%m-%%%%d %%%%H:00:00', %(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)

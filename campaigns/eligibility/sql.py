"""Three-valued SQL from lookup-free expressions: never from Q, whose negation treats nulls its
own way. Every function returns an expression that is true, false or null; null is unknown."""

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Func,
    IntegerField,
    Value,
    When,
)


class Bool(Func):
    """A boolean expression from a template."""

    output_field = BooleanField()
    arity = None


def compare(left, sql_op, right):
    """``left <op> right``, null if either is."""
    return Bool(left, right, template="(%(expressions)s)", arg_joiner=f" {sql_op} ")


def both(*parts):
    """Kleene's and."""
    return Bool(*parts, template="(%(expressions)s)", arg_joiner=" AND ") if parts else TRUE


def either(*parts):
    """Kleene's or."""
    return Bool(*parts, template="(%(expressions)s)", arg_joiner=" OR ") if parts else FALSE


def negate(part):
    """Kleene's not."""
    return Bool(part, template="(NOT %(expressions)s)")


def is_true(part):
    """True where the part is true; never null."""
    return Bool(part, template="(%(expressions)s IS TRUE)")


def is_false(part):
    """True where the part is false; never null."""
    return Bool(part, template="(%(expressions)s IS FALSE)")


def is_not_true(part):
    """True where the part is false or unknown; never null."""
    return Bool(part, template="(%(expressions)s IS NOT TRUE)")


def is_unknown(part):
    """True where the part is unknown; never null."""
    return Bool(part, template="(%(expressions)s IS NULL)")


def is_known(part):
    """True where the part has a value; never null."""
    return Bool(part, template="(%(expressions)s IS NOT NULL)")


def members(left, values):
    """``left IN (values)``, null if left is; ``values`` are expressions without nulls."""
    if not values:
        # Nothing is a member of nothing; a missing left side stays unknown.
        return compare(left, "<>", left)
    listed = Func(*values, template="(%(expressions)s)", arg_joiner=", ")
    return Bool(left, listed, template="(%(expressions)s)", arg_joiner=" IN ")


def at_least(count, parts):
    """True if ``count`` parts are true, false if too many are false, else null."""

    def total(test):
        cases = [Case(When(test(p), then=1), default=0, output_field=IntegerField()) for p in parts]
        return Func(
            *cases, template="(%(expressions)s)", arg_joiner=" + ", output_field=IntegerField()
        )

    return Case(
        When(compare(total(is_true), ">=", integer(count)), then=Value(True)),
        When(compare(total(is_false), ">", integer(len(parts) - count)), then=Value(False)),
        default=Value(None),
        output_field=BooleanField(null=True),
    )


def raw(expression):
    """A column's stored integer, so that no field converts a right-hand side."""
    return Func(expression, template="%(expressions)s", output_field=BigIntegerField())


def integer(value):
    """A 64-bit integer constant."""
    return Value(value, output_field=BigIntegerField())


def times(expression, factor):
    """``expression * factor``; the factor 1 is left out."""
    if factor == 1:
        return expression
    return product(expression, integer(factor))


def product(left, right):
    """``left * right`` as 64-bit integers."""
    return Func(
        left, right, template="(%(expressions)s)", arg_joiner=" * ", output_field=BigIntegerField()
    )


def not_zero(expression):
    """The expression, null where it is 0."""
    return Func(expression, integer(0), function="NULLIF", output_field=BigIntegerField())


def mask(flags):
    """An integer with bit k set where the k-th flag is true."""
    if not flags:
        return integer(0)
    bits = [
        Case(When(flag, then=integer(1 << k)), default=integer(0), output_field=BigIntegerField())
        for k, flag in enumerate(flags)
    ]
    return Func(
        *bits, template="(%(expressions)s)", arg_joiner=" + ", output_field=BigIntegerField()
    )


TRUE = Value(True, output_field=BooleanField())
FALSE = Value(False, output_field=BooleanField())

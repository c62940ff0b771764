"""Values written in a rulebook, as the Python values that a metric's type compares with."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from sellers.localtime import from_local
from sellers.metrics.registry import NUMERIC, MetricType
from sellers.models.fields import LARGEST_SCALED


def typed(kind: MetricType, value):
    """Decimal for numbers, int for ages, bool, str or aware datetime.

    Raises ValueError with what was expected.
    """
    if kind in NUMERIC:
        return number(value)
    if kind == MetricType.AGE:
        days = number(value)
        if days != days.to_integral_value() or abs(days) > 100_000:
            raise ValueError(_("expected a whole number of days"))
        return int(days)
    if kind == MetricType.BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError(_("expected true or false"))
        return value
    if kind == MetricType.DATETIME:
        return instant(value)
    if not isinstance(value, str):
        raise ValueError(_("expected a text or a code"))
    return value


def number(value) -> Decimal:
    """A finite Decimal from an int or a decimal's text, within the largest stored value."""
    if isinstance(value, bool | float) or not isinstance(value, int | str | Decimal):
        raise ValueError(_("expected a number"))
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise ValueError(_("expected a number")) from None
    if not result.is_finite() or abs(result) > LARGEST_SCALED:
        raise ValueError(_("expected a number within ±%(most)d") % {"most": LARGEST_SCALED})
    return result


def instant(value) -> datetime:
    """An aware datetime from a local "2023-05-16 20:00:00"."""
    if isinstance(value, datetime):
        result = value
    else:
        try:
            result = datetime.fromisoformat(str(value))
        except ValueError:
            raise ValueError(_("expected a time such as 2023-05-16 20:00:00")) from None
    return from_local(result) if result.tzinfo is None else result


def decimal_places(value: Decimal) -> int:
    """How many decimal places a number really has."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent)


def scaled(value: Decimal, places: int) -> int:
    """The integer of a number in units of ``10**-places``; the number must fit exactly."""
    result = value.scaleb(places)
    if result != result.to_integral_value():
        raise ValueError(_("expected at most %(places)d decimal places") % {"places": places})
    return int(result)

"""Decimals that are exact on every database: stored as scaled integers, Decimal to Python."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

# Two stored values multiplied by a factor of up to 100,000 still fit a signed 64-bit integer.
LARGEST_SCALED = 10**13


class ScaledDecimalField(models.BigIntegerField):
    """A Decimal with a fixed number of places, kept as an integer of its smallest unit.

    SQLite has no decimal type and a borderline must be exact on both engines, so 88.50 with two
    places is stored as 8850. Values are at most ``10**13`` smallest units either side of zero.
    Raises ValidationError for a value with more places than the field has, out of range, or float.
    """

    description = _("Decimal stored as a scaled integer")

    def __init__(self, *args, decimal_places=2, **kwargs):
        self.decimal_places = decimal_places
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs["decimal_places"] = self.decimal_places
        return name, path, args, kwargs

    @property
    def largest(self):
        """The largest value that the field holds, a Decimal."""
        return Decimal(LARGEST_SCALED).scaleb(-self.decimal_places)

    @property
    def max_digits(self):
        """Digits in all, as Django's own decimal fields say it."""
        return len(str(LARGEST_SCALED))

    @cached_property
    def validators(self):
        bounds = [MinValueValidator(-self.largest), MaxValueValidator(self.largest)]
        return [*self.default_validators, *self._validators, *bounds]

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise ValidationError(_("Give a decimal, not a binary float."), code="float")
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValidationError(
                _("“%(value)s” is not a decimal number."), code="invalid", params={"value": value}
            )
        return number

    def scale(self, value):
        """The stored integer of a Decimal, int or str; None stays None."""
        number = self.to_python(value)
        if number is None:
            return None
        scaled = number.scaleb(self.decimal_places)
        if scaled != scaled.to_integral_value():
            raise ValidationError(
                _("“%(value)s” has more than %(places)d decimal places."),
                code="places",
                params={"value": value, "places": self.decimal_places},
            )
        if abs(scaled) > LARGEST_SCALED:
            raise ValidationError(
                _("“%(value)s” is out of range: at most %(largest)s."),
                code="range",
                params={"value": value, "largest": self.largest},
            )
        return int(scaled)

    def get_prep_value(self, value):
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return self.scale(value)

    def from_db_value(self, value, expression, connection):
        return None if value is None else Decimal(int(value)).scaleb(-self.decimal_places)

    def value_to_string(self, obj):
        value = self.value_from_object(obj)
        return None if value is None else str(value)

    def formfield(self, **kwargs):
        options = {
            "form_class": forms.DecimalField,
            "decimal_places": self.decimal_places,
            "max_digits": self.max_digits,
            "localize": False,
        }
        # BigIntegerField.formfield adds integer bounds, which are not ours.
        return models.Field.formfield(self, **{**options, **kwargs})

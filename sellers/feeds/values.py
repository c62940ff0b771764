"""From a file's cells to the values that the staging table holds.

A cell is a text of a CSV file, or a value of a Parquet column; None or blank text is an empty cell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from sellers.localtime import from_local
from sellers.models import ScaledDecimalField

# So many distinct cells of a column are remembered; prices, dates and flags repeat a lot.
REMEMBERED = 50_000

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NOT_UTF8 = re.compile("[\udc80-\udcff]")


class BadCell(ValueError):
    """A cell that cannot be read; its text is the reason."""


class Cells(dict):
    """A remembering reader of one column: ``cells[cell]`` is its value, or the BadCell itself."""

    def __init__(self, kind, *, required, default):
        super().__init__()
        self._kind, self._required, self._default = kind, required, default
        self.failed = False

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """The values of a batch of cells. `failed` tells whether any of them is a BadCell."""
        if len(self) > REMEMBERED:
            self.clear()
        self.failed = False
        return [self[cell] for cell in cells]

    def __missing__(self, cell):
        try:
            value = self._value(cell)
        except BadCell as bad:
            self.failed = True
            return bad
        self[cell] = value
        return value

    def _value(self, cell):
        if isinstance(cell, str):
            cell = cell.strip()
            if not cell.isascii() and _NOT_UTF8.search(cell):
                raise BadCell(_("is not UTF-8 text"))
        if cell is None or cell == "":
            if self._required:
                raise BadCell(_("must not be empty"))
            return self._default
        return self._kind.read(cell)


@dataclass(frozen=True)
class Text:
    """A text of at most `longest` characters."""

    longest: int
    type = "text"

    def read(self, cell):
        text = cell if isinstance(cell, str) else str(cell)
        if len(text) > self.longest:
            raise BadCell(_("is longer than %d characters") % self.longest)
        if "\0" in text:
            raise BadCell(_("contains a null character"))
        return text

    def field(self):
        return models.CharField(max_length=self.longest, null=True)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    choices: tuple
    type = "text"

    def read(self, cell):
        if cell in self.choices:
            return cell
        raise BadCell(_("is not one of %s") % ", ".join(self.choices))

    def field(self):
        return models.CharField(max_length=max(map(len, self.choices)), null=True)


@dataclass(frozen=True)
class Code:
    """The code of a row of another model; with `must_exist` the row must be there."""

    model: type[models.Model]
    must_exist: bool = True
    type = "category"

    def read(self, cell):
        return Text(self.model._meta.get_field("code").max_length).read(cell)

    def field(self):
        return models.ForeignKey(
            self.model,
            models.DO_NOTHING,
            to_field="code",
            null=True,
            related_name="+",
            db_constraint=False,
        )


@dataclass(frozen=True)
class Integer:
    """A whole number from `least` to `most`."""

    least: int
    most: int
    type = "integer"

    def read(self, cell):
        # A Parquet file from a data frame holds whole numbers with gaps as floats.
        whole = isinstance(cell, float) and cell.is_integer()
        text = str(int(cell)) if whole else str(cell)
        if isinstance(cell, bool) or not _WHOLE.fullmatch(text) or len(text) > 25:
            raise BadCell(_("is not a whole number"))
        if not self.least <= int(text) <= self.most:
            raise BadCell(_("is not between %(least)s and %(most)s") % vars(self))
        return int(text)

    def field(self):
        return models.BigIntegerField(null=True)


@dataclass(frozen=True)
class Money:
    """A decimal number with at most `places` places from `least` to `most`, staged as an integer of
    its smallest unit."""

    places: int
    least: Decimal
    most: Decimal
    type = "decimal"

    def read(self, cell):
        # A float's shortest text is what its writer meant: 88.1, not 88.099999999999994.
        text = format(Decimal(str(cell)), "f") if isinstance(cell, float | Decimal) else str(cell)
        if isinstance(cell, bool) or not _NUMBER.fullmatch(text) or len(text) > 60:
            raise BadCell(_("is not a decimal number"))
        whole, _dot, fraction = text.partition(".")
        if len(fraction) > self.places and fraction[self.places :].strip("0"):
            raise BadCell(_("has more than %d decimal places") % self.places)
        scaled = int(whole + fraction[: self.places].ljust(self.places, "0"))
        if not self._lowest <= scaled <= self._highest:
            raise BadCell(_("is not between %(least)s and %(most)s") % vars(self))
        return scaled

    @cached_property
    def _lowest(self):
        return int(self.least.scaleb(self.places))

    @cached_property
    def _highest(self):
        return int(self.most.scaleb(self.places))

    def field(self):
        return models.BigIntegerField(null=True)


@dataclass(frozen=True)
class Truth:
    """true, yes, 1 or false, no, 0, in any case."""

    type = "boolean"

    def read(self, cell):
        try:
            return _TRUTH[str(cell).lower()]
        except KeyError:
            raise BadCell(_("is not true or false (nor yes or no, 1 or 0)")) from None

    def field(self):
        return models.BooleanField(null=True)


@dataclass(frozen=True)
class Instant:
    """A date, or a date and time; without an offset it is local to the installation. With
    `whole_hours` only the first instant of an hour of UTC."""

    whole_hours: bool = False
    type = "datetime"

    def read(self, cell):
        try:
            at = self._at(cell)
        except (ValueError, OverflowError):
            raise BadCell(_("is not a date and time such as 2023-05-16 20:00:00")) from None
        if not 1900 <= at.year < 2200:
            raise BadCell(_("lies before 1900 or after 2199"))
        if self.whole_hours and (at.minute or at.second or at.microsecond):
            raise BadCell(_("is not the beginning of an hour"))
        return at

    @staticmethod
    def _at(cell):
        if isinstance(cell, datetime):
            found = cell
        elif isinstance(cell, date):
            found = datetime.combine(cell, time.min)
        elif isinstance(cell, str) and _INSTANT.fullmatch(cell):
            found = datetime.fromisoformat(cell)
        else:
            raise ValueError(cell)
        return from_local(found) if found.tzinfo is None else found.astimezone(UTC)

    def field(self):
        return models.DateTimeField(null=True)


@dataclass(frozen=True)
class Day:
    """A date, without a time."""

    type = "date"

    def read(self, cell):
        try:
            day = self._day(cell)
        except ValueError:
            raise BadCell(_("is not a date such as 2023-05-16")) from None
        if not 1900 <= day.year < 2200:
            raise BadCell(_("lies before 1900 or after 2199"))
        return day

    @staticmethod
    def _day(cell):
        # A Parquet file from a data frame holds days as midnights.
        if isinstance(cell, datetime):
            if cell.tzinfo is not None or cell.time() != time.min:
                raise ValueError(cell)
            return cell.date()
        if isinstance(cell, date):
            return cell
        if isinstance(cell, str) and _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
        raise ValueError(cell)

    def field(self):
        return models.DateField(null=True)


def kind_of(field: models.Field, *, least: Any = None, most: Any = None):
    """The kind of values of a model's field. `least` and `most` narrow what a number may be."""
    if field.is_relation:
        return Code(field.related_model)
    if field.choices:
        return Choice(tuple(value for value, _label in field.flatchoices))
    if isinstance(field, ScaledDecimalField):
        return Money(
            field.decimal_places,
            Decimal(least) if least is not None else -field.largest,
            Decimal(most) if most is not None else field.largest,
        )
    if isinstance(field, models.IntegerField):
        low, high = _RANGES[field.get_internal_type()]
        return Integer(low if least is None else least, high if most is None else most)
    if isinstance(field, models.BooleanField):
        return Truth()
    if isinstance(field, models.DateTimeField):
        return Instant()
    if isinstance(field, models.DateField):
        return Day()
    return Text(field.max_length)


# The same on both databases, whatever one of them would take.
_RANGES = {
    "BigIntegerField": (-(2**63) + 1, 2**63 - 1),
    "IntegerField": (-(2**31), 2**31 - 1),
    "PositiveIntegerField": (0, 2**31 - 1),
    "PositiveSmallIntegerField": (0, 2**15 - 1),
}

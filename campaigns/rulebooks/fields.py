"""The kinds of keys that a rulebook's rows have: schema, file to row, row to file, words."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.rulebooks import values
from campaigns.rulebooks.conditions import differences_of_trees, tree_words
from campaigns.rulebooks.yaml_text import INTEGER
from sellers.models.fields import LARGEST_SCALED

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of a section's rows, and the attribute of the model that keeps it.

    ``default`` is the row's value where the file leaves the key out, and what ``dump`` leaves out
    unless it is ``shown`` always. ``help`` goes into the published schema.
    """

    name: str
    column: str = ""
    required: bool = False
    default: object = None
    shown: bool = False
    help: str = ""

    @property
    def attribute(self) -> str:
        """The model's attribute."""
        return self.column or self.name

    def schema(self) -> dict:
        """The JSON Schema of the key's value."""
        return {}

    def empty(self):
        """A fresh default."""
        return deepcopy(self.default)

    def parse(self, value):
        """The row's value for a file's; raises ValueError with what was expected."""
        return value

    def render(self, value, row: dict):
        """The file's value for a row's."""
        return value

    def shift(self, value, move: values.Shift):
        """The value with its dates moved."""
        return value

    def words(self, value) -> str:
        """The value in the active language."""
        return _("none") if value in (None, "", [], {}) else str(value)

    def differences(self, old, new) -> Iterator[tuple[str, str, str]]:
        """What differs: place within the key ("" is all of it), old words, new words."""
        yield "", self.words(old), self.words(new)


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A short text in one language, such as a unit or a reference."""

    default: object = ""
    longest: int = 64

    def schema(self):
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, kw_only=True)
class Code(Field):
    """A code that other rows name."""

    default: object = ""
    pattern: str = NAME
    longest: int = 64

    def schema(self):
        return {"type": "string", "pattern": self.pattern, "maxLength": self.longest}


@dataclass(frozen=True, kw_only=True)
class Texts(Field):
    """A text that people read, in English and in Simplified Chinese."""

    default: object = field(default_factory=dict)

    def schema(self):
        return {"$ref": "#/$defs/texts"}

    def render(self, value, row):
        return {language: value[language] for language in values.in_order(value)}

    def words(self, value):
        if not value:
            return _("none")
        text = (
            value.get((get_language() or "en").lower())
            or value.get("en")
            or next(iter(value.values()))
        )
        return f"“{text}”"


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a model's choices."""

    choices: object = None

    def schema(self):
        return {"enum": list(self.choices.values)}

    def words(self, value):
        return str(self.choices(value).label) if value in self.choices.values else str(value)


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """True or false."""

    default: object = False

    def schema(self):
        return {"type": "boolean"}

    def words(self, value):
        return _("yes") if value else _("no")


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number from ``least`` to ``most``."""

    least: int = 0
    most: int = 2**31 - 1

    def schema(self):
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def words(self, value):
        return _("none") if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number kept as its exact text."""

    least: int = 0
    most: int = 2**31 - 1

    def schema(self):
        return {"type": "number", "minimum": self.least, "maximum": self.most}

    def parse(self, value):
        return format(value, "f") if isinstance(value, Decimal) else str(value)

    def render(self, value, row):
        return int(value) if INTEGER.match(value) else values.from_json(value)


@dataclass(frozen=True, kw_only=True)
class Amount(Number):
    """An amount of money above nothing, to the cent, kept as its exact text; it may be left out."""

    # What a column of money holds, in whole units.
    most: int = LARGEST_SCALED // 100

    def schema(self):
        return {"type": "number", "exclusiveMinimum": 0, "maximum": self.most}

    def parse(self, value):
        amount = Decimal(str(value))
        if amount != round(amount, 2):
            raise ValueError(
                _("expected at most 2 decimal places; found %(value)s") % {"value": amount}
            )
        return super().parse(value)


@dataclass(frozen=True, kw_only=True)
class Time(Field):
    """An instant, local to the installation's zone."""

    def schema(self):
        return {"$ref": "#/$defs/time"}

    def parse(self, value):
        return values.read_time(value)

    def render(self, value, row):
        return values.show_time(value)

    def shift(self, value, move):
        return None if value is None else move.instant(value)

    def words(self, value):
        return _("none") if value is None else values.show_time(value)


@dataclass(frozen=True, kw_only=True)
class Offset(Field):
    """A span before or after another time: -2h, +30m."""

    def schema(self):
        return {"$ref": "#/$defs/offset"}

    def parse(self, value):
        return values.read_offset(value)

    def render(self, value, row):
        return values.show_offset(value)

    def words(self, value):
        return _("none") if value is None else values.show_offset(value)


@dataclass(frozen=True, kw_only=True)
class Plain(Field):
    """A small structure, kept as JSON."""

    shape: dict = field(default_factory=dict)

    def schema(self):
        return self.shape

    def parse(self, value):
        return values.to_json(value)

    def render(self, value, row):
        return values.from_json(value)

    def shift(self, value, move):
        return move.times_in(value)

    def words(self, value):
        return tree_words(value)

    def differences(self, old, new):
        if isinstance(old, dict) and isinstance(new, dict):
            for key in values.in_order({*old, *new}):
                if old.get(key) != new.get(key):
                    yield key, self.words(old.get(key)), self.words(new.get(key))
        else:
            yield "", self.words(old), self.words(new)


@dataclass(frozen=True, kw_only=True)
class Condition(Plain):
    """A condition tree, or the filter of a statistic."""

    kind: str = "condition"

    def schema(self):
        return {"$ref": f"#/$defs/{self.kind}"}

    def differences(self, old, new):
        yield from differences_of_trees(old, new)

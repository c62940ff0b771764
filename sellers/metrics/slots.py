"""Typed slot columns: which column a fact, a statistic or a frozen value gets, and its stored form.

Beside the models this is the only module that knows that slots exist. A slot holds what the
database compares: an integer; a decimal as a scaled integer; a category as its id; an age as the
instant that it counts from.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sellers.models import ItemSlots, ScaledDecimalField, SellerSlots, SubjectKind
from sellers.models.facts import SLOTS

FAMILIES = {
    "integer": "number",
    "decimal": "number",
    "category": "number",
    "boolean": "flag",
    "text": "text",
    "datetime": "time",
    "age": "time",
}
LONGEST_TEXT = SellerSlots._meta.get_field("text_01").max_length
LARGEST_INTEGER = 2**63 - 1

_MODELS = {SubjectKind.SELLER: SellerSlots, SubjectKind.ITEM: ItemSlots}


class SlotsFull(Exception):
    """Every slot of a family is taken."""


def slot_family(type: str) -> str:
    """The family of slots (number, text, time, flag) that holds a type; ValueError for others."""
    try:
        return FAMILIES[str(type)]
    except KeyError:
        raise ValueError(
            _("a value of type %(type)s cannot be kept in a slot") % {"type": type}
        ) from None


def slot_names(family: str) -> list[str]:
    """The columns of a family in order: number_01, number_02, …"""
    return [f"{family}_{number:02}" for number in range(1, SLOTS[family] + 1)]


def allocate(type: str, taken: Iterable[str]) -> str:
    """The first slot for a value of `type` that is not among `taken`; raises SlotsFull."""
    family, taken = slot_family(type), set(taken)
    for name in slot_names(family):
        if name not in taken:
            return name
    raise SlotsFull(
        _("all %(count)d %(family)s slots are taken; remove what is no longer used")
        % {"count": SLOTS[family], "family": family}
    )


def slot_model(subject_kind: str):
    """SellerSlots or ItemSlots; its foreign key to the subject is named like the kind."""
    return _MODELS[SubjectKind(subject_kind)]


def to_slot(type: str, value: Any, places: int = 0) -> int | str | bool | datetime | None:
    """What the slot column stores for a Python value; None stays None.

    Integers and booleans must be such, decimals may be Decimal, int or str, and instants must be
    aware. Raises ValidationError for anything that the slot cannot hold exactly.
    """
    if value is None:
        return None
    check = _CHECKS[slot_family(type), str(type)]
    return check(value, places)


def from_slot(type: str, stored: Any, places: int = 0) -> Any:
    """The Python value of what a slot column gave: Decimal for a decimal, else as stored."""
    if stored is None or str(type) != "decimal":
        return stored
    return Decimal(stored).scaleb(-places)


def to_text(type: str, value: Any, places: int = 0) -> str | None:
    """The one text form of a value, as FactChange keeps it; None stays None.

    ``7``, ``0.90`` (always with its places), ``true``/``false``, ``2023-05-16 12:00:00.000000``
    (UTC), the text itself, a category's code.
    """
    if value is None:
        return None
    if str(type) == "category":
        return str(value)
    stored = to_slot(type, value, places)
    if isinstance(stored, bool):
        return "true" if stored else "false"
    if isinstance(stored, datetime):
        naive = stored.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat(sep=" ", timespec="microseconds")
    if str(type) == "decimal":
        return f"{from_slot(type, stored, places):.{places}f}"
    return str(stored)


def from_text(type: str, text: str | None, places: int = 0) -> Any:
    """The Python value of a text form; raises ValidationError where it is none."""
    if text is None:
        return None
    family = slot_family(type)
    try:
        if family == "flag":
            return {"true": True, "false": False}[text]
        if family == "time":
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if str(type) == "integer":
            return int(text)
    except (KeyError, ValueError):
        raise _refused(text, type) from None
    if str(type) == "decimal":
        return from_slot(type, to_slot(type, text, places), places)
    return text


def _refused(value, type):
    return ValidationError(
        _("“%(value)s” is not of type %(type)s."),
        code="type",
        params={"value": value, "type": type},
    )


def _integer(value, places):
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused(value, "integer")
    if abs(value) > LARGEST_INTEGER:
        raise ValidationError(
            _("“%(value)s” is out of range: at most %(largest)s."),
            code="range",
            params={"value": value, "largest": LARGEST_INTEGER},
        )
    return value


def _decimal(value, places):
    return ScaledDecimalField(decimal_places=places).scale(value)


def _flag(value, places):
    if not isinstance(value, bool):
        raise _refused(value, "boolean")
    return value


def _text(value, places):
    if not isinstance(value, str):
        raise _refused(value, "text")
    if len(value) > LONGEST_TEXT:
        raise ValidationError(
            _("“%(value)s…” is longer than %(longest)d characters."),
            code="length",
            params={"value": value[:20], "longest": LONGEST_TEXT},
        )
    return value


def _instant(value, places):
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _refused(value, "datetime")
    return value


_CHECKS = {
    ("number", "integer"): _integer,
    ("number", "decimal"): _decimal,
    ("number", "category"): _integer,
    ("flag", "boolean"): _flag,
    ("text", "text"): _text,
    ("time", "datetime"): _instant,
    ("time", "age"): _instant,
}

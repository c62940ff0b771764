"""What a seller is about to file in a venue, kept in the session until it is filed: the items
chosen, the prices typed, the tools. Closing the page loses nothing."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.models import Entry, Registration, Venue
from sellers.models import Item

LARGEST = 600
CENT = Decimal("0.01")
LARGEST_PRICE = Decimal(10) ** 11
_SOURCES = Entry.ListSource


@dataclass
class Row:
    """One item to be filed. ``price`` is what was typed; ``highest`` the highest price that passes
    as far as it is known (text, "" if not); ``source`` a list or ""."""

    price: str = ""
    source: str = ""
    highest: str = ""

    @property
    def amount(self) -> Decimal | None:
        """The typed price, None where there is none that could be filed."""
        return None if price_problem(self.price) else _number(self.price)


@dataclass
class Worksheet:
    """The rows by item id, in the order chosen; ``key`` makes filing them twice harmless."""

    rows: dict[int, Row] = field(default_factory=dict)
    tools: list[str] = field(default_factory=list)
    key: str = field(default_factory=lambda: uuid4().hex)

    def add(self, items: Iterable[Item]) -> int:
        """Add items until 600 are chosen; returns how many did not fit."""
        too_many = 0
        for item in items:
            if item.pk in self.rows:
                continue
            if len(self.rows) >= LARGEST:
                too_many += 1
                continue
            self.rows[item.pk] = Row(source=default_source(item))
        return too_many

    def remove(self, ids: Iterable[int]) -> None:
        """Take items out."""
        for pk in ids:
            self.rows.pop(pk, None)


def default_source(item: Item) -> str:
    """The list that an item is picked from: the recommended one, which costs no place, first."""
    if item.recommended:
        return _SOURCES.RECOMMENDED.value
    return _SOURCES.STOCK.value if item.on_stock_list else ""


def sources_of(item: Item) -> list[tuple[str, str]]:
    """The lists that an item is on, as (value, label) pairs."""
    on = {_SOURCES.STOCK: item.on_stock_list, _SOURCES.RECOMMENDED: item.recommended}
    return [(source.value, source.label) for source, listed in on.items() if listed]


def price_problem(text: str) -> str:
    """What is wrong with a typed price, "" if nothing."""
    if not text.strip():
        return _("Enter a price.")
    number = _number(text)
    if number is None:
        return _("“%(value)s” is not a price. Write it like 88.00.") % {"value": text}
    if number <= 0:
        return _("The price must be above 0.")
    if number >= LARGEST_PRICE:
        return _("The price is too large.")
    if number != number.quantize(CENT):
        return _("A price has at most 2 decimal places.")
    return ""


def load(request: HttpRequest, registration: Registration, venue: Venue) -> Worksheet:
    """The worksheet of a registration in a venue; a new one if there is none."""
    kept = request.session.get(_name(registration, venue))
    if kept is None:
        return Worksheet()
    rows = {int(pk): Row(*values) for pk, values in kept["rows"].items()}
    return Worksheet(rows=rows, tools=list(kept["tools"]), key=kept["key"])


def save(request: HttpRequest, registration: Registration, venue: Venue, sheet: Worksheet) -> None:
    """Keep the worksheet; an empty one is forgotten."""
    name = _name(registration, venue)
    if not sheet.rows:
        request.session.pop(name, None)
        return
    kept = asdict(sheet)
    kept["rows"] = {str(pk): list(row.values()) for pk, row in kept["rows"].items()}
    request.session[name] = kept


def _name(registration, venue):
    return f"worksheet:{registration.pk}:{venue.pk}"


def _number(text):
    """A price as people type it: spaces, a currency sign and thousands commas do no harm."""
    try:
        number = Decimal(text.strip().lstrip("¥￥").replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

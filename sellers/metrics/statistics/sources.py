"""What statistics are taken of: series by day and hour, prices, and events, with their fields.

To add a source or a field, add it here; filters, windows, types and slots follow from this table.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import BigIntegerField, F, Func, Model

from sellers.metrics.registry import MetricType
from sellers.models import Item, Seller

# Whom rows belong to. An app that knows more of these registers them with its sources.
SUBJECTS: dict[str, type[Model]] = {"seller": Seller, "item": Item}
MONEY = "CNY"

T = MetricType


class SourceKind(StrEnum):
    """How a row of a source stands in time."""

    DAY = "day"  # a local calendar day
    HOUR = "hour"  # an hour, by its first instant
    EVENT = "event"  # an instant
    INTERVAL = "interval"  # holds in [time, ends)


@dataclass(frozen=True)
class SourceField:
    """One field of a source: ``path`` from its rows, less ``minus``; numbers have ``places``.

    A field without a type is a reference, such as an order, that can only be counted.
    """

    type: MetricType | None
    path: str
    minus: str = ""
    unit: str = ""
    places: int = 0

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self.type in (T.INTEGER, T.DECIMAL)

    @property
    def may_be_negative(self) -> bool:
        """Whether its sum may: a difference may, quantities and amounts are not."""
        return bool(self.minus)

    def value(self, prefix: str = ""):
        """An expression for the value as the database holds it (a decimal as its integer)."""
        first = F(prefix + self.path)
        if not self.is_number:
            return first
        if not self.minus:
            return Func(first, template="%(expressions)s", output_field=BigIntegerField())
        return Func(
            first,
            F(prefix + self.minus),
            template="(%(expressions)s)",
            arg_joiner=" - ",
            output_field=BigIntegerField(),
        )


@dataclass(frozen=True)
class Source:
    """Rows that belong to sellers or items.

    ``relations`` names, by level, the relation from the subject. ``time`` (and ``ends``) is the
    column that windows look at, ``known`` the one that says when a row was known. Only rows with
    ``only`` count at all. Of rows equally late the latest is the last by ``order``. ``per_subject``
    is a rough number of rows that a subject has in a window.
    """

    code: str
    kind: SourceKind
    relations: dict = field(hash=False)
    time: str
    fields: dict = field(hash=False)
    ends: str = ""
    known: str = ""
    only: dict = field(default_factory=dict, hash=False)
    order: tuple = ()
    per_subject: int = 1

    def model(self, level: str) -> type[Model]:
        """The model of its rows."""
        return self._relation(level).related_model

    def owner(self, level: str) -> str:
        """The name of a row's foreign key to the subject."""
        return self._relation(level).field.name

    def _relation(self, level):
        return SUBJECTS[level]._meta.get_field(self.relations[level])


def _series(*more):
    amount = {"unit": MONEY, "places": 2}
    return {
        "quantity": SourceField(T.INTEGER, "quantity", unit="units"),
        "orders": SourceField(T.INTEGER, "orders", unit="orders"),
        "buyers": SourceField(T.INTEGER, "buyers", unit="buyers"),
        "paid_amount": SourceField(T.DECIMAL, "paid_amount", **amount),
        "abnormal_quantity": SourceField(T.INTEGER, "abnormal_quantity", unit="units"),
        "abnormal_amount": SourceField(T.DECIMAL, "abnormal_amount", **amount),
        "refunded_amount": SourceField(T.DECIMAL, "refunded_amount", **amount),
        "cart_amount": SourceField(T.DECIMAL, "cart_amount", **amount),
        "presale_amount": SourceField(T.DECIMAL, "presale_amount", **amount),
        "presale_quantity": SourceField(T.INTEGER, "presale_quantity", unit="units"),
        "clean_quantity": SourceField(
            T.INTEGER, "quantity", minus="abnormal_quantity", unit="units"
        ),
        "clean_amount": SourceField(T.DECIMAL, "paid_amount", minus="abnormal_amount", **amount),
        **dict(more),
    }


_HOUR = ("hour", SourceField(T.DATETIME, "hour"))
# Fields of one level alone: red packets are a shop's (D12-051).
_OWN = {
    "seller": [
        (
            "red_packet_claimed_amount",
            SourceField(T.DECIMAL, "red_packet_claimed_amount", unit=MONEY, places=2),
        )
    ],
    "item": [],
}


def _days(code, level):
    fields = _series(*_OWN[level])
    return Source(code, SourceKind.DAY, {level: "days"}, "day", fields, per_subject=30)


def _hours(code, level):
    fields = _series(_HOUR, *_OWN[level])
    return Source(code, SourceKind.HOUR, {level: "hours"}, "hour", fields, per_subject=100)


SOURCES = {
    source.code: source
    for source in (
        _days("item_days", "item"),
        _days("seller_days", "seller"),
        _hours("item_hours", "item"),
        _hours("seller_hours", "seller"),
        Source(
            "list_prices",
            SourceKind.INTERVAL,
            {"item": "list_prices"},
            "starts_at",
            {
                "price": SourceField(T.DECIMAL, "price", unit=MONEY, places=2),
                "starts_at": SourceField(T.DATETIME, "starts_at"),
                "ends_at": SourceField(T.DATETIME, "ends_at"),
            },
            ends="ends_at",
            known="known_at",
            # A struck-through price is not a list price (G520-032).
            only={"struck": False},
        ),
        Source(
            "parallel_prices",
            SourceKind.INTERVAL,
            {"item": "parallel_prices"},
            "starts_at",
            {
                "price": SourceField(T.DECIMAL, "price", unit=MONEY, places=2),
                "channel": SourceField(T.TEXT, "channel"),
                "starts_at": SourceField(T.DATETIME, "starts_at"),
                "ends_at": SourceField(T.DATETIME, "ends_at"),
            },
            ends="ends_at",
            known="known_at",
            order=("channel",),
        ),
        Source(
            "qualifications",
            SourceKind.INTERVAL,
            {"seller": "qualifications"},
            "valid_from",
            {
                "code": SourceField(T.TEXT, "code"),
                "valid_from": SourceField(T.DATETIME, "valid_from"),
                "valid_to": SourceField(T.DATETIME, "valid_to"),
            },
            ends="valid_to",
            known="known_at",
            order=("code",),
        ),
        Source(
            "violations",
            SourceKind.EVENT,
            {"seller": "violations", "item": "violations"},
            "penalised_at",
            {
                "points": SourceField(T.INTEGER, "points", unit="points"),
                "category": SourceField(T.TEXT, "category"),
                "subcategory": SourceField(T.TEXT, "subcategory"),
                "severity": SourceField(T.TEXT, "severity"),
                "is_special_zero": SourceField(T.BOOLEAN, "is_special_zero"),
                "verified": SourceField(T.BOOLEAN, "verified"),
                "occurred_at": SourceField(T.DATETIME, "occurred_at"),
                "penalised_at": SourceField(T.DATETIME, "penalised_at"),
                "item": SourceField(None, "item"),
            },
            known="known_at",
            order=("code",),
        ),
        # When a line was known is not asked: like the series made of them, lines are corrected
        # later, and the past is answered from stored evidence.
        Source(
            "order_lines",
            SourceKind.EVENT,
            {"seller": "order_lines", "item": "order_lines"},
            "paid_at",
            {
                "quantity": SourceField(T.INTEGER, "quantity", unit="units"),
                "unit_price": SourceField(T.DECIMAL, "unit_price", unit=MONEY, places=2),
                "paid_amount": SourceField(T.DECIMAL, "paid_amount", unit=MONEY, places=2),
                "refunded_amount": SourceField(T.DECIMAL, "refunded_amount", unit=MONEY, places=2),
                "net_amount": SourceField(
                    T.DECIMAL, "paid_amount", minus="refunded_amount", unit=MONEY, places=2
                ),
                "abnormal": SourceField(T.BOOLEAN, "abnormal"),
                "paid_at": SourceField(T.DATETIME, "paid_at"),
                "buyer": SourceField(T.TEXT, "order__buyer"),
                "ship_region": SourceField(T.TEXT, "order__ship_region"),
                "order": SourceField(None, "order"),
                "item": SourceField(None, "item"),
            },
            order=("order__code", "number"),
            per_subject=50,
        ),
    )
}


def register(source: Source, **subjects: type[Model]) -> None:
    """Add a source of another app, and whom its rows belong to beside sellers and items."""
    SUBJECTS.update(subjects)
    SOURCES[source.code] = source

"""Reads Olist's files as they are published: plain or gzip, with or without a byte-order mark."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

UNCATEGORISED = "uncategorised"


class Unreadable(Exception):
    """A file that is missing, or a line that is not as Olist publishes it."""


@dataclass(slots=True)
class Line:
    """One row of order_items: one unit."""

    order: str
    number: int
    product: str
    seller: str
    price: int  # cents
    freight: int  # cents


@dataclass(slots=True)
class Order:
    """One order; instants are local and naive."""

    code: str
    buyer: str
    status: str
    placed: datetime
    approved: datetime | None
    shipped: datetime | None


@dataclass(slots=True)
class Product:
    """A product that one or several sellers sell; weight in grams, volume in cubic centimetres."""

    category: str
    weight: int | None
    volume: int | None


@dataclass
class Source:
    """Everything that was read."""

    orders: dict[str, Order]
    lines: list[Line]
    products: dict[str, Product]
    sellers: dict[str, tuple[str, str]]  # city and state
    categories: dict[str, str]  # English code to Portuguese name


def read(folder: Path) -> Source:
    """Read the five files of a folder. Raises Unreadable, naming file, line, field and value."""
    english = {
        row["product_category_name"]: row["product_category_name_english"]
        for row in _rows(
            folder,
            "product_category_name_translation",
            ("product_category_name", "product_category_name_english"),
        )
    }
    products = {row["product_id"]: _product(row, english) for row in _products(folder)}
    # Two categories have no English name; they keep their own.
    portuguese = {name: own for own, name in english.items()}
    categories = {
        code: portuguese.get(code, code) for code in sorted({p.category for p in products.values()})
    }
    return Source(
        orders={row["order_id"]: _order(row) for row in _orders(folder)},
        lines=[_line(row) for row in _lines(folder)],
        products=products,
        sellers={
            row["seller_id"]: (row["seller_city"], row["seller_state"])
            for row in _rows(
                folder, "olist_sellers_dataset", ("seller_id", "seller_city", "seller_state")
            )
        },
        categories=categories,
    )


class Row(dict):
    """One line of a file, which knows where it stands."""

    def __init__(self, values: dict, place: str) -> None:
        super().__init__(values)
        self._place = place

    def _refuse(self, name: str, expected: str) -> Unreadable:
        return Unreadable(f"{self._place}, {name}: expected {expected}, found {self[name]!r}")

    def instant(self, name: str) -> datetime | None:
        """Return a local instant, or None for an empty field."""
        try:
            return datetime.fromisoformat(self[name]) if self[name] else None
        except ValueError as error:
            raise self._refuse(name, "a date and time such as 2018-05-15 10:00:00") from error

    def cents(self, name: str) -> int:
        """Return an amount in cents."""
        try:
            return int(Decimal(self[name]).scaleb(2))
        except (InvalidOperation, ValueError) as error:
            raise self._refuse(name, "an amount such as 58.90") from error

    def number(self, name: str) -> int | None:
        """Return a whole number, or None for an empty field."""
        try:
            return int(Decimal(self[name])) if self[name] else None
        except (InvalidOperation, ValueError) as error:
            raise self._refuse(name, "a number") from error


def _rows(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.gz"
    file = plain if plain.exists() else packed
    if not file.exists():
        raise Unreadable(f"{folder}: there is neither {plain.name} nor {packed.name}")
    opened = gzip.open if file is packed else open
    with opened(file, "rt", encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise Unreadable(f"{file.name}, line 1: there is no column {', '.join(missing)}")
        for values in reader:
            row = Row(values, f"{file.name}, line {reader.line_num}")
            if any(values[column] is None for column in columns):
                raise Unreadable(f"{file.name}, line {reader.line_num}: the line is too short")
            yield row


def _products(folder: Path) -> Iterator[Row]:
    sizes = ("product_length_cm", "product_height_cm", "product_width_cm")
    columns = ("product_id", "product_category_name", "product_weight_g", *sizes)
    return _rows(folder, "olist_products_dataset", columns)


def _product(row: Row, english: dict[str, str]) -> Product:
    own = row["product_category_name"]
    length, height, width = (
        row.number(f"product_{side}_cm") for side in ("length", "height", "width")
    )
    known = length is not None and height is not None and width is not None
    return Product(
        category=english.get(own, own) if own else UNCATEGORISED,
        weight=row.number("product_weight_g"),
        volume=length * height * width if known else None,
    )


def _orders(folder: Path) -> Iterator[Row]:
    columns = (
        "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
        "order_delivered_carrier_date",
    )  # fmt: skip
    return _rows(folder, "olist_orders_dataset", columns)


def _order(row: Row) -> Order:
    placed = row.instant("order_purchase_timestamp")
    if placed is None:
        raise row._refuse("order_purchase_timestamp", "a date and time")
    return Order(
        code=row["order_id"],
        buyer=row["customer_id"],
        status=row["order_status"],
        placed=placed,
        approved=row.instant("order_approved_at"),
        shipped=row.instant("order_delivered_carrier_date"),
    )


def _lines(folder: Path) -> Iterator[Row]:
    columns = ("order_id", "order_item_id", "product_id", "seller_id", "price", "freight_value")
    return _rows(folder, "olist_order_items_dataset", columns)


def _line(row: Row) -> Line:
    return Line(
        order=row["order_id"],
        number=row.number("order_item_id") or 1,
        product=row["product_id"],
        seller=row["seller_id"],
        price=row.cents("price"),
        freight=row.cents("freight_value"),
    )

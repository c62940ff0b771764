"""Filing in short."""

from decimal import Decimal

from campaigns.registering import (
    FilingRow,
    file_entries,
)
from tests.factories import (
    FILED,
    ItemFactory,
)


def items_of(registration, number=1, **kwargs):
    return ItemFactory.create_batch(number, seller=registration.seller, **kwargs)


def file(registration, venue, items, *, key="one", at=FILED, price="88.00", **row):
    rows = [
        item if isinstance(item, FilingRow) else FilingRow(item.code, Decimal(price), **row)
        for item in items
    ]
    return file_entries(
        registration=registration, venue=venue, rows=rows, at=at, actor=None, key=key
    )


def codes(row):
    return [finding.code for finding in row.findings]


def statuses(result):
    return [row.status for row in result.rows]

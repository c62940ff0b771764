"""Rows that are wrong in themselves, and the list that they are of."""

import pytest

from campaigns.models import (
    Entry,
)
from campaigns.registering import (
    FilingRow,
)
from tests.campaigns.filing.filings import codes, file, items_of, statuses
from tests.factories import (
    ItemFactory,
    RequirementFactory,
)

pytestmark = pytest.mark.django_db


def test_rows_that_are_wrong_in_themselves(opened, registration):
    RequirementFactory(version=opened.version, code="shop", require=["item.stock", ">=", 1])
    mine, other = items_of(registration)[0], ItemFactory()
    result = file(
        registration,
        opened.venue,
        [mine, FilingRow("nowhere", "1"), other, mine, FilingRow(mine.code, "9.999")],
    )
    assert [(row.line, row.status, codes(row)) for row in result.rows] == [
        (1, "approved", []),
        (2, "rejected", ["unknown_item"]),
        (3, "rejected", ["not_your_item"]),
        (4, "rejected", ["duplicate_row"]),
        (5, "rejected", ["price_unreadable", "duplicate_row"]),
    ]
    # Nothing of somebody else's item is stored or told.
    assert not Entry.objects.filter(item=other).exists()
    assert result.rows[2].findings[0].params == {"line": 3, "item": other.code}
    assert result.rows[3].findings[0].params == {"line": 1}


@pytest.mark.parametrize("price", ["-1", "9.999", "abc", "NaN", "100000000000000", 1.5])
def test_a_price_that_no_column_holds_is_refused_with_its_row(opened, registration, price):
    (item,) = items_of(registration)
    result = file(registration, opened.venue, [FilingRow(item.code, price)])
    assert codes(result.rows[0]) == ["price_unreadable"]
    assert result.rows[0].findings[0].params == {"given": str(price)}


@pytest.mark.parametrize(
    ("price", "status"),
    [(None, "rejected"), ("", "rejected"), ("0.00", "rejected"), ("0.01", "approved")],
)
def test_a_blank_price_is_refused_by_the_rulebook(opened, registration, price, status):
    RequirementFactory(
        version=opened.version, code="given", require=["entry.activity_price", ">", 0]
    )
    (item,) = items_of(registration)
    result = file(registration, opened.venue, [FilingRow(item.code, price)])
    assert statuses(result) == [status]
    assert codes(result.rows[0]) == ([] if status == "approved" else ["given"])


@pytest.mark.parametrize(
    ("given", "stock", "recommended", "expected"),
    [
        (None, True, False, "stock_list"),
        (None, True, True, "recommended_list"),
        (None, False, False, None),
        (None, None, None, None),
        ("stock_list", True, True, "stock_list"),
        ("recommended_list", True, False, "recommended_list"),
    ],
)
def test_the_list_is_as_given_or_the_one_that_costs_no_place(
    opened, registration, given, stock, recommended, expected
):
    items = items_of(registration, on_stock_list=stock, recommended=recommended)
    result = file(registration, opened.venue, items, list_source=given)
    assert result.rows[0].entry.list_source == expected

"""A re-check that asks what happened since each entry's own filing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.models import Entry, Finding, PlannedMove
from tests.campaigns.sweeping.worlds import NEXT_NIGHT, World, status_of
from tests.factories import FILED, EntryFactory, OrderFactory, OrderLineFactory, StatisticFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def world():
    made = World()
    StatisticFactory(
        version=made.version, code="entry.lowest_sold", level="entry", function="min",
        source="order_lines", field="unit_price", where=["abnormal", "==", False],
        window={"since_filing": True},
    )  # fmt: skip
    # An item's own figure beside it, which is computed for the run.
    StatisticFactory(
        version=made.version, code="item.lines", function="count", source="order_lines"
    )
    made.requires(
        "sold_early",
        ["entry.lowest_sold", ">=", {"metric": "entry.activity_price"}],
        "clear_out",
    )
    made.requires("lines", ["item.lines", ">=", 0], "flag")
    return made


def sold(entry, price, at):
    return OrderLineFactory(
        order=OrderFactory(placed_at=at), item=entry.item, unit_price=Decimal(price)
    )


def test_what_was_sold_for_less_since_its_filing_is_cleared_out(world):
    stays, goes, before = world.entry(), world.entry(), world.entry()
    sold(stays, "88.00", FILED)
    sold(goes, "87.99", FILED)
    sold(before, "1.00", FILED - SECOND)
    preview = world.sweep(mode="preview")
    (planned,) = PlannedMove.objects.filter(run=preview)
    assert (planned.entry, planned.to_status) == (goes, "cleared_out")
    world.sweep()
    assert [status_of(entry) for entry in (stays, goes, before)] == [
        "approved", "cleared_out", "approved",
    ]  # fmt: skip
    ground = Finding.objects.get(run__mode="enforce").grounds.get()
    assert (ground.metric, ground.measured, ground.threshold, ground.window) == (
        "entry.lowest_sold", "87.99", "88.00", "filing/",
    )  # fmt: skip


def test_an_item_filed_again_begins_anew(world):
    entry = world.entry()
    sold(entry, "50.00", FILED)
    world.sweep()
    again = EntryFactory(
        registration=entry.registration,
        venue=world.venue,
        item=entry.item,
        submitted_at=NEXT_NIGHT - SECOND,
    )
    world.sweep(NEXT_NIGHT)
    assert (status_of(entry), status_of(again)) == ("cleared_out", "approved")
    assert Entry.objects.count() == 2

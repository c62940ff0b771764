"""Entries that become live while a re-check is at work: after its figures, before its evaluation.

The run's fact set has no row for such an entry's item or seller: nothing is known of them to this
run, and it must not judge them on that. The next run does.
"""

import pytest

from campaigns import lifecycle
from campaigns.models import EntryHistory, Finding
from campaigns.sweeping import start, work
from sellers.models import ItemSlots, SellerSlots
from tests.campaigns.sweeping.worlds import NEXT_NIGHT, NIGHT, World, status_of
from tests.factories import OrderLineFactory, StatisticFactory
from tests.times import local

pytestmark = pytest.mark.django_db

SOLD, LOWEST = "item.sold_30d", "item.lowest_paid_30d"
SELLER_SOLD = "seller.sold_30d"
PAID_AT = local("2023-05-10 12:00")
# Both hold of every item and seller that has sold a unit at 88.00.
HOLDS = {
    "sum of an item": [SOLD, ">=", 1],
    "lowest of an item": [LOWEST, "<=", "88.00"],
    "sum of the seller": [SELLER_SOLD, ">=", 1],
}


@pytest.fixture
def world():
    """A campaign with statistics of items and sellers, and an entry of a seller and item that
    sell."""
    world = World()
    for code, function, field in (
        (SOLD, "sum", "quantity"),
        (SELLER_SOLD, "sum", "quantity"),
        (LOWEST, "min", "unit_price"),
    ):
        StatisticFactory(
            version=world.version,
            code=code,
            level=code.partition(".")[0],
            function=function,
            source="order_lines",
            field=field,
            window={"trailing_days": 30},
        )
    world.early = selling(world, "approved")
    return world


def selling(world, status, **options):
    """An entry whose item, and with it its seller, has sold a unit."""
    entry = world.entry(status, **options)
    OrderLineFactory(item=entry.item, order__placed_at=PAID_AT)
    return entry


def stop_after(world, stage):
    """The night's run, stopped when the last shard of the stage was done."""

    class Stop(Exception):
        pass

    def progress(name, done, total):
        if name == stage and done == total:
            raise Stop

    run = start(campaign=world.campaign, at=NIGHT, mode="enforce")
    with pytest.raises(Stop):
        work(run, progress=progress)
    return run


def approve(entry):
    """A reviewer approves the entry now."""
    moved = lifecycle.transition(
        entries={entry.pk: entry.revision},
        from_status="submitted",
        to_status="approved",
        cause="review",
        at=NIGHT,
    )
    assert moved == {entry.pk}


def judged(run, entry):
    """What the run found of the entry or its registration, and where it moved the entry."""
    found = Finding.objects.filter(run=run, entry=entry) | Finding.objects.filter(
        run=run, registration=entry.registration_id
    )
    moves = EntryHistory.objects.filter(move__run=run, entry=entry)
    return (
        sorted(found.values_list("code", "outcome")),
        list(moves.values_list("to_status", flat=True)),
    )


@pytest.mark.parametrize("missing", ["fail", "hold", "pass"])
@pytest.mark.parametrize("require", HOLDS.values(), ids=list(HOLDS))
@pytest.mark.parametrize("stage", ["refresh", "sellers"])
def test_an_entry_that_becomes_live_after_the_figures_is_left_to_the_next_run(
    world, stage, require, missing
):
    world.requires("SELLS", require, "clear_out", missing=missing)
    late = selling(world, "submitted")

    run = stop_after(world, stage)
    approve(late)
    run = work(run)

    assert not ItemSlots.objects.filter(fact_set=run.statistics, item=late.item_id).exists()
    assert judged(run, late) == ([], [])
    assert judged(run, world.early) == ([], [])
    assert status_of(late) == "approved"
    world.sweep(NEXT_NIGHT)
    assert status_of(late) == "approved"


@pytest.mark.parametrize("missing", ["fail", "hold", "pass"])
def test_nor_is_it_judged_for_what_it_would_pass_or_fail_by_the_absence_of_something(
    world, missing
):
    """A negated requirement fails where the figure is unknown, just as any other."""
    world.requires("FEW", {"not": [SOLD, ">", 100]}, "clear_out", missing=missing)
    late = selling(world, "submitted")

    run = stop_after(world, "refresh")
    approve(late)
    run = work(run)

    assert judged(run, late) == ([], [])


@pytest.mark.parametrize("stage", ["refresh", "sellers"])
@pytest.mark.parametrize("missing", ["fail", "hold"])
@pytest.mark.parametrize(
    "asked",
    [{"subject": "seller"}, {"subject": "seller", "venue_code": "main"}, {"subject": "entry"}],
    ids=["of sellers", "of sellers in a venue", "of entries"],
)
def test_a_seller_who_joins_meanwhile_is_left_to_the_next_run(world, stage, missing, asked):
    world.requires("SELLS", HOLDS["sum of the seller"], "clear_out", missing=missing, **asked)

    run = stop_after(world, stage)
    late = selling(world, "submitted")
    approve(late)
    run = work(run)

    rows = SellerSlots.objects.filter(fact_set=run.statistics, seller=late.seller_id)
    assert rows.exists() == (stage == "refresh")
    assert judged(run, late) == ([], [])
    assert status_of(late) == "approved"


@pytest.mark.parametrize("status", ["abnormal", "at_risk"])
def test_an_entry_that_an_undo_brings_back_meanwhile_does_not_recover_for_want_of_figures(
    world, status
):
    """What is unknown passes here, so that without figures it would seem to be mended."""
    world.requires("FEW", [SOLD, "<", 1], "abnormal", missing="pass")
    world.early.delete()
    back = selling(world, "cleared_out")

    run = stop_after(world, "refresh")
    moved = lifecycle.transition(
        entries={back.pk: back.revision},
        from_status="cleared_out",
        to_status=status,
        cause="undo",
        at=NIGHT,
    )
    assert moved == {back.pk}
    run = work(run)

    assert judged(run, back) == ([], [])
    assert status_of(back) == status


@pytest.mark.parametrize("stage", ["refresh", "sellers"])
def test_what_rests_on_no_figures_is_asked_of_it_all_the_same(world, stage):
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "clear_out", missing="fail")
    late = selling(world, "submitted", ship_time_hours=72)

    run = stop_after(world, stage)
    approve(late)
    run = work(run)

    assert status_of(late) in ("approved", "cleared_out")
    world.sweep(NEXT_NIGHT)
    assert status_of(late) == "cleared_out"


@pytest.mark.parametrize(
    ("missing", "status", "found"),
    [
        ("fail", "cleared_out", [("LOW", "fail")]),
        ("hold", "approved", [("LOW", "hold")]),
        ("pass", "approved", []),
    ],
)
def test_a_figure_of_nothing_is_judged_where_the_run_has_looked(world, missing, status, found):
    """The lowest price of nothing is missing too, but this is known: the item never sold."""
    world.requires("LOW", HOLDS["lowest of an item"], "clear_out", missing=missing)
    unsold = world.entry()

    run = world.sweep()

    assert judged(run, unsold)[0] == found
    assert status_of(unsold) == status

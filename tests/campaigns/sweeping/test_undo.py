"""Taking a run back."""

from datetime import timedelta

import pytest

from campaigns.lifecycle import transition
from campaigns.models import (
    Claim,
    Entry,
    Finding,
    GracePeriod,
    Notice,
    Registration,
    RequirementHold,
)
from campaigns.quotas import places_of
from campaigns.sweeping import SweepRefused, undo
from tests.campaigns.sweeping.worlds import NEXT_NIGHT, NIGHT, World, change_item, status_of
from tests.checksum import rows
from tests.factories import QuotaFactory, UserFactory

pytestmark = pytest.mark.django_db

SHIPS = ["item.ship_time_hours", "<=", 48]
STOCKED = ["item.stock", ">=", 10]
OPEN = ["seller.one_click_closed", "==", False]
NOON = NIGHT + timedelta(hours=10)


@pytest.fixture
def world():
    return World()


def test_enforce_then_undo_gives_the_same_statuses_claims_quotas_and_tallies(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, "clear_out")
    world.requires("PRICE", ["item.list_price", ">=", "50.00"], "unpublish")
    world.requires("AGE", ["item.weight_kg", "is_known"], {"action": "at_risk", "grace_hours": 9})
    world.requires("OPEN", OPEN, "clear_out", subject="seller")
    QuotaFactory(version=world.version, code="PLACES", ceiling=3)
    facts = {"weight_kg": "1.000"}
    closed = world.seller(one_click_closed=True)
    for status in ("approved", "at_risk", "abnormal", "unpublished"):
        world.entry(status, stock=9, **facts)
        world.entry(status, ship_time_hours=72, **facts)
        world.entry(status, list_price="49.99", **facts)
        world.entry(status)
        world.entry(status, **facts)
        world.entry(status, seller=closed, **facts) if status != "unpublished" else None
    registration = Registration.objects.get(seller=closed)

    def places():
        return [(place.used, place.left) for place in places_of(
            registration, version=world.version, at=NIGHT
        )]  # fmt: skip

    def kept():
        found = rows()
        statuses = {entry.pk: entry.status for entry in Entry.objects.all()}
        return statuses, found["claims"], found["tallies"], places()

    before = kept()
    run = world.sweep()
    during = kept()
    assert all(before[n] != during[n] for n in range(4))
    moved = sum(run.counts["moved"].values()) + run.counts["recovered"]
    report = undo(run, at=NOON, actor=None)
    assert (report.restored, report.left) == (moved, [])
    assert kept() == before


def test_undoing_again_does_nothing(world):
    world.requires("STOCK", STOCKED, "clear_out")
    world.entry(stock=9)
    run = world.sweep()
    undo(run, at=NOON, actor=None)
    before = rows()
    assert undo(run, at=NEXT_NIGHT, actor=None).as_dict() == {"restored": 0, "left": []}
    assert rows() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(world):
    world.requires("STOCK", STOCKED, "clear_out")
    QuotaFactory(version=world.version, code="PLACES", ceiling=1)
    seller = world.seller()
    first = world.entry(seller=seller, stock=9)
    second = world.entry(seller=seller, stock=9)
    run = world.sweep()
    before = rows()
    told = undo(run, at=NOON, actor=None, dry_run=True)
    assert rows() == before
    done = undo(run, at=NOON, actor=None)
    assert told == done
    assert done.as_dict() == {
        "restored": 1,
        "left": [{"entry": second.pk, "reason": "quota_full", "holder": None}],
    }
    assert (status_of(first), status_of(second)) == ("approved", "cleared_out")


def test_what_was_moved_since_is_left_and_listed(world):
    world.requires("SHIP", SHIPS, "abnormal")
    kept, moved = world.entry(ship_time_hours=72), world.entry(ship_time_hours=72)
    run = world.sweep()
    transition(
        entries={moved.pk: moved.revision},
        from_status="abnormal",
        to_status="withdrawn",
        cause="seller",
        at=NOON,
    )
    report = undo(run, at=NOON, actor=None)
    assert [(row.entry_id, row.reason) for row in report.left] == [(moved.pk, "moved_since")]
    assert (status_of(kept), status_of(moved)) == ("approved", "withdrawn")


def test_an_item_that_somebody_claimed_since_is_left_and_its_holder_named(world):
    world.requires("STOCK", STOCKED, "clear_out")
    out = world.entry(stock=9)
    run = world.sweep()
    again = world.entry(item=out.item)
    for dry_run in (True, False):
        report = undo(run, at=NOON, actor=None, dry_run=dry_run)
        assert [(row.entry_id, row.reason, row.holder_id) for row in report.left] == [
            (out.pk, "already_claimed", again.pk)
        ]
    assert status_of(out) == "cleared_out"
    assert Claim.objects.get().entry == again


def test_a_seller_that_left_since_gets_nothing_back(world):
    world.requires("STOCK", STOCKED, "clear_out")
    out = world.entry(stock=9)
    run = world.sweep()
    Registration.objects.filter(pk=out.registration_id).update(status="withdrawn")
    report = undo(run, at=NOON, actor=None)
    assert [row.reason for row in report.left] == ["not_registered"]
    assert status_of(out) == "cleared_out"


def test_what_was_undone_is_not_repeated_until_the_hold_ends(world):
    world.requires("STOCK", STOCKED, "clear_out")
    world.requires("OPEN", OPEN, "clear_out", subject="seller")
    world.requires("SHIP", SHIPS, "abnormal")
    out = world.entry(stock=9, ship_time_hours=72)
    closed = world.entry(seller=world.seller(one_click_closed=True))
    back = world.entry("abnormal")
    actor = UserFactory()
    undo(world.sweep(), at=NOON, actor=actor, hold_for=timedelta(days=2))
    holds = RequirementHold.objects.values_list("entry", "requirement_code", "until")
    until = NOON + timedelta(days=2)
    assert set(holds) == {
        (out.pk, "STOCK", until),
        (closed.pk, "OPEN", until),
        (back.pk, "recovered", until),
    }
    assert set(Entry.objects.values_list("move__actor", flat=True)) == {actor.pk}
    world.sweep(NEXT_NIGHT)
    # What the run did not do because of something stronger is still to be done.
    assert [status_of(e) for e in (out, closed, back)] == ["abnormal", "approved", "abnormal"]
    world.sweep(until)
    assert [status_of(e) for e in (out, closed, back)] == [
        "cleared_out",
        "cleared_out",
        "approved",
    ]


def test_what_a_shared_reason_stands_for_is_held(world):
    """Two requirements share a reason code; the one that the entry failed is put on hold."""
    shared = {"reason": "tools_cancelled"}
    world.requires(
        "SHIP", SHIPS, {"action": "at_risk", "grace_hours": 1, "then": "clear_out"}, **shared
    )
    world.requires("STOCK", STOCKED, "clear_out", **shared)
    entry = world.entry(ship_time_hours=72)
    world.sweep()
    run = world.sweep(NEXT_NIGHT)
    assert entry.history.last().reason == "tools_cancelled"
    undo(run, at=NEXT_NIGHT + timedelta(hours=1), actor=None)
    assert status_of(entry) == "at_risk"
    assert RequirementHold.objects.values_list("requirement_code", flat=True).get() == "SHIP"


def test_an_undone_move_out_of_at_risk_has_its_deadline_again(world):
    world.requires("SHIP", SHIPS, {"action": "at_risk", "grace_hours": 24, "then": "clear_out"})
    entry = world.entry(ship_time_hours=72)
    world.sweep(NIGHT)
    run = world.sweep(NEXT_NIGHT)
    assert status_of(entry) == "cleared_out"
    undo(run, at=NEXT_NIGHT, actor=None)
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("at_risk", NIGHT + timedelta(hours=24))
    assert GracePeriod.objects.count() == 1
    world.sweep(NEXT_NIGHT + timedelta(hours=1))
    assert status_of(entry) == "approved"


def test_an_undone_move_to_at_risk_has_no_deadline_left(world):
    world.requires("SHIP", SHIPS, {"action": "at_risk", "grace_hours": 24})
    entry = world.entry(ship_time_hours=72)
    undo(world.sweep(), at=NOON, actor=None)
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("approved", None)


def test_sellers_are_told(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.entry(ship_time_hours=72)
    run = world.sweep()
    undo(run, at=NOON, actor=None)
    notice = Notice.objects.get(run=run, cause="restored")
    assert (notice.state, notice.at, notice.lines.count()) == ("ready", NOON, 1)


def test_findings_stay(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.entry(ship_time_hours=72)
    run = world.sweep()
    undo(run, at=NOON, actor=None)
    run.refresh_from_db()
    assert (Finding.objects.count(), run.undone_at) == (1, NOON)


def test_many_sellers_come_back_in_several_transactions(world, monkeypatch):
    from campaigns.sweeping import undoing

    monkeypatch.setattr(undoing, "CHUNK", 2)
    world.requires("SHIP", SHIPS, "clear_out")
    seller = world.seller()
    entries = [world.entry(seller=seller, ship_time_hours=72) for _number in range(3)]
    entries += [world.entry(ship_time_hours=72) for _number in range(4)]
    assert undo(world.sweep(), at=NOON, actor=None).restored == 7
    assert {status_of(entry) for entry in entries} == {"approved"}


@pytest.mark.parametrize("mode", ["preview", "shadow"])
def test_a_run_that_moved_nothing_cannot_be_undone(world, mode):
    with pytest.raises(SweepRefused):
        undo(world.sweep(mode=mode), at=NOON, actor=None)


def test_only_the_runs_own_moves_are_taken_back(world):
    world.requires("SHIP", SHIPS, "abnormal")
    first, second = world.entry(ship_time_hours=72), world.entry()
    world.sweep(NIGHT)
    change_item(second, ship_time_hours=72)
    undo(world.sweep(NEXT_NIGHT), at=NEXT_NIGHT, actor=None)
    assert (status_of(first), status_of(second)) == ("abnormal", "approved")

"""A whole re-check: what it finds, what it moves, and what it leaves."""

from datetime import timedelta

import pytest
from django.db.models import F

from campaigns import lifecycle
from campaigns.models import (
    Claim,
    Entry,
    EntryHistory,
    Finding,
    GracePeriod,
    Hit,
    Notice,
    PlannedMove,
    Registration,
    RequirementHold,
    RequirementWaiver,
    SweepRun,
)
from campaigns.sweeping import SweepRefused, applying, evaluating, start, work
from sellers.metrics.statistics import computing
from sellers.models import FactSet, ItemSlots
from tests.campaigns.sweeping.worlds import (
    NEXT_NIGHT,
    NIGHT,
    World,
    change_item,
    change_seller,
    status_of,
)
from tests.checksum import checksums, rows
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    QuotaFactory,
    StatisticFactory,
    UserFactory,
    VenueTermsFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SHIPS = ["item.ship_time_hours", "<=", 48]
STOCKED = ["item.stock", ">=", 10]
OPEN = ["seller.one_click_closed", "==", False]


@pytest.fixture
def world():
    return World()


def test_each_action_moves_to_its_status_and_says_why(world):
    for action in ("clear_out", "unpublish", "abnormal", "at_risk", "flag"):
        world.requires(action, ["item.stock", "!=", len(action)], action)
    entries = {
        action: world.entry(stock=len(action))
        for action in ("clear_out", "unpublish", "abnormal", "at_risk", "flag")
    }
    passing = world.entry(stock=500)
    run = world.sweep()
    assert {action: status_of(entry) for action, entry in entries.items()} == {
        # "clear_out" and "unpublish" are equally long, so both fail: the stronger one wins.
        "clear_out": "cleared_out",
        "unpublish": "cleared_out",
        "abnormal": "abnormal",
        "at_risk": "at_risk",
        "flag": "approved",
    }
    assert status_of(passing) == "approved"
    history = EntryHistory.objects.values_list("entry_id", "from_status", "to_status", "reason")
    assert set(history) == {
        (entries["clear_out"].pk, "approved", "cleared_out", "clear_out"),
        (entries["unpublish"].pk, "approved", "cleared_out", "clear_out"),
        (entries["abnormal"].pk, "approved", "abnormal", "abnormal"),
        (entries["at_risk"].pk, "approved", "at_risk", "at_risk"),
    }
    assert {h.move.at for h in EntryHistory.objects.select_related("move")} == {NIGHT}
    assert run.state == SweepRun.State.DONE
    assert run.live == 6
    assert run.counts["moved"] == {"abnormal": 1, "at_risk": 1, "cleared_out": 2}
    assert run.counts["failed"] == {
        "abnormal": 1, "at_risk": 1, "clear_out": 2, "flag": 1, "unpublish": 2,
    }  # fmt: skip
    assert run.counts["flagged"] == 1


def test_the_history_has_the_reason_code_of_the_requirement(world):
    world.requires("PACKET", ["item.stock", ">=", 10], "clear_out", reason="red_packet_cancelled")
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "clear_out")
    named, plain = world.entry(stock=9), world.entry(ship_time_hours=72)
    world.sweep()
    reasons = [entry.history.get().reason for entry in (named, plain)]
    assert reasons == ["red_packet_cancelled", "SHIP"]
    # By the requirement's code it is found all the same.
    assert [entry.findings.get().code for entry in (named, plain)] == ["PACKET", "SHIP"]


def test_a_finding_has_grounds_version_and_run(world):
    world.requires("SHIP", SHIPS, "abnormal")
    entry = world.entry(ship_time_hours=72)
    run = world.sweep()
    finding = Finding.objects.get()
    assert (finding.entry, finding.registration, finding.run) == (entry, None, run)
    assert (finding.code, finding.outcome, finding.action) == ("SHIP", "fail", "abnormal")
    assert (finding.stage, finding.at, finding.version) == ("recheck", NIGHT, world.version)
    ground = finding.grounds.get()
    assert (ground.measured, ground.comparator, ground.threshold) == ("72", "<=", "48")


def test_only_live_entries_are_looked_at(world):
    world.requires("SHIP", SHIPS, "clear_out")
    others = [
        world.entry(status, ship_time_hours=72)
        for status in Entry.Status.values
        if status not in {"approved", "at_risk", "abnormal", "unpublished"}
    ]
    live = [
        world.entry(status, ship_time_hours=72)
        for status in ("approved", "at_risk", "abnormal", "unpublished")
    ]
    before = [status_of(entry) for entry in others]
    run = world.sweep()
    assert [status_of(entry) for entry in others] == before
    assert {status_of(entry) for entry in live} == {"cleared_out"}
    assert (run.live, Finding.objects.count()) == (4, 4)


def test_other_campaigns_are_left_alone(world):
    world.requires("SHIP", SHIPS, "clear_out")
    other = EntryFactory(item__ship_time_hours=72)
    world.entry()
    assert world.sweep().live == 1
    assert status_of(other) == "approved"


def test_clearing_out_gives_the_claim_up_and_abnormal_keeps_it(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, "clear_out")
    abnormal, out = world.entry(ship_time_hours=49), world.entry(stock=9)
    world.sweep()
    assert list(Claim.objects.values_list("entry", flat=True)) == [abnormal.pk]
    assert status_of(out) == "cleared_out"


@pytest.mark.rule("G520-035")
def test_an_abnormal_entry_recovers_by_itself_once_every_cause_is_gone(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, "abnormal")
    entry = world.entry(ship_time_hours=72, stock=9)
    world.sweep(NIGHT)
    assert status_of(entry) == "abnormal"
    change_item(entry, ship_time_hours=48)
    world.sweep(NIGHT + timedelta(days=1))
    assert status_of(entry) == "abnormal"
    change_item(entry, stock=10)
    run = world.sweep(NIGHT + timedelta(days=2))
    assert status_of(entry) == "approved"
    assert run.counts["recovered"] == 1
    assert entry.history.last().reason == "recovered"
    assert Notice.objects.get(run=run).cause == "recovered"


@pytest.mark.rule("G520-034")
def test_an_unpublished_entry_does_not_recover_by_itself(world):
    world.requires("STOCK", STOCKED, "unpublish")
    entry = world.entry(stock=9)
    world.sweep()
    change_item(entry, stock=10)
    run = world.sweep(NEXT_NIGHT)
    assert status_of(entry) == "unpublished"
    assert run.counts["recovered"] == 0


def test_nothing_recovers_while_an_answer_is_missing(world):
    world.requires("SHIP", SHIPS, "abnormal", missing="hold")
    entry = world.entry(ship_time_hours=72)
    world.sweep()
    change_item(entry, ship_time_hours=None)
    run = world.sweep(NEXT_NIGHT)
    assert status_of(entry) == "abnormal"
    assert (run.counts["held"], run.counts["failed"]) == ({"SHIP": 1}, {})


def test_a_hold_is_a_finding_without_a_move(world):
    world.requires("SHIP", SHIPS, "clear_out", missing="hold")
    entry = world.entry(ship_time_hours=None)
    world.sweep()
    assert status_of(entry) == "approved"
    assert Finding.objects.get().outcome == Finding.Outcome.HOLD


def test_a_seller_that_fails_is_one_finding_and_takes_all_its_live_entries_along(world):
    world.requires("OPEN", OPEN, "abnormal", subject="seller")
    seller = world.seller(one_click_closed=True)
    entries = [world.entry(seller=seller) for _number in range(3)]
    submitted = world.entry("submitted", seller=seller)
    other = world.entry()
    run = world.sweep()
    assert {status_of(entry) for entry in entries} == {"abnormal"}
    assert [status_of(other), status_of(submitted)] == ["approved", "submitted"]
    finding = Finding.objects.get()
    registration = Registration.objects.get(seller=seller)
    assert (finding.registration, finding.entry) == (registration, None)
    assert registration.status == "joined"
    # Each entry's history names the requirement whose finding is on its registration.
    reasons = EntryHistory.objects.values_list("reason", "move__run", "entry__registration")
    assert set(reasons) == {("OPEN", run.pk, registration.pk)}
    change_seller(entries[0], one_click_closed=False)
    world.sweep(NEXT_NIGHT)
    assert {status_of(entry) for entry in entries} == {"approved"}


def test_the_strongest_of_the_sellers_and_the_entrys_own_failures_wins(world):
    world.requires("OPEN", OPEN, "abnormal", subject="seller")
    world.requires("STOCK", STOCKED, "clear_out")
    world.requires("SHIP", SHIPS, {"action": "at_risk", "grace_hours": 24})
    seller = world.seller(one_click_closed=True)
    out, late = world.entry(seller=seller, stock=9), world.entry(seller=seller, ship_time_hours=72)
    world.sweep()
    assert (status_of(out), status_of(late)) == ("cleared_out", "abnormal")
    # Recovery needs the seller's cause gone as well as the entry's own.
    change_seller(late, one_click_closed=False)
    world.sweep(NEXT_NIGHT)
    assert status_of(late) == "at_risk"


def test_a_venues_requirement_on_sellers_moves_that_venues_entries_only(world):
    venue = VenueTermsFactory(version=world.version, code="branch").venue
    world.requires("OPEN", OPEN, "clear_out", subject="seller", venue_code="branch")
    seller = world.seller(one_click_closed=True)
    main, branch = world.entry(seller=seller), world.entry(seller=seller, venue=venue)
    world.sweep()
    assert (status_of(main), status_of(branch)) == ("approved", "cleared_out")
    assert Finding.objects.get().entry == branch


def test_a_waiver_excuses_a_seller_until_it_ends(world):
    world.requires("SHIP", SHIPS, "clear_out")
    world.requires("OPEN", OPEN, "clear_out", subject="seller")
    seller = world.seller(one_click_closed=True)
    entry = world.entry(seller=seller, ship_time_hours=72)
    for code in ("SHIP", "OPEN"):
        RequirementWaiver.objects.create(
            campaign=world.campaign,
            requirement_code=code,
            seller=seller,
            author=UserFactory(),
            reason="a flood",
            granted_at=NIGHT - timedelta(days=1),
            expires_at=NEXT_NIGHT,
        )
    world.sweep(NIGHT)
    assert (status_of(entry), Finding.objects.count()) == ("approved", 0)
    world.sweep(NEXT_NIGHT)
    assert status_of(entry) == "cleared_out"


def test_grace_runs_from_the_first_night_and_ends_in_what_follows(world):
    terms = {"action": "at_risk", "grace_hours": 48, "then": "clear_out"}
    world.requires("SHIP", SHIPS, terms)
    entry = world.entry(ship_time_hours=72)
    world.sweep(NIGHT)
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("at_risk", NIGHT + timedelta(hours=48))
    world.sweep(NIGHT + timedelta(hours=47, minutes=59))
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("at_risk", NIGHT + timedelta(hours=48))
    world.sweep(NIGHT + timedelta(hours=48))
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("cleared_out", None)


def test_a_second_cause_has_its_own_grace_period(world):
    world.requires("SHIP", SHIPS, {"action": "at_risk", "grace_hours": 24, "then": "clear_out"})
    world.requires("STOCK", STOCKED, {"action": "at_risk", "grace_hours": 72, "then": "abnormal"})
    entry = world.entry(ship_time_hours=72)
    world.sweep(NIGHT)
    change_item(entry, ship_time_hours=48, stock=9)
    later = NIGHT + timedelta(hours=25)
    world.sweep(later)
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("at_risk", later + timedelta(hours=72))
    assert list(GracePeriod.objects.values_list("requirement_code", "since")) == [("STOCK", later)]
    change_item(entry, stock=10)
    world.sweep(later + timedelta(hours=1))
    entry.refresh_from_db()
    assert (entry.status, entry.at_risk_until) == ("approved", None)


@pytest.mark.parametrize(("ceiling", "status"), [(1, "abnormal"), (2, "approved")])
def test_an_abnormal_entry_that_gave_its_place_up_recovers_only_into_a_free_one(
    world, ceiling, status
):
    QuotaFactory(version=world.version, code="PLACES", ceiling=ceiling, abnormal_keeps_place=False)
    seller = world.seller()
    entry = world.entry("abnormal", seller=seller)
    world.entry(seller=seller)
    preview = world.sweep(mode="preview")
    run = world.sweep()
    assert status_of(entry) == status
    assert preview.counts["recovering"] == run.counts["recovered"] == int(status == "approved")
    if status == "abnormal":
        finding = Finding.objects.get(run=run)
        assert (finding.code, finding.entry) == ("quota_full", entry)
        assert finding.params == {"quota": "PLACES", "ceiling": 1, "used": 1}


def test_sweeping_again_changes_nothing(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, {"action": "at_risk", "grace_hours": 5, "then": "clear_out"})
    world.requires("OPEN", OPEN, "unpublish", subject="seller")
    world.entry(ship_time_hours=72)
    world.entry(stock=9)
    world.entry(seller=world.seller(one_click_closed=True))
    world.entry("abnormal")
    run = world.sweep()
    before = checksums()
    assert world.sweep() == run
    assert work(run) == run
    assert checksums() == before
    assert SweepRun.objects.count() == 1


def test_the_next_night_on_the_same_facts_moves_nothing(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("OPEN", OPEN, "unpublish", subject="seller")
    world.entry(ship_time_hours=72)
    world.entry(seller=world.seller(one_click_closed=True))
    world.sweep(NIGHT)
    before = rows()
    run = world.sweep(NEXT_NIGHT)
    after = rows()
    for table in ("entries", "entry history", "claims", "tallies", "notices", "notice lines"):
        assert after[table] == before[table], table
    assert run.counts["moved"] == {}
    assert Finding.objects.filter(run=run).count() == 2


@pytest.mark.parametrize("mode", ["preview", "shadow"])
def test_a_run_that_only_looks_finds_what_enforcing_finds_and_writes_nothing_else(world, mode):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, {"action": "at_risk", "grace_hours": 5, "then": "clear_out"})
    world.requires("OPEN", OPEN, "unpublish", subject="seller", missing="hold")
    world.entry(ship_time_hours=72)
    world.entry(stock=9)
    world.entry("at_risk", stock=9, ship_time_hours=50)
    world.entry(seller=world.seller(one_click_closed=True))
    world.entry(seller=world.seller(one_click_closed=None))
    world.entry("abnormal")
    before = rows()
    looking = world.sweep(mode=mode)
    after = rows()
    own = {"findings", "planned moves", "hits", "runs", "item slots", "seller slots"}
    assert {name: texts for name, texts in after.items() if name not in own} == {
        name: texts for name, texts in before.items() if name not in own
    }
    enforcing = world.sweep(mode="enforce")
    final = rows()

    def of(run, table):
        return [
            text.replace(f'"{run.mode}"', '"mode"').replace('"moved"', '"planned"')
            for text in final[table]
            if f'"{run.mode}"' in text
        ]

    for table in ("findings", "hits", "planned moves"):
        assert of(looking, table) == of(enforcing, table) != [], table
    assert looking.counts["planned"] == enforcing.counts["planned"] == enforcing.counts["moved"]
    assert looking.counts["recovering"] == enforcing.counts["recovered"] == 1
    assert (looking.expires_at is None) == (mode == "shadow")


def test_an_entry_that_was_edited_since_the_evaluation_is_left_alone(world):
    world.requires("SHIP", SHIPS, "clear_out")
    edited, untouched = world.entry(ship_time_hours=72), world.entry(ship_time_hours=72)
    recovering = world.entry("abnormal")
    run = stop_before_applying(world)
    Entry.objects.filter(pk__in=[edited.pk, recovering.pk]).update(revision=2)
    run = work(run)
    assert status_of(edited) == "approved"
    assert status_of(untouched) == "cleared_out"
    assert status_of(recovering) == "abnormal"
    assert (run.counts["moved"], run.counts["skipped"]) == ({"cleared_out": 1}, 2)
    assert edited.history.count() == 0


def test_without_the_guard_the_edited_entry_would_move(world, monkeypatch):
    world.requires("SHIP", SHIPS, "clear_out")
    edited = world.entry(ship_time_hours=72)
    run = stop_before_applying(world)
    Entry.objects.filter(pk=edited.pk).update(revision=2)

    def careless(model, seen, from_status, to_status, batch, values):
        return model.objects.filter(pk__in=list(seen)).update(
            previous=F("status"), status=to_status, move=batch, **values
        )

    monkeypatch.setattr(lifecycle, "_compare_and_set", careless)
    work(run)
    assert status_of(edited) == "cleared_out"


@pytest.mark.parametrize("guarded", [True, False])
def test_an_entry_that_went_elsewhere_and_came_back_is_left_alone(world, monkeypatch, guarded):
    world.requires("SHIP", SHIPS, "clear_out")
    entry = world.entry(ship_time_hours=72)
    run = stop_before_applying(world)
    for pair in (("approved", "abnormal"), ("abnormal", "approved")):
        move = {"from_status": pair[0], "to_status": pair[1], "cause": "operator", "at": NIGHT}
        lifecycle.transition(entries={entry.pk: 1}, **move)
    if not guarded:
        monkeypatch.setattr(applying, "_unmoved", lambda chunk: {row.entry_id for row in chunk})
    work(run)
    assert status_of(entry) == ("approved" if guarded else "cleared_out")


def test_grace_of_an_entry_edited_meanwhile_stays_as_it_was(world):
    world.requires("SHIP", SHIPS, {"action": "at_risk", "grace_hours": 24})
    entry = world.entry(ship_time_hours=72)
    world.sweep(NIGHT - timedelta(hours=1))
    world.requires("STOCK", STOCKED, {"action": "at_risk", "grace_hours": 1})
    change_item(entry, stock=9)
    run = stop_before_applying(world)
    Entry.objects.filter(pk=entry.pk).update(revision=2)
    work(run)
    assert list(GracePeriod.objects.values_list("requirement_code", flat=True)) == ["SHIP"]


def stop_before_applying(world):
    """A run that has been evaluated and not applied yet."""
    run = start(campaign=world.campaign, at=NIGHT, mode="enforce")

    class Stop(Exception):
        pass

    def progress(stage, done, total):
        if stage == "entries" and done == total:
            raise Stop

    with pytest.raises(Stop):
        work(run, progress=progress)
    assert PlannedMove.objects.exists()
    assert not EntryHistory.objects.filter(move__run=run).exists()
    return run


def test_starting_twice_gives_the_same_run_and_other_modes_and_scopes_another(world):
    first = start(campaign=world.campaign, at=NIGHT, mode="enforce")
    assert start(campaign=world.campaign, at=NIGHT, mode="enforce") == first
    assert start(campaign=world.campaign, at=NIGHT, mode="preview") != first
    assert start(campaign=world.campaign, at=NIGHT, mode="enforce", scope="other") != first
    assert start(campaign=world.campaign, at=NEXT_NIGHT, mode="enforce") != first


def test_a_run_uses_the_version_in_force_at_its_instant(world):
    world.requires("SHIP", SHIPS, "clear_out")
    entry = world.entry(ship_time_hours=72)
    VersionFactory(campaign=world.campaign, number=2, effective_at=NIGHT, published_at=NIGHT)
    assert world.sweep(NIGHT).version.number == 2
    assert status_of(entry) == "approved"
    run = world.sweep(NIGHT - timedelta(microseconds=1))
    assert run.version.number == 1
    assert status_of(entry) == "cleared_out"


def test_without_a_version_in_force_there_is_no_run():
    with pytest.raises(SweepRefused):
        start(campaign=CampaignFactory(), at=local("2023-05-17"), mode="enforce")


def test_a_campaign_without_entries_or_requirements_is_swept(world):
    assert world.sweep().state == SweepRun.State.DONE
    world.entry()
    assert world.sweep(NEXT_NIGHT).live == 1


@pytest.mark.parametrize("subject", ["entry", "seller"])
def test_more_requirements_than_a_mask_has_bits(world, subject):
    require = STOCKED if subject == "entry" else ["seller.growth_level", ">=", 5]
    for number in range(130):
        action = "clear_out" if number == 129 else "flag"
        world.requires(f"R{number:03}", require, action, subject=subject)
    failing = world.entry(
        seller=world.seller(growth_level=4 if subject == "seller" else 5),
        stock=9 if subject == "entry" else 10,
    )
    passing = world.entry()
    run = world.sweep()
    assert (status_of(failing), status_of(passing)) == ("cleared_out", "approved")
    assert Finding.objects.filter(run=run).count() == 130
    # An entry whose registration fails has a hit of its own, with empty masks.
    assert sorted(Hit.objects.exclude(fails=0).values_list(
        "block", "fails"
    )) == [(0, 2**62 - 1), (1, 2**62 - 1), (2, 2**6 - 1)]  # fmt: skip


def test_notices_stay_open_until_the_run_closes(world):
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("STOCK", STOCKED, "clear_out")
    seller = world.seller()
    for _number in range(2):
        world.entry(seller=seller, ship_time_hours=72)
    world.entry(seller=seller, stock=9)
    run = start(campaign=world.campaign, at=NIGHT, mode="enforce", shard_count=3)
    states = []

    def progress(stage, done, total):
        if stage == "apply":
            states.extend(Notice.objects.values_list("state", flat=True))

    run = work(run, progress=progress)
    assert set(states) == {"open"}
    told = Notice.objects.filter(run=run, state="ready")
    assert {(n.cause, n.lines.count()) for n in told} == {("abnormal", 2), ("cleared_out", 1)}


def test_a_requirement_on_hold_is_not_asked_until_the_hold_ends(world):
    world.requires("SHIP", SHIPS, "clear_out")
    world.requires("OPEN", OPEN, "clear_out", subject="seller")
    seller = world.seller(one_click_closed=True)
    entry = world.entry(seller=seller, ship_time_hours=72)
    earlier = world.sweep(NIGHT, mode="preview")
    for code in ("SHIP", "OPEN"):
        RequirementHold.objects.create(
            entry=entry, requirement_code=code, run=earlier, until=NEXT_NIGHT
        )
    world.sweep(NIGHT)
    assert status_of(entry) == "approved"
    world.sweep(NEXT_NIGHT)
    assert status_of(entry) == "cleared_out"


@pytest.mark.django_db(transaction=True)
def test_figures_that_a_worker_without_its_shard_writes_meanwhile_are_written_again(
    world, monkeypatch, caplog
):
    StatisticFactory(
        version=world.version,
        code="item.sold_30d",
        source="item_days",
        field="quantity",
        window={"trailing_days": 30},
    )
    world.requires("SOLD", ["item.sold_30d", ">=", 1], "clear_out")
    entry = world.entry()
    delete, strays = computing.delete_in_chunks, []

    def delete_then_lose_the_race(rows):
        deleted = delete(rows)
        if rows.model is ItemSlots and not strays:
            strays.append(
                ItemSlots.objects.create(item=entry.item, fact_set=FactSet.objects.latest("id"))
            )
        return deleted

    monkeypatch.setattr(computing, "delete_in_chunks", delete_then_lose_the_race)
    run = world.sweep()

    assert (run.state, status_of(entry)) == (SweepRun.State.DONE, "cleared_out")
    assert "is tried again" in caplog.text
    assert ItemSlots.objects.filter(fact_set=run.statistics).count() == 1


@pytest.mark.django_db(transaction=True)
def test_hits_that_a_worker_without_its_shard_writes_meanwhile_are_written_again(
    world, monkeypatch, caplog
):
    world.requires("STOCKED", STOCKED, "clear_out")
    entry, healthy = world.entry(stock=9), world.entry(stock=10)
    insert, strays = evaluating.insert_from_query, []

    def insert_after_another_worker(rows, model, columns, constants):
        if constants["subject_kind"] == evaluating.ENTRY and not strays:
            strays.append(insert(rows, model, columns, constants))
        return insert(rows, model, columns, constants)

    monkeypatch.setattr(evaluating, "insert_from_query", insert_after_another_worker)
    run = world.sweep()

    assert strays == [1]
    assert (run.state, status_of(entry), status_of(healthy)) == (
        SweepRun.State.DONE,
        "cleared_out",
        "approved",
    )
    assert "is tried again" in caplog.text
    assert Finding.objects.filter(run=run).count() == 1

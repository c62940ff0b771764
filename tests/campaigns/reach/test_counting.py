"""How many live entries a requirement of a draft would touch: the numbers, twice, late, killed."""

from datetime import timedelta

import pytest

from campaigns import reach, tasks
from campaigns.models import (
    Entry,
    EntryHistory,
    Finding,
    Move,
    PlannedMove,
    ReachCount,
    RequirementWaiver,
    RulebookVersion,
    SweepRun,
)
from campaigns.reach import counting, measuring
from campaigns.rulebooks.versions import publish
from campaigns.statistics import snapshot_keys
from sellers.models import FactSet, ItemSlots, SellerSlots
from tests.campaigns.sweeping.worlds import NIGHT, World, change_item
from tests.factories import (
    ParameterRowFactory,
    ParameterTableFactory,
    RequirementFactory,
    SnapshotFactory,
    StatisticFactory,
    UserFactory,
    ValueListFactory,
    VenueTermsFactory,
    VersionFactory,
    ViolationFactory,
)

pytestmark = pytest.mark.django_db


class Draft(World):
    """A world whose next version is a draft; requirements added go into the draft."""

    def __init__(self):
        super().__init__()
        self.published = self.version
        self.version = VersionFactory(
            campaign=self.campaign,
            number=2,
            state=RulebookVersion.State.DRAFT,
            effective_at=None,
            published_at=None,
        )
        VenueTermsFactory(version=self.version, code="main")

    def entry(self, *arguments, **facts):
        """An entry approved under the version in force."""
        draft, self.version = self.version, self.published
        try:
            return super().entry(*arguments, **facts)
        finally:
            self.version = draft

    def other_venue(self):
        """A second venue, in both versions."""
        VenueTermsFactory(version=self.version, code="side")
        return VenueTermsFactory(version=self.published, code="side").venue


@pytest.fixture
def world():
    return Draft()


def ticking(at=NIGHT):
    return lambda: at


def count(requirement, at=NIGHT):
    """A count of the requirement, worked on to its end."""
    asked = reach.ask(requirement, at=at)
    assert reach.work(asked.pk, clock=ticking(at)) is False
    return reach.reach_of(requirement, at)


def numbers(found):
    return found.numbers.live, found.numbers.failed, found.numbers.held


def previewed(world, at=NIGHT):
    """What a preview of the draft finds once it is published, by requirement."""
    publish(world.version, at=at - timedelta(minutes=1))
    run = world.sweep(at=at, mode="preview")
    assert run.version == world.version
    return run


def test_the_count_is_what_a_preview_of_the_published_draft_finds(world):
    side = world.other_venue()
    requirement = world.requires(
        "STOCK", ["item.stock", ">=", 10], "clear_out", missing="hold",
        applies_when=["item.ship_time_hours", ">", 24],
    )  # fmt: skip
    for number in range(4):
        world.entry(stock=number, ship_time_hours=48, venue=side if number == 3 else None)
    world.entry("abnormal", stock=9)
    world.entry("at_risk", stock=None)
    world.entry(stock=None, venue=side)
    world.entry(stock=9, ship_time_hours=24)
    world.entry("unpublished", stock=10)
    world.entry("cleared_out", stock=0)
    world.entry("submitted", stock=0)

    found = count(requirement)

    assert numbers(found) == (9, 5, 2)
    assert [(code, n.live, n.failed, n.held) for code, n in found.venues] == [
        ("main", 7, 4, 1), ("side", 2, 1, 1),
    ]  # fmt: skip
    run = previewed(world)
    assert run.live == 9
    assert run.counts["failed"] == {"STOCK": 5}
    assert run.counts["held"] == {"STOCK": 2}


def test_it_moves_nothing_and_leaves_no_finding_and_no_figures(world):
    StatisticFactory(
        version=world.version, code="item.sold", function="sum", source="item_days",
        field="quantity", window={"trailing_days": 30},
    )  # fmt: skip
    requirement = world.requires("SOLD", ["item.sold", ">=", 1], "clear_out")
    entries = [world.entry(), world.entry("abnormal")]

    assert numbers(count(requirement)) == (2, 2, 0)

    for model in (Finding, Move, EntryHistory, PlannedMove, SweepRun, FactSet, ItemSlots):
        assert not model.objects.exists(), model
    assert list(Entry.objects.order_by("pk")) == entries
    assert [entry.status for entry in Entry.objects.order_by("pk")] == ["approved", "abnormal"]


def test_statistics_of_items_and_sellers_are_those_of_the_draft(world):
    StatisticFactory(
        version=world.version, code="seller.points", level="seller", function="sum",
        source="violations", field="points",
    )  # fmt: skip
    StatisticFactory(
        version=world.version, code="item.highest", function="max", source="list_prices",
        field="price",
    )  # fmt: skip
    bad, good = world.seller(), world.seller()
    ViolationFactory(seller=bad, points=12)
    world.entry(seller=bad)
    world.entry(seller=bad)
    world.entry(seller=good)
    seller = world.requires("POINTS", ["seller.points", "<", 12], "unpublish", subject="seller")
    item = world.requires("PRICE", ["item.highest", "is_known"], "clear_out")

    assert numbers(count(seller)) == (3, 2, 0)
    assert numbers(count(item)) == (3, 3, 0)

    assert not SellerSlots.objects.exists()
    run = previewed(world)
    assert run.counts["failed"] == {"POINTS": 1, "PRICE": 3}, "a seller is one finding there"
    unpublished = PlannedMove.objects.filter(run=run, code="POINTS")
    assert unpublished.count() == 0, "cleared out is stronger"


def test_a_sellers_requirement_counts_the_entries_that_would_move_with_the_seller(world):
    requirement = world.requires(
        "OPEN", ["seller.one_click_closed", "==", False], "unpublish", subject="seller"
    )
    closed = world.seller(one_click_closed=True)
    for _number in range(3):
        world.entry(seller=closed)
    world.entry()

    assert numbers(count(requirement)) == (4, 3, 0)

    run = previewed(world)
    assert run.counts["planned"] == {"unpublished": 3}


def test_a_frozen_value_is_not_frozen_for_the_campaign(world):
    SnapshotFactory(
        version=world.version, code="seller.level_then", metric="seller.growth_level",
        as_of=NIGHT - timedelta(days=1),
    )  # fmt: skip
    world.requires("LEVEL", ["seller.level_then", "is_known"], "clear_out", subject="seller")
    world.entry()

    assert numbers(count(world.version.requirement_set.get())) == (1, 1, 0)

    assert not FactSet.objects.filter(key__in=snapshot_keys(world.version).values()).exists()
    assert not FactSet.objects.exists()


def test_the_stage_is_the_recheck_or_else_admission(world):
    both = RequirementFactory(
        version=world.version, code="BOTH", require=["item.stock", ">=", 20],
        stages={
            "admission": "reject",
            "recheck": {"action": "clear_out", "require": ["item.stock", ">=", 10]},
        },
    )  # fmt: skip
    filing = RequirementFactory(
        version=world.version, code="FILING", require=["item.stock", ">=", 20],
        stages={"admission": "reject"},
    )  # fmt: skip
    reward = RequirementFactory(version=world.version, code="R", stages={"reward": "withhold"})
    world.entry(stock=9)
    world.entry(stock=15)

    assert (count(both).count.stage, numbers(count(both))) == ("recheck", (2, 1, 0))
    assert (count(filing).count.stage, numbers(count(filing))) == ("admission", (2, 2, 0))
    with pytest.raises(reach.ReachRefused, match="Neither the re-check nor admission"):
        reach.ask(reward, at=NIGHT)
    assert not ReachCount.objects.filter(requirement=reward).exists()


def test_it_asks_only_where_the_requirement_holds(world):
    side = world.other_venue()
    general = world.requires("G", ["item.stock", ">=", 10], "clear_out")
    own = world.requires("S", ["item.stock", ">=", 5], "clear_out", venue_code="side", replaces="G")
    for venue in (None, side):
        world.entry(stock=7, venue=venue)
        world.entry(stock=3, venue=venue)
    waived = world.entry(stock=3)
    RequirementWaiver.objects.create(
        campaign=world.campaign, seller=waived.seller, requirement_code="G", author=UserFactory(),
        granted_at=NIGHT - timedelta(days=1), expires_at=NIGHT + timedelta(days=1),
    )  # fmt: skip

    assert numbers(count(general)) == (5, 2, 0)
    assert numbers(count(own)) == (5, 1, 0)

    assert previewed(world).counts["failed"] == {"G": 2, "S": 1}


def test_it_is_counted_before_it_is_asked_and_says_so(world):
    requirement = world.requires(
        "SOON", ["item.stock", ">=", 10], "clear_out", active_from=NIGHT + timedelta(days=3)
    )
    world.entry(stock=3)

    found = count(requirement)

    assert numbers(found) == (1, 1, 0)
    assert found.remarks == ["not_yet"]
    assert previewed(world).counts["failed"] == {}


def test_one_that_another_replaces_everywhere_touches_nothing_and_says_so(world):
    requirement = world.requires("OLD", ["item.stock", ">=", 10], "clear_out")
    world.requires("NEW", ["item.stock", ">=", 0], "clear_out", replaces="OLD")
    world.entry(stock=3)

    found = count(requirement)

    assert numbers(found) == (1, 0, 0)
    assert found.remarks == ["replaced"]


def test_examples_say_what_was_measured_against_what(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "flag", missing="hold")
    failing = [world.entry(stock=number % 10) for number in range(17)]
    unknown = [world.entry(stock=None) for _ in range(6)]

    examples = count(requirement).count.examples

    assert [e["entry"] for e in examples] == [e.pk for e in [*failing[:15], *unknown[:5]]]
    assert [e["outcome"] for e in examples] == ["fail"] * 15 + ["hold"] * 5
    (ground,) = examples[3]["grounds"]
    assert ground == {
        "metric": "item.stock", "measured": "3", "comparator": ">=", "threshold": "10",
        "unit": "units", "window": "", "result": False,
    }  # fmt: skip
    assert examples[-1]["grounds"][0]["measured"] is None


def test_ranges_add_up(world, monkeypatch):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out", missing="hold")
    for number in range(12):
        world.entry(stock=number or None)
    whole = count(requirement)
    monkeypatch.setattr(measuring, "ROWS_A_STEP", 5)

    found = count(requirement)

    assert (whole.steps, found.steps) == (1, 3)
    assert numbers(found) == numbers(whole) == (12, 9, 1)
    assert found.venues == whole.venues
    assert sorted(e["entry"] for e in found.count.examples) == sorted(
        e["entry"] for e in whole.count.examples
    )


def test_a_changed_wording_is_told_from_the_one_counted(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    world.entry(stock=15)
    assert not count(requirement).is_earlier

    requirement.title = {"en": "Enough stock"}
    requirement.save()
    assert not reach.reach_of(requirement, NIGHT).is_earlier, "a title asks nothing"

    requirement.require = ["item.stock", ">=", 20]
    requirement.save()
    found = reach.reach_of(requirement, NIGHT)
    assert found.is_earlier
    assert numbers(found) == (1, 0, 0)

    assert numbers(count(requirement)) == (1, 1, 0)
    assert not reach.reach_of(requirement, NIGHT).is_earlier


def test_what_a_requirement_names_is_part_of_its_wording(world):
    version = world.version
    table = ParameterTableFactory(version=version, code="most", keys=["seller.growth_level"])
    row = ParameterRowFactory(table=table, keys=[None], value="48")
    values = ValueListFactory(version=version, code="fragile", values=["glass"])
    statistic = StatisticFactory(
        version=version, code="item.sold", source="item_days", field="quantity",
        window={"trailing_days": 30},
    )  # fmt: skip
    requirement = world.requires(
        "ALL",
        {"all": [["item.ship_time_hours", "<=", {"table": "most"}], ["item.sold", ">=", 1]]},
        "flag",
        applies_when=["item.category", "in", {"list": "fragile"}],
    )
    seen = [reach.digest(requirement)]
    assert reach.digest(requirement) == seen[0]
    for changed, name, value in (
        (row, "value", "24"),
        (values, "values", ["china"]),
        (statistic, "window", {"trailing_days": 14}),
    ):
        setattr(changed, name, value)
        changed.save()
        seen.append(reach.digest(requirement))
    ValueListFactory(version=version, code="other", values=["glass"])
    assert reach.digest(requirement) == seen[-1]
    assert len(set(seen)) == 4


def test_asking_twice_is_one_count(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    world.entry(stock=3)

    first = reach.ask(requirement, at=NIGHT)
    second = reach.ask(requirement, at=NIGHT + timedelta(minutes=9))
    assert (second.pk, second.turn, second.asked_at) == (first.pk, first.turn, NIGHT)

    # Both messages arrive; the second finds nothing to do.
    reach.work(first.pk, clock=ticking())
    done = ReachCount.objects.values().get()
    reach.work(first.pk, clock=ticking(NIGHT + timedelta(hours=1)))
    assert ReachCount.objects.values().get() == done
    assert (done["state"], done["at"]) == ("done", NIGHT)


def test_a_late_message_counts_what_is_so_by_then(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    entry = world.entry(stock=3)
    asked = reach.ask(requirement, at=NIGHT)
    change_item(entry, stock=30)
    requirement.require = ["item.stock", ">=", 31]
    requirement.save()
    late = NIGHT + timedelta(hours=5)

    reach.work(asked.pk, clock=ticking(late))

    found = reach.reach_of(requirement, late)
    assert numbers(found) == (1, 1, 0)
    assert (found.count.at, found.is_earlier) == (late, False)


def test_a_message_for_a_requirement_that_is_gone_does_nothing(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    asked = reach.ask(requirement, at=NIGHT)
    requirement.delete()

    assert reach.work(asked.pk, clock=ticking()) is False


class Killed(BaseException):
    """The worker's process ends: nothing catches it."""


@pytest.fixture
def three_steps(world, monkeypatch):
    """A requirement whose count has three steps, and a switch that kills the n-th."""
    StatisticFactory(
        version=world.version, code="item.sold", function="sum", source="item_days",
        field="quantity", window={"trailing_days": 30},
    )  # fmt: skip
    requirement = world.requires(
        "SOLD", {"any": [["item.sold", ">=", 1], ["item.stock", ">=", 5]]}, "clear_out"
    )
    for number in range(12):
        world.entry(stock=number)
    monkeypatch.setattr(measuring, "ROWS_A_STEP", 5)
    measure, calls = measuring.measure, []

    def dying(count, *arguments):
        found = measure(count, *arguments)
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return found

    monkeypatch.setattr(measuring, "measure", dying)
    return requirement, calls


def test_a_killed_count_is_running_until_it_may_be_asked_again(three_steps):
    requirement, _calls = three_steps
    asked = reach.ask(requirement, at=NIGHT)
    with pytest.raises(Killed):
        reach.work(asked.pk, clock=ticking())

    soon, later = NIGHT + timedelta(minutes=9), NIGHT + timedelta(minutes=10)
    found = reach.reach_of(requirement, soon)
    assert (found.count.state, found.count.done, found.steps) == ("running", 1, 3)
    assert found.is_under_way
    assert reach.ask(requirement, at=soon).state == "running"
    assert FactSet.objects.count() == 1

    assert reach.reach_of(requirement, later).is_abandoned
    again = reach.ask(requirement, at=later)
    assert (again.state, again.plan) == ("queued", [])
    reach.work(again.pk, clock=ticking(later))

    found = reach.reach_of(requirement, later)
    assert (found.count.state, numbers(found)) == ("done", (12, 5, 0))
    assert not FactSet.objects.exists()
    assert not ItemSlots.objects.exists()


def test_the_message_that_comes_back_goes_on_where_the_dead_worker_stopped(
    three_steps, monkeypatch
):
    requirement, calls = three_steps
    asked = reach.ask(requirement, at=NIGHT)
    with pytest.raises(Killed):
        reach.work(asked.pk, clock=ticking())
    soon = NIGHT + timedelta(minutes=1)
    assert reach.work(asked.pk, clock=ticking(soon)) is False
    assert len(calls) == 2, "its process is alive, so it is left alone"

    monkeypatch.setattr("campaigns.reach.asking.workers.is_gone", lambda worker: bool(worker))
    reach.work(asked.pk, clock=ticking(soon))

    found = reach.reach_of(requirement, soon)
    assert (found.count.state, numbers(found)) == ("done", (12, 5, 0))
    assert len(calls) == 4, "one step was done and stays, one died, two are left"
    assert not FactSet.objects.exists()


def test_what_was_counted_of_another_wording_is_not_added_to(three_steps, monkeypatch):
    requirement, _calls = three_steps
    asked = reach.ask(requirement, at=NIGHT)
    with pytest.raises(Killed):
        reach.work(asked.pk, clock=ticking())
    requirement.require = ["item.stock", ">=", 12]
    requirement.save()
    monkeypatch.setattr("campaigns.reach.asking.workers.is_gone", lambda worker: bool(worker))

    reach.work(asked.pk, clock=ticking())

    assert numbers(reach.reach_of(requirement, NIGHT)) == (12, 12, 0)


def test_one_who_lost_the_count_writes_nothing(world, monkeypatch):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    world.entry(stock=3)
    asked = reach.ask(requirement, at=NIGHT)
    later = NIGHT + timedelta(hours=1)
    measure, nested = measuring.measure, []

    def slow(count, *arguments):
        found = measure(count, *arguments)
        if not nested:
            nested.append(1)
            reach.work(reach.ask(requirement, at=later).pk, clock=ticking(later))
        return found

    monkeypatch.setattr(measuring, "measure", slow)
    assert reach.work(asked.pk, clock=ticking()) is False

    found = reach.reach_of(requirement, later)
    assert (found.count.at, numbers(found)) == (later, (1, 1, 0))
    assert not FactSet.objects.exists()


def test_a_long_count_is_given_back_and_gone_on_with(three_steps, monkeypatch):
    requirement, calls = three_steps
    calls.append(1)
    calls.append(1)
    sent = []
    monkeypatch.setattr(
        tasks.count_reach, "apply_async", lambda args, queue: sent.append((args, queue))
    )
    monkeypatch.setattr(tasks.clock, "now", ticking())
    monkeypatch.setattr(tasks, "TURN", timedelta(seconds=-1))
    asked = reach.ask(requirement, at=NIGHT)

    for done in (1, 2):
        tasks.count_reach(asked.pk)
        asked.refresh_from_db()
        assert (asked.state, asked.done) == ("queued", done)
    tasks.count_reach(asked.pk)

    assert sent == [([asked.pk], "sweeps")] * 2
    assert numbers(reach.reach_of(requirement, NIGHT)) == (12, 5, 0)


def test_what_is_wrong_in_the_draft_fails_the_count_with_its_place(world):
    world.requires("BROKEN", ["item.nothing", ">=", 1], "clear_out")
    requirement = world.requires("TABLE", ["item.stock", ">=", {"table": "gone"}], "clear_out")
    sound = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    world.entry(stock=3)

    found = count(requirement)

    assert found.count.state == "failed"
    assert "gone" in found.count.trouble["message"]
    assert numbers(count(sound)) == (1, 1, 0), "what else is half-written does not matter"


def test_an_error_is_kept_and_raised_and_can_be_asked_again(world, monkeypatch):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")
    world.entry(stock=3)
    asked = reach.ask(requirement, at=NIGHT)
    with monkeypatch.context() as patch:
        patch.setattr(counting.measuring, "measure", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reach.work(asked.pk, clock=ticking())

    found = reach.reach_of(requirement, NIGHT)
    assert (found.count.state, list(found.count.trouble)) == ("failed", ["error"])
    assert numbers(count(requirement)) == (1, 1, 0)


def test_figures_of_an_abandoned_count_are_purged(three_steps):
    requirement, _calls = three_steps
    asked = reach.ask(requirement, at=NIGHT)
    with pytest.raises(Killed):
        reach.work(asked.pk, clock=ticking())

    assert reach.purge(now=NIGHT + timedelta(minutes=9)) == 0
    assert ItemSlots.objects.exists()
    assert reach.purge(now=NIGHT + timedelta(minutes=10)) == 1
    assert not ItemSlots.objects.exists()
    assert not FactSet.objects.exists()


def test_a_campaign_without_live_entries_has_nothing_to_touch(world):
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out")

    found = count(requirement)

    assert numbers(found) == (0, 0, 0)
    assert str(found.numbers.share) == "0.0"
    assert found.venues == []


def test_figures_of_the_entries_themselves_count_too(world):
    StatisticFactory(
        version=world.version, code="entry.points", level="entry", of="seller", function="sum",
        source="violations", field="points", window={"since_filing": True},
    )  # fmt: skip
    requirement = world.requires("points", ["entry.points", "<", 6], "clear_out")
    for points in (6, 5):
        entry = world.entry()
        ViolationFactory(seller=entry.seller, points=points, penalised_at=entry.submitted_at)
    assert numbers(count(requirement)) == (2, 1, 0)

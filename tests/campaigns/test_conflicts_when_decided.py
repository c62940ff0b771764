"""Conflicts that arose while entries waited: asked again when these are decided and released."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import releasing
from campaigns.models import Claim, ClaimScope, Entry, Finding, Release
from campaigns.reviewing import approve
from tests.factories import (
    ClaimScopeFactory,
    ConflictFactory,
    EntryFactory,
    ItemFactory,
    RegistrationFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-22 10:00")


class World:
    """A venue for each of the kinds main, presale and third, decided by reviewers at once."""

    def __init__(self, **terms):
        mode = {"review_mode": "system_then_manual", **terms}
        self.opened = open_campaign(**mode)
        self.version = self.opened.version
        self.venues = {"main": self.opened.venue}
        for kind in ("presale", "third"):
            made = VenueTermsFactory(version=self.version, code=kind, kind=kind, **mode)
            self.venues[kind] = made.venue
        self.registration = RegistrationFactory(campaign=self.opened.campaign, version=self.version)
        self.item = ItemFactory(seller=self.registration.seller)
        self.reviewer = UserFactory()

    def bars(self, kind, *against, standing="approved", **more):
        """An item that stands in one of ``against`` does not stand in ``kind``."""
        ConflictFactory(
            version=self.version, code=f"{kind}_{'_'.join(against)}", venue_kinds=[kind],
            against=list(against), standing=standing, title={}, **more,
        )  # fmt: skip

    def entry(self, kind, status="in_review", item=None):
        return EntryFactory(
            registration=self.registration, venue=self.venues[kind], status=status,
            item=item or self.item,
        )  # fmt: skip

    def decide(self, *entries, at=AT):
        """Approve in one go; (outcome, refusals as (code, entry in the way)) of each."""
        rows = Entry.objects.in_bulk([entry.pk for entry in entries])
        seen = {entry.pk: rows[entry.pk].revision for entry in entries}
        return [
            (str(row.outcome), [(one.code, one.params["entry"]) for one in row.refusals])
            for row in approve(entries=seen, at=at, actor=self.reviewer)
        ]

    def publish(self):
        releasing.release(campaign=self.opened.campaign, at=AT, actor=self.reviewer)
        return Release.objects.get(campaign=self.opened.campaign).counts


@pytest.fixture
def world():
    return World()


def status(*entries):
    rows = Entry.objects.in_bulk([entry.pk for entry in entries])
    return [rows[entry.pk].status for entry in entries]


@pytest.mark.parametrize(
    ("standing", "other_status", "is_barred"),
    [
        ("registered", "in_review", True),
        ("registered", "approved", True),
        ("registered", "rejected", False),
        ("approved", "in_review", False),
        ("approved", "approved", True),
        ("approved", "unpublished", True),
        ("approved", "cleared_out", False),
    ],
)
def test_what_came_to_stand_meanwhile_bars_the_approval(world, standing, other_status, is_barred):
    world.bars("main", "presale", standing=standing)
    entry, other = world.entry("main"), world.entry("presale", other_status)
    free = world.entry("main", item=ItemFactory(seller=world.registration.seller))

    found = world.decide(entry, free)

    if not is_barred:
        assert found == [("approved", []), ("approved", [])]
        return
    assert found == [("refused", [("conflict", other.pk)]), ("approved", [])]
    assert status(entry) == ["in_review"]
    kept = Finding.objects.get(entry=entry)
    assert (kept.code, kept.action, kept.at) == ("conflict", "reject", AT)
    assert kept.params == {
        "conflict": "main_presale", "entry": other.pk, "venue": "presale", "status": other_status,
    }  # fmt: skip


def test_of_two_approved_together_the_first_stands(world):
    world.bars("main", "presale")
    world.bars("presale", "main")
    first, second = world.entry("presale"), world.entry("main")

    assert world.decide(first, second) == [
        ("approved", []),
        ("refused", [("conflict", first.pk)]),
    ]
    assert status(first, second) == ["approved", "in_review"]


@pytest.mark.parametrize("is_held", [True, False])
def test_what_loses_its_claim_is_in_nobodys_way(world, is_held):
    """First is in second's way only if it gets its claim."""
    world.bars("main", "presale")
    ClaimScopeFactory(
        version=world.version, code="one", taken=ClaimScope.Taken.DECISION,
        venue_kinds=["presale", "third"],
    )  # fmt: skip
    first, second, holder = world.entry("presale"), world.entry("main"), world.entry("third")
    if is_held:
        scope = f"campaign:{world.opened.campaign.pk}:one"
        Claim.objects.create(
            scope=scope, subject_kind="item", subject_id=world.item.pk, entry=holder
        )

    lost = ("refused", [("already_claimed", holder.pk)])
    barred = ("refused", [("conflict", first.pk)])
    expected = [lost, ("approved", [])] if is_held else [("approved", []), barred]
    assert world.decide(first, second) == expected


@pytest.mark.rule("D12-042")
@pytest.mark.parametrize("standing", ["registered", "approved"])
def test_where_the_first_one_approved_prevails_the_other_is_superseded_not_in_the_way(
    world, standing
):
    world.bars("main", "presale", standing=standing)
    world.bars("presale", "main", standing=standing)
    ClaimScopeFactory(
        version=world.version, code="one", taken=ClaimScope.Taken.DECISION,
        venue_kinds=["main", "presale"], first_prevails=True,
    )  # fmt: skip
    other, entry = world.entry("presale"), world.entry("main")

    assert world.decide(entry) == [("approved", [])]

    assert status(entry, other) == ["approved", "superseded"]


@pytest.mark.rule("D12-043", "D12-044")
@pytest.mark.parametrize("has_scope", [True, False])
def test_what_is_taken_over_by_another_may_be_approved_until_then(world, has_scope):
    """As outer is, of which a branch takes items over; without that the branch bars it."""
    world.bars("main", "presale", standing="registered")
    if has_scope:
        ClaimScopeFactory(
            version=world.version, code="one", taken=ClaimScope.Taken.DECISION,
            venue_kinds=["main", "presale"], takeovers=[["presale", "main"]],
        )  # fmt: skip
    outer, branch = world.entry("main"), world.entry("presale")

    if not has_scope:
        assert world.decide(outer) == [("refused", [("conflict", branch.pk)])]
        return
    assert world.decide(outer) == [("approved", [])]
    assert world.decide(branch) == [("approved", [])]
    assert status(outer, branch) == ["superseded", "approved"]


def test_a_decision_that_is_not_released_is_in_the_way_and_stays_secret():
    world = World(release="together")
    world.bars("main", "presale")
    other, entry = world.entry("presale"), world.entry("main")
    assert world.decide(other) == [("kept", [])]

    assert world.decide(entry) == [("refused", [("conflict", other.pk)])]

    assert not Finding.objects.exists()
    Entry.objects.filter(pk=other.pk).update(revision=9)
    assert world.decide(entry) == [("kept", [])]


def test_a_release_asks_again_and_gives_back_to_the_queue():
    world = World(release="together")
    world.bars("main", "presale")
    entry = world.entry("main")
    free = world.entry("main", item=ItemFactory(seller=world.registration.seller))
    assert world.decide(entry, free) == [("kept", []), ("kept", [])]
    other = world.entry("presale", "approved")

    foreseen = releasing.preview(campaign=world.opened.campaign, at=AT, evaluated=True)
    assert (foreseen.approve, foreseen.returned) == (2, 1)
    assert world.publish() == {"approved": 1, "returned": 1}

    assert status(entry, free) == ["in_review", "approved"]
    assert Finding.objects.get(entry=entry).params["entry"] == other.pk
    assert not hasattr(Entry.objects.get(pk=entry.pk), "decision")


def test_of_two_released_together_the_one_decided_first_stands():
    """The conflict arose after both had been decided, one of them twice."""
    world = World(release="together")
    second, first = world.entry("main"), world.entry("presale")
    for entry, minutes in ((second, 0), (first, 1), (second, 2)):
        assert world.decide(entry, at=AT + timedelta(minutes=minutes)) == [("kept", [])]
    world.bars("main", "presale")
    world.bars("presale", "main")

    assert world.publish() == {"approved": 1, "returned": 1}

    assert status(first, second) == ["approved", "in_review"]


@pytest.mark.parametrize("release", ["at_once", "together"])
def test_the_number_of_queries_is_that_of_one(release):
    counts = []
    for number in (2, 3, 40):
        world = World(release=release)
        world.bars("main", "presale")
        items = ItemFactory.create_batch(number, seller=world.registration.seller)
        entries = [world.entry("main", item=item) for item in items]
        if release == "together":
            world.decide(*entries)
        world.entry("presale", "approved", item=items[0])
        with CaptureQueriesContext(connection) as captured:
            world.publish() if release == "together" else world.decide(*entries)
        assert status(*entries) == ["in_review"] + ["approved"] * (number - 1)
        counts.append(len(captured))
    assert len(set(counts)) == 1

"""What holds whatever sellers, reviewers and sweeps do, in whatever order."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import tallies
from campaigns.lifecycle import ALLOWED_MOVES, HOLDS_CLAIM, LIVE, transition
from campaigns.models import Claim, Entry, EntryHistory, Move, Tally
from campaigns.quotas import places_of
from campaigns.registering import FilingRow, file_entries, withdraw_entries
from campaigns.reviewing import approve, reinstate, reject
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db

ITEMS = 6
SWEPT = [("approved", "abnormal"), ("approved", "cleared_out"), ("abnormal", "approved")]

acts = st.one_of(
    st.tuples(
        st.just("file"),
        st.sampled_from(["main", "branch", "late"]),
        st.lists(st.integers(0, ITEMS - 1), min_size=1, max_size=ITEMS),
    ),
    st.tuples(st.sampled_from(["withdraw", "approve", "reject", "reinstate"]), st.integers(0, 40)),
    st.tuples(st.just("sweep"), st.integers(0, 40), st.sampled_from(SWEPT)),
)


class World:
    """A campaign of three venues, one seller, and what may be done in it."""

    def __init__(self):
        opened = open_campaign()
        self.version = opened.version
        QuotaFactory(version=self.version, code="all", ceiling=4)
        QuotaFactory(
            version=self.version, code="branch", ceiling=2, venue_code="branch", replaces="all"
        )
        ClaimScopeFactory(version=self.version, code="best", takeovers=[["branch", "main"]])
        ClaimScopeFactory(
            version=self.version, code="decided", taken="decision", venue_kinds=["late", "main"]
        )
        self.venues = {"main": opened.venue}
        for code, mode in (("branch", "system"), ("late", "manual")):
            terms = VenueTermsFactory(version=self.version, code=code, kind=code, review_mode=mode)
            self.venues[code] = terms.venue
        self.registration = RegistrationFactory(campaign=opened.campaign, version=self.version)
        self.items = ItemFactory.create_batch(ITEMS, seller=self.registration.seller)

    def do(self, number, act, *how):
        getattr(self, act)(number, *how)

    def file(self, number, venue, items):
        file_entries(
            registration=self.registration,
            venue=self.venues[venue],
            rows=[FilingRow(self.items[index].code, "88.00") for index in items],
            at=FILED,
            actor=None,
            key=str(number),
        )

    def entry(self, index):
        entries = list(Entry.objects.order_by("id"))
        return entries[index % len(entries)] if entries else None

    def withdraw(self, number, index):
        if entry := self.entry(index):
            withdraw_entries(entries=[entry.pk], at=FILED, actor=None)

    def approve(self, number, index):
        if entry := self.entry(index):
            approve(entries={entry.pk: entry.revision}, at=FILED, actor=None)

    def reject(self, number, index):
        if entry := self.entry(index):
            reject(entries={entry.pk: entry.revision}, at=FILED, actor=None, note="no")

    def reinstate(self, number, index):
        if entry := self.entry(index):
            reinstate(entries={entry.pk: entry.revision}, at=FILED, actor=None)

    def sweep(self, number, index, move):
        entry = self.entry(index)
        if entry and entry.status == move[0]:
            transition(
                entries={entry.pk: entry.revision},
                from_status=move[0],
                to_status=move[1],
                cause=Move.Cause.SWEEP,
                at=FILED,
            )


def check(world):
    entries = list(Entry.objects.all())
    standing = {entry.pk: entry for entry in entries if entry.status in HOLDS_CLAIM}
    # No more places than there are.
    for place in places_of(world.registration, version=world.version, at=FILED):
        assert place.used <= place.ceiling
    # Who stands holds the claims it needs, and nobody else holds any.
    held = {}
    for claim in Claim.objects.all():
        held.setdefault(claim.entry_id, set()).add(claim.scope.rpartition(":")[2])
    assert held.keys() <= standing.keys()
    codes = {venue.pk: code for code, venue in world.venues.items()}
    for pk, entry in standing.items():
        needed = {str(entry.venue_id), "best"}
        if entry.status in LIVE and codes[entry.venue_id] != "branch":
            needed.add("decided")
        assert held[pk] == needed
    # So an item stands once.
    assert max(Counter(entry.item_id for entry in standing.values()).values(), default=0) <= 1
    # The history leads from nothing to the status, by moves of the table or by an operator's.
    steps = {}
    rows = EntryHistory.objects.order_by("id")
    for pk, start, end, cause in rows.values_list(
        "entry", "from_status", "to_status", "move__cause"
    ):
        assert steps.get(pk, "draft") == start
        assert end in ALLOWED_MOVES[start] or cause == "operator"
        steps[pk] = end
    assert steps == {entry.pk: entry.status for entry in entries}
    # The tallies say what stands where.
    tallies.fold()
    told = Counter()
    for venue, name, value in Tally.objects.filter(name__startswith="status.").values_list(
        "venue", "name", "value"
    ):
        told[venue, name.removeprefix("status.")] += value
    counted = Counter((entry.venue_id, entry.status) for entry in entries)
    assert {key: value for key, value in told.items() if value} == counted


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(acts, min_size=1, max_size=10))
def test_what_stands_holds_what_it_needs_and_everything_adds_up(done):
    for model in (Claim, Tally, EntryHistory, Entry):
        model.objects.all().delete()
    world = World()
    for number, act in enumerate(done):
        world.do(number, *act)
        check(world)

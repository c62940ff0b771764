"""Folding changes of counts."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import tallies
from campaigns.lifecycle import transition
from campaigns.models import Tally, TallyDelta
from tests.factories import EntryFactory, VenueFactory
from tests.times import local

pytestmark = pytest.mark.django_db

DAY = date(2023, 5, 12)


def delta(venue, change, *, name="status.approved", day=DAY, with_venue=True):
    TallyDelta.objects.create(
        campaign=venue.campaign,
        venue=venue if with_venue else None,
        name=name,
        day=day,
        delta=change,
    )


def folded():
    rows = Tally.objects.order_by("campaign", "venue", "name", "day")
    return {(row.venue_id, row.name, str(row.day)): row.value for row in rows}


def test_changes_are_added_by_venue_name_and_day():
    venue, other = VenueFactory(), VenueFactory()
    for change in (5, -2, 3):
        delta(venue, change)
    delta(venue, 7, name="status.abnormal")
    delta(venue, 1, day=date(2023, 5, 13))
    delta(other, 4)
    delta(venue, 2, with_venue=False)
    assert tallies.fold() == 7
    assert folded() == {
        (venue.pk, "status.approved", "2023-05-12"): 6,
        (venue.pk, "status.abnormal", "2023-05-12"): 7,
        (venue.pk, "status.approved", "2023-05-13"): 1,
        (other.pk, "status.approved", "2023-05-12"): 4,
        (None, "status.approved", "2023-05-12"): 2,
    }
    assert not TallyDelta.objects.exists()


def test_folding_again_changes_nothing():
    venue = VenueFactory()
    delta(venue, 5)
    tallies.fold()
    before = folded()
    assert tallies.fold() == 0
    assert folded() == before
    delta(venue, 1)
    delta(venue, 1, with_venue=False)
    delta(venue, 1, with_venue=False)
    tallies.fold()
    delta(venue, 1, with_venue=False)
    tallies.fold()
    assert sorted(folded().values()) == [3, 6]


def test_killed_in_the_middle_nothing_is_lost_or_counted_twice(monkeypatch):
    monkeypatch.setattr(tallies, "FOLD_CHUNK", 2)
    venue = VenueFactory()
    for change in (1, 2, 4, 8, 16):
        delta(venue, change)
    add, calls = tallies._add, []

    def dies_on_the_second(sums):
        calls.append(sums)
        add(sums)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(tallies, "_add", dies_on_the_second)
    with pytest.raises(KeyboardInterrupt):
        tallies.fold()
    assert (sum(folded().values()), TallyDelta.objects.count()) == (3, 3)
    tallies.fold()
    assert (sum(folded().values()), TallyDelta.objects.count()) == (31, 0)


def test_a_limit_is_kept():
    venue = VenueFactory()
    for _ in range(5):
        delta(venue, 1)
    assert tallies.fold(limit=3) == 3
    assert (sum(folded().values()), TallyDelta.objects.count()) == (3, 2)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.integers(-3, 3), st.booleans()),
        max_size=40,
    )
)
def test_however_the_changes_come_and_go_the_sums_are_the_same(monkeypatch, changes):
    monkeypatch.setattr(tallies, "FOLD_CHUNK", 3)
    monkeypatch.setattr(tallies, "KEYS_AT_ONCE", 2)
    Tally.objects.all().delete()
    venues = [VenueFactory(code="a"), VenueFactory(code="b"), None]
    expected = {}
    for number, name, change, fold_now in changes:
        venue = venues[number]
        campaign = (venue or venues[0]).campaign
        TallyDelta.objects.create(campaign=campaign, venue=venue, name=name, day=DAY, delta=change)
        key = (venue.pk if venue else None, name, str(DAY))
        expected[key] = expected.get(key, 0) + change
        if fold_now:
            tallies.fold()
    tallies.fold()
    assert folded() == expected


def test_the_tallies_say_what_stands_where():
    entries = EntryFactory.create_batch(3, status="in_review", venue=VenueFactory())
    for entry, to_status in zip(entries, ("approved", "approved", "rejected"), strict=True):
        transition(
            entries={entry.pk: 1},
            from_status="in_review",
            to_status=to_status,
            cause="review",
            at=local("2023-05-12 23:59:59"),
        )
    tallies.fold()
    assert {name: value for (_venue, name, _day), value in folded().items()} == {
        "status.in_review": -3,
        "status.approved": 2,
        "status.rejected": 1,
        "moved.in_review.approved": 2,
        "moved.in_review.rejected": 1,
    }

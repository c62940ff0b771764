"""How far entries have come by venue: from tallies alone."""

import pytest

from campaigns import funnels, lifecycle
from campaigns.models import Entry, Move, TallyDelta
from tests.factories import FILED, EntryFactory, VenueTermsFactory, open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    found = open_campaign(review_mode="manual", results_due=local("2023-05-12"))
    VenueTermsFactory(version=found.version, code="outer", kind="outer", position=1)
    return found


def tallied(opened, venue="main", **numbers):
    place = opened.campaign.venues.get(code=venue)
    TallyDelta.objects.bulk_create(
        TallyDelta(
            campaign=opened.campaign, venue=place, name=name.replace("__", "."),
            day=FILED.date(), delta=number,
        )
        for name, number in numbers.items()
    )  # fmt: skip


def counts(opened, at=FILED):
    found = funnels.by_venue(opened.campaign, opened.version, at)
    return {funnel.venue.code: funnel.counts for funnel in found}


def move(entry, to_status, cause=Move.Cause.REVIEW):
    entry.refresh_from_db()
    moved = lifecycle.transition(
        entries={entry.pk: entry.revision}, from_status=entry.status, to_status=to_status,
        cause=cause, at=FILED,
    )  # fmt: skip
    assert moved == {entry.pk}


def test_a_funnel_follows_what_entries_go_through(opened):
    entries = [
        EntryFactory(
            campaign=opened.campaign, venue=opened.venue, version=opened.version,
            status=Entry.Status.DRAFT,
        )
        for _ in range(4)
    ]  # fmt: skip
    refused, waiting, approved, gone = entries
    move(refused, Entry.Status.REJECTED, Move.Cause.FILING)
    for entry in (waiting, approved, gone):
        move(entry, Entry.Status.SUBMITTED, Move.Cause.FILING)
        move(entry, Entry.Status.IN_REVIEW, Move.Cause.FILING)
    for entry in (approved, gone):
        move(entry, Entry.Status.APPROVED)
    move(gone, Entry.Status.CLEARED_OUT, Move.Cause.SWEEP)

    assert counts(opened)["main"] == {
        "filed": 4, "refused": 1, "pending": 1, "decided": 2, "approved": 1, "at_risk": 0,
        "abnormal": 0, "cleared_out": 1, "left": 0,
    }  # fmt: skip
    assert set(counts(opened)["outer"].values()) == {0}


def test_a_funnel_reads_no_entries(opened, django_assert_num_queries):
    tallied(opened, status__approved=1_000_000)

    with django_assert_num_queries(4) as queries:
        assert counts(opened)["main"]["approved"] == 1_000_000

    assert not any("campaigns_entry" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize(
    ("at", "pending", "overdue"),
    [
        ("2023-05-11 23:59:59", 1, False),
        ("2023-05-12 00:00:00", 1, True),
        ("2023-05-12 00:00:00", 0, False),
    ],
)
def test_results_are_overdue_when_due_and_something_waits(opened, at, pending, overdue):
    tallied(opened, status__in_review=pending)

    main, _outer = funnels.by_venue(opened.campaign, opened.version, local(at))

    assert main.is_overdue is overdue


def test_a_venue_without_terms_keeps_its_counts(opened):
    tallied(opened, "outer", status__approved=3)
    opened.version.venueterms_set.filter(code="outer").delete()

    found = funnels.by_venue(opened.campaign, opened.version, FILED)

    assert [(funnel.venue.code, funnel.kind) for funnel in found] == [("main", "main"),
                                                                      ("outer", "")]  # fmt: skip


def test_kinds_are_summed_and_sorted_by_a_step(opened):
    for i, number in enumerate((5, 9, 7)):
        VenueTermsFactory(version=opened.version, code=f"b{i}", kind="branch", position=2 + i)
        tallied(opened, f"b{i}", status__in_review=number)
    tallied(opened, "outer", status__in_review=30)
    found = funnels.by_venue(opened.campaign, opened.version, FILED)

    def order(by):
        kinds = funnels.by_kind(found, by)
        return [(kind.kind, [funnel.venue.code for funnel in kind.venues]) for kind in kinds]

    assert order("") == [("main", ["main"]), ("outer", ["outer"]), ("branch", ["b0", "b1", "b2"])]
    assert order("-pending") == [
        ("outer", ["outer"]), ("branch", ["b1", "b2", "b0"]), ("main", ["main"]),
    ]  # fmt: skip
    assert order("pending")[0] == ("main", ["main"])
    assert order("nothing") == order("")
    branch = next(kind for kind in funnels.by_kind(found) if kind.kind == "branch")
    assert branch.counts["pending"] == 21


def test_of_a_campaign_all_venues_are_summed(opened):
    tallied(opened, status__approved=3, moved__draft__submitted=5)
    tallied(opened, "outer", status__approved=4, moved__draft__rejected=2)
    found = funnels.of_campaign(opened.campaign)
    assert (found["approved"], found["filed"], found["refused"]) == (7, 7, 2)
    venues = funnels.by_venue(opened.campaign, opened.version, FILED)
    assert found == {step: sum(venue.counts[step] for venue in venues) for step in funnels.STEPS}

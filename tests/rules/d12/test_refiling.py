"""After a clear-out (5.6 A-C) and after a cancellation (5.7 F): filing again, and who decides."""

import pytest

from campaigns import clearing, permissions, releasing, standing
from campaigns.models import Entry, EntryHistory, Venue
from config.roles import sync_roles
from tests.factories import UserFactory
from tests.times import local

PRESALE, BRANCH, OUTER = "presale_women", "lingerie", "outer"


def free_places(world):
    """Places of free choice in outer, which nobody was invited to."""
    world.feed("qualifications", {"seller": "s1", "code": "enterprise", "valid_from": "2015-01-01"})


def cleared_out(world, venue, *, filed=None, at):
    """An approved entry that a night took off, its cause put right since."""
    (entry,) = world.approved(venue=venue, **({"at": local(filed)} if filed else {}))
    world.sellers({"code": "s1", "marketing_rules_ok": "false"}, at=at)
    world.sweep(at)
    assert (world.status(entry), world.reason(entry)) == ("cleared_out", "D12-006")
    world.sellers({"code": "s1", "marketing_rules_ok": "true"}, at=at)
    return entry


def is_campaign_item(row):
    return standing.is_campaign_item(Entry.objects.get(pk=row.entry.pk))


def owner_of(world, venue):
    """The person who owns a venue."""
    owner = UserFactory(first_name="Lan", last_name="Chen")
    Venue.objects.filter(pk=world.venue(venue).pk).update(owner=owner)
    return owner


@pytest.mark.rule("D12-105", "D12-106")
@pytest.mark.parametrize(
    ("decided", "outcome"),
    [("2015-11-24 23:59:59", "kept"), ("2015-11-25 00:00:00", "refused")],
)
def test_filed_again_it_stands_again_if_it_is_approved_before_the_deadline(world, decided, outcome):
    cleared_out(world, BRANCH, at="2015-11-20 18:00:00")
    (row,) = world.file(venue=BRANCH, at=local("2015-11-23 12:00:00"))
    assert row.status == "in_review"

    found = world.approve(row.entry.pk, at=local(decided), venue=BRANCH)

    assert found == [outcome]
    assert is_campaign_item(row) is (outcome == "kept")


@pytest.mark.rule("D12-105")
def test_what_was_approved_in_time_may_be_released_later(world):
    cleared_out(world, BRANCH, at="2015-11-20 18:00:00")
    (row,) = world.file(venue=BRANCH, at=local("2015-11-24 12:00:00"))
    world.approve(row.entry.pk, at=local("2015-11-24 23:59:59"))
    assert not is_campaign_item(row)

    releasing.release(campaign=world.campaign, at=local("2015-11-30 10:00"), actor=world.user)

    assert is_campaign_item(row)


@pytest.mark.rule("D12-105", "D12-106")
def test_late_it_is_the_venues_owner_who_decides_and_what_was_never_off_is_anybodys(world):
    owner = owner_of(world, BRANCH)
    world.items({"code": "b2"})
    cleared_out(world, BRANCH, at="2015-11-20 18:00:00")
    (again,) = world.file("b1", venue=BRANCH, at=local("2015-11-23 12:00:00"))
    (first,) = world.file("b2", venue=BRANCH, at=local("2015-11-23 12:00:00"))
    late = {"at": local("2015-11-25 00:00:00"), "venue": BRANCH}

    assert world.approve(again.entry.pk, first.entry.pk, **late) == ["refused", "kept"]
    assert (is_campaign_item(again), is_campaign_item(first)) == (False, True)
    assert world.approve(again.entry.pk, user=owner, **late) == ["kept"]
    assert is_campaign_item(again)


@pytest.mark.rule("D12-105", "D12-106")
@pytest.mark.parametrize(
    ("venue", "filed", "off", "last", "over"),
    [
        (PRESALE, "2015-11-10 12:00:00", "2015-11-11 02:00:00", "2015-11-16 23:59:59",
         "2015-11-17 00:00:00"),
        (BRANCH, "2015-11-20 12:00:00", "2015-11-20 18:00:00", "2015-11-24 23:59:59",
         "2015-11-25 00:00:00"),
        (OUTER, "2015-11-20 12:00:00", "2015-11-20 18:00:00", "2015-12-12 23:59:59",
         "2015-12-13 00:00:00"),
    ],
)  # fmt: skip
def test_filing_again_ends_with_each_kinds_own_deadline(world, venue, filed, off, last, over):
    free_places(world)
    owner_of(world, venue)
    gone = cleared_out(world, venue, filed=filed, at=off)

    (late,) = world.file(venue=venue, at=local(over))
    assert late.status == "rejected"
    (refusal,) = [row for row in late.findings if row.code == "window_closed"]
    assert refusal.params["contact"] == world.terms(venue).contact != ""
    assert (refusal.params["owner"], refusal.params["cleared_out"]) == ("Lan Chen", gone.pk)
    (row,) = world.file(venue=venue, at=local(last))
    assert row.status == ("approved" if venue == OUTER else "in_review")


@pytest.mark.rule("D12-106")
@pytest.mark.parametrize("venue", [PRESALE, BRANCH])
def test_after_the_deadline_the_venues_operator_restores_and_it_is_logged(world, venue):
    owner = owner_of(world, venue)
    entry = cleared_out(world, venue, at="2015-11-26 02:00:00")
    entry.refresh_from_db()
    assert not standing.is_campaign_item(entry)

    results = clearing.restore(
        entries={entry.pk: entry.revision}, at=local("2015-11-26 10:00:00"), actor=owner
    )

    assert [str(row.outcome) for row in results] == ["restored"]
    entry.refresh_from_db()
    assert standing.is_campaign_item(entry)
    last = EntryHistory.objects.filter(entry=entry).select_related("move").latest("id")
    assert (last.from_status, last.to_status, last.reason) == (
        "cleared_out", "approved", "restored",
    )  # fmt: skip
    assert (last.move.actor, last.move.cause, last.at) == (
        owner, "operator", local("2015-11-26 10:00:00"),
    )  # fmt: skip


@pytest.mark.rule("D12-106")
def test_who_only_reviews_in_a_venue_does_not_restore(world):
    sync_roles()
    owner = owner_of(world, BRANCH)
    reviewer = UserFactory()
    venue = world.venue(BRANCH)
    for user in (owner, reviewer):
        user.groups.add(*user.groups.model.objects.filter(name="reviewer"))
        venue.assignments.create(user=user)

    assert permissions.may_review(reviewer, venue)
    assert permissions.may_restore(owner, venue)
    assert not permissions.may_restore(reviewer, venue)
    assert not permissions.may_restore(owner, world.venue("women"))

"""Sections 4.2.2 note 4 and 9: the last word, rule versions, precedence, leaving."""

import pytest

from campaigns import reviewing
from campaigns.models import Entry, Quota, Requirement, VenueTerms
from campaigns.registering import FilingRow, file_entries, withdraw_registration
from campaigns.rulebooks.versions import new_draft, publish, version_in_force
from tests.factories import VenueFactory
from tests.times import local

AT = local("2023-05-10 12:00")


@pytest.mark.rule("G520-036")
def test_an_entry_that_passes_the_system_may_be_rejected_by_the_operator(world):
    (row,) = world.file()
    assert row.status == "in_review"

    reviewing.reject(entries={row.entry.pk: 1}, at=AT, actor=world.user, note="unclear picture")

    assert world.status(row.entry) == "rejected"


def make_stricter(world, at):
    """Publish a version in which 24 hours is the longest shipping time."""
    draft = new_draft(world.campaign)
    requirement = Requirement.objects.get(version=draft, code="G520-038")
    requirement.require = ["item.ship_time_hours", "<=", 24]
    requirement.save()
    return publish(draft, at=local(at))


@pytest.mark.rule("G520-037", "G520-054")
def test_a_check_uses_and_shows_the_version_in_force_at_its_instant(world):
    world.items({"code": "i2"}, {"code": "i3"})
    published = make_stricter(world, "2023-05-11 09:00:00")

    assert version_in_force(world.campaign, local("2023-05-11 08:59:59")).number == 1
    assert version_in_force(world.campaign, local("2023-05-11 09:00:00")) == published
    assert world.refused("i2", at=local("2023-05-11 08:59:59")) == []
    (row,) = world.file("i3", at=local("2023-05-11 09:00:00"))
    (finding,) = row.findings
    assert (finding.code, finding.version.number) == ("G520-038", 2)
    (ground,) = finding.grounds.all()
    assert (ground.measured, ground.threshold) == ("48", "24")


@pytest.mark.rule("G520-054")
def test_a_recheck_uses_the_version_in_force_whatever_the_entry_was_approved_under(world):
    (entry,) = world.approved()
    make_stricter(world, "2023-05-11 09:00:00")

    assert world.found(world.sweep("2023-05-11 08:59:59")) == []
    assert world.found(world.sweep("2023-05-11 09:00:00")) == [("G520-038", "abnormal")]
    assert entry.version.number == 1


@pytest.mark.rule("G520-055")
def test_a_venues_own_quota_prevails_over_the_general_one(world):
    special = VenueFactory(campaign=world.campaign, code="special")
    draft = new_draft(world.campaign)
    VenueTerms.objects.create(version=draft, venue=special, code="special", position=9)
    Quota.objects.filter(version=draft, code="stock_list").update(ceiling=5, floor=None)
    Quota.objects.create(
        version=draft, code="special_places", venue_code="special", replaces="stock_list",
        ceiling=8, position=9,
    )  # fmt: skip
    publish(draft, at=local("2023-05-09 12:00"))
    codes = [f"i{number}" for number in range(10, 30)]
    world.items(*({"code": code} for code in codes))

    general = world.file(*codes[:6])
    registration = world.join().registration
    venue = file_entries(
        registration=registration, venue=special, at=AT, actor=world.user, key="special",
        rows=[
            FilingRow(item=code, price="88.00", list_source="stock_list",
                      tools=("cross_shop_reduction",))
            for code in codes[6:15]
        ],
    ).rows  # fmt: skip

    assert [row.status for row in general].count("in_review") == 5
    assert [row.status for row in venue].count("in_review") + [row.status for row in venue].count(
        "approved"
    ) == 8


@pytest.mark.rule("G520-055")
def test_a_venues_own_requirement_prevails_over_the_general_one(world):
    draft = new_draft(world.campaign)
    Requirement.objects.create(
        version=draft, code="MAIN-SHIP", venue_code="main", replaces="G520-038", subject="item",
        require=["item.ship_time_hours", "<=", 72], missing="fail", position=99,
        stages={"admission": "reject"},
    )  # fmt: skip
    publish(draft, at=local("2023-05-09 12:00"))
    world.items({"code": "i2", "ship_time_hours": "72"}, {"code": "i3", "ship_time_hours": "73"})

    assert world.refused("i2") == []
    assert world.refused("i3") == ["MAIN-SHIP"]


@pytest.mark.rule("G520-062")
def test_a_seller_who_leaves_takes_all_their_items_along(world):
    world.items({"code": "i2"})
    (approved,) = world.approved("i1")
    (pending,) = world.file("i2")

    refusal = withdraw_registration(
        registration=world.join().registration, at=local("2023-05-11"), actor=world.user
    )

    assert refusal is None
    assert {world.status(approved), world.status(pending.entry)} == {"void"}
    assert Entry.objects.exclude(status="void").count() == 0

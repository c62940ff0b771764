"""Section 5.4: who decides where."""

import pytest

from campaigns import reviewing
from campaigns.models import Entry
from campaigns.rulebooks.versions import new_draft, publish
from tests.times import local

DEAR = "500.00"


def modes(world, kind):
    return set(world.version.venueterms_set.filter(kind=kind).values_list("review_mode", flat=True))


@pytest.mark.rule("D12-087")
def test_presale_waits_for_a_person_whatever_the_system_finds(world):
    world.items({"code": "i2"})
    (good,) = world.file(venue="presale_women")
    (dear,) = world.file("i2", venue="presale_women", price=DEAR)

    assert modes(world, "presale") == {"manual"}
    assert (good.status, good.findings) == ("in_review", [])
    assert (dear.status, [row.code for row in dear.findings]) == ("in_review", ["D12-038"])
    reviewing.approve(entries={good.entry.pk: 1}, at=local("2015-11-11 12:00"), actor=world.user)
    assert (world.status(good.entry), world.status(dear.entry)) == ("approved", "in_review")


@pytest.mark.rule("D12-088")
def test_a_branchs_system_goes_before_its_people(world):
    world.items({"code": "i2"})
    (good,) = world.file(venue="women")
    (dear,) = world.file("i2", venue="women", price=DEAR)

    assert modes(world, "branch") == {"system_then_manual"}
    assert good.status == "in_review"
    assert (dear.status, [row.code for row in dear.findings]) == ("rejected", ["D12-059"])


@pytest.mark.rule("D12-089")
def test_outer_is_for_the_system_alone(world):
    assert modes(world, "outer") == {"system"}


@pytest.mark.rule("D12-086")
def test_a_branchs_way_of_reviewing_is_changed_in_the_rulebook(world):
    world.items({"code": "i2"})
    draft = new_draft(world.campaign)
    draft.venueterms_set.filter(code="women").update(review_mode="manual")
    publish(draft, at=local("2015-11-20 12:00:00"))

    (before,) = world.file("b1", venue="women", price=DEAR, at=local("2015-11-20 11:59:59"))
    (after,) = world.file("i2", venue="women", price=DEAR, at=local("2015-11-20 12:00:00"))

    assert (before.status, after.status) == ("rejected", "in_review")
    assert Entry.objects.filter(status="in_review").count() == 1

"""Each requirement found in another marketplace on both sides of its bound, at filing and by
night."""

import pytest

from campaigns.models import Finding, SweepRun
from tests.rules.other_marketplaces.item_cases import ITEMS
from tests.rules.other_marketplaces.seller_cases import SELLERS
from tests.rules.other_marketplaces.world import codes, grounds

NIGHTS = [case for case in (*SELLERS, *ITEMS) if case.night]


def filed(world, item):
    """What stood against an item or its seller when it was filed."""
    entry = world.entry(item)
    return Finding.objects.filter(entry=entry, run=None)


@pytest.mark.parametrize("case", SELLERS, ids=str)
def test_a_seller_just_inside_joins_and_files_and_one_just_outside_does_neither(world, case):
    for code in case.subjects():
        assert world.registration(code).status == "joined"
        assert list(world.registration(code).findings.filter(run=None)) == []
        assert list(filed(world, code)) == []

    refused = world.registration(f"{case.name}-refused")

    assert refused.status == "rejected"
    assert codes(refused.findings.all()) == [case.code]
    assert grounds(refused.findings.get()) == case.grounds


@pytest.mark.parametrize("case", ITEMS, ids=str)
def test_an_item_just_inside_is_approved_and_one_just_outside_is_rejected(world, case):
    for code in case.subjects():
        first = world.entry(code).history.order_by("id").values_list("to_status", flat=True)
        assert list(first)[:2] == ["submitted", "approved"]
        assert list(filed(world, code)) == []

    refused = filed(world, f"{case.name}-refused")

    assert world.status(f"{case.name}-refused") == "rejected"
    assert codes(refused) == [case.code]
    assert grounds(refused.get()) == case.grounds


@pytest.mark.parametrize("case", NIGHTS, ids=str)
def test_a_later_feed_takes_out_the_one_just_outside_and_leaves_the_one_just_inside(world, case):
    run = SweepRun.objects.get()
    kept, lost = world.entry(f"{case.name}-kept"), world.entry(f"{case.name}-lost")
    about = "registration" if case in SELLERS else "entry"
    subjects = {"entry": (kept, lost), "registration": (kept.registration, lost.registration)}

    nothing, found = (run.findings.filter(**{about: each}) for each in subjects[about])

    assert (kept.status, list(nothing)) == ("approved", [])
    assert lost.status == case.night.status
    if case.night.action:
        assert [(f.code, f.action) for f in found] == [(case.code, case.night.action)]
        assert grounds(found.get()) == case.night.grounds
    else:
        assert list(found) == []


def test_the_night_moves_nothing_else(world, summary):
    lost = [case.night for case in NIGHTS if case.night.status != "approved"]
    moved = {night.status: 0 for night in lost}
    for night in lost:
        moved[night.status] += 1

    assert summary["moved"] == moved
    assert SweepRun.objects.get().findings.count() == len([c for c in NIGHTS if c.night.action])


def test_every_requirement_has_its_cases(world):
    version = world.campaign.versions.get()
    asked = {case.code for case in (*SELLERS, *ITEMS)}
    rechecked = {case.code for case in NIGHTS if case.night.action}
    general = version.requirement_set.filter(venue_code="")

    assert asked == set(general.values_list("code", flat=True))
    assert rechecked == {row.code for row in general if "recheck" in row.stages}

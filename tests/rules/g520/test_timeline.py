"""Sections 1 and 2: when sellers join and items are filed, the pause, preheat, live, reduction."""

import pytest

from campaigns import timeline
from campaigns.models import Registration
from campaigns.plays import join_play
from campaigns.rulebooks.versions import version_in_force
from tests.times import local


def reasons(findings):
    return sorted(finding.code for finding in findings)


@pytest.mark.rule("G520-001")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2023-04-25 14:59:59", ["window_closed"]),
        ("2023-04-25 15:00:00", []),
        ("2023-05-20 23:59:59", []),
        ("2023-05-21 00:00:00", ["window_closed"]),
    ],
)
def test_sellers_join_in_the_registration_window(world, at, codes):
    joined = world.join(at=local(at))

    assert reasons(joined.findings) == codes
    assert joined.joined is not bool(codes)


@pytest.mark.rule("G520-002")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2023-04-25 15:00:00", []),
        ("2023-05-20 23:59:59", []),
        ("2023-05-21 00:00:00", ["window_closed"]),
    ],
)
def test_items_are_filed_in_the_same_window_as_a_separate_step(world, at, codes):
    world.join(at=local("2023-04-25 15:00:00"))
    world.sell({"item": "i1"}, paid_at="2023-04-24 12:00:00")

    assert world.refused(at=local(at)) == codes


@pytest.mark.rule("G520-002")
def test_the_item_window_opens_to_the_second(world):
    version = version_in_force(world.campaign, local("2023-04-25"))
    step = {"step": timeline.ITEM, "venue": world.venue}

    before = timeline.registration_open(version, local("2023-04-25 14:59:59"), **step)

    assert before.code == "window_closed"
    assert timeline.registration_open(version, local("2023-04-25 15:00:00"), **step) is None


@pytest.mark.rule("G520-002", "G520-062")
def test_an_item_of_a_seller_who_has_not_joined_is_refused(world):
    registration = world.join().registration
    Registration.objects.filter(pk=registration.pk).update(status="withdrawn")
    registration.refresh_from_db()

    from campaigns.registering import FilingRow, file_entries

    (row,) = file_entries(
        registration=registration, venue=world.venue, actor=world.user, key="late",
        rows=[FilingRow(item="i1", price="88.00", tools=("cross_shop_reduction",))],
        at=local("2023-05-20 23:59:59"),
    ).rows  # fmt: skip

    assert (row.status, reasons(row.findings)) == ("rejected", ["not_registered"])


@pytest.mark.rule("G520-003")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2023-05-16 17:59:59", []),
        ("2023-05-16 18:00:00", ["registration_paused"]),
        ("2023-05-16 20:29:59", ["registration_paused"]),
        ("2023-05-16 20:30:00", []),
    ],
)
def test_registration_pauses_around_the_start(world, at, codes):
    world.join()

    assert world.refused(at=local(at)) == codes
    world.sellers({"code": "s2"})
    assert reasons(world.join("s2", at=local(at)).findings) == codes


@pytest.mark.rule("G520-004", "G520-005")
@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2023-05-14 23:59:59", set()),
        ("2023-05-15 00:00:00", {"preheat"}),
        ("2023-05-16 19:59:59", {"preheat"}),
        ("2023-05-16 20:00:00", {"live"}),
        ("2023-05-20 23:59:59", {"live"}),
        ("2023-05-21 00:00:00", set()),
    ],
)
def test_preheat_is_followed_by_live(world, at, phase):
    version = version_in_force(world.campaign, local(at))

    assert timeline.phases(version, local(at)) & {"preheat", "live"} == phase


@pytest.mark.rule("G520-006")
def test_the_reduction_is_demanded_when_filing(world):
    assert world.refused(tools=()) == ["G520-006"]
    assert world.refused(tools=("cross_shop_reduction",)) == []


@pytest.mark.rule("G520-006")
def test_the_reduction_is_in_force_exactly_during_live(world):
    promotion = version_in_force(world.campaign, local("2023-05-10")).promotion_set.get(
        code="cross_shop_reduction"
    )

    assert promotion.starts_at == local("2023-05-16 20:00:00")
    assert promotion.ends_at == local("2023-05-21 00:00:00")


@pytest.mark.rule("G520-008")
def test_the_reduction_is_not_demanded_where_the_category_does_not_support_it(world):
    world.items({"code": "i2", "category": "virtual"}, {"code": "i3", "category": "dresses"})

    assert world.refused("i2", tools=()) == []
    assert world.refused("i3", tools=()) == ["G520-006"]


@pytest.mark.rule("G520-009")
def test_a_voluntary_play_is_for_approved_entries_and_ignoring_it_changes_nothing(world):
    world.items({"code": "i2"})
    (pending,) = world.file("i2")
    (entry,) = world.approved("i1")
    at = local("2023-05-11 12:00")

    assert join_play(entry=pending.entry, play="gift_wrapping", at=at) is not None
    assert world.found(world.sweep("2023-05-12 02:00:00")) == []
    assert world.status(entry) == "approved"
    assert join_play(entry=entry, play="gift_wrapping", at=at) is None

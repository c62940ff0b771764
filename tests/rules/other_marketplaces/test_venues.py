"""Policies of venues found in other marketplaces: flash sales, copied deals, invitations."""

import pytest

from campaigns.withdrawing import withdraw_entry, withdraw_registration
from tests.rules.other_marketplaces.world import CHANGED, FILED, codes, grounds
from tests.times import local

RESERVED = "item.reserved_stock"
FLASH = {"venue": "flash"}
COPY = {"venue": "copied", "source": "platform"}


def outcomes(rows):
    """For each row its status and the codes of what stands against it."""
    return [(row.status, codes(row.findings)) for row in rows]


def test_the_flash_sale_wants_20_percent_off_and_the_main_venue_does_not(world):
    (inside,) = world.file("x1", price="80.00", **FLASH)
    (outside,) = world.file("x2", price="80.01", **FLASH)
    (elsewhere,) = world.file("x2", price="80.01")

    assert outcomes([inside, outside, elsewhere]) == [
        ("in_review", []),
        ("rejected", ["flash_discount"]),
        ("approved", []),
    ]
    assert grounds(outside.findings[0]) == (("entry.activity_price", "80.01", "<=", "80"),)


def test_the_flash_sale_wants_reserved_stock_in_place_of_stock(world):
    world.columns({"x1": {"stock": "9"}, "x2": {"stock": "10"}})
    world.facts({"x1": {RESERVED: "10"}, "x2": {RESERVED: "9"}})

    flash, main = world.file("x1", "x2", **FLASH), world.file("x1", "x2")

    assert outcomes(flash) == [("in_review", []), ("rejected", ["flash_stock"])]
    assert outcomes(main) == [("rejected", ["stock"]), ("approved", [])]
    assert grounds(flash[1].findings[0]) == ((RESERVED, "9", ">=", "10"),)


def test_a_flash_deal_is_reviewed_and_ends_when_its_stock_is_used_up(world):
    rows = world.file("x1", "x2", **FLASH)
    assert outcomes(rows) == [("in_review", [])] * 2
    assert world.approve(*rows) == ["approved", "approved"]
    world.facts({"x1": {RESERVED: "1"}, "x2": {RESERVED: "0"}}, at="2023-05-10 12:00:00")
    world.columns({"x1": {"stock": "0"}, "x2": {"stock": "0"}}, at="2023-05-10 12:00:00")

    run = world.sweep("2023-05-11 02:00:00")

    assert (world.status("x1", "flash"), world.status("x2", "flash")) == ("approved", "cleared_out")
    found = run.findings.get(entry=world.entry("x2", "flash"))
    assert (found.code, found.action) == ("flash_stock", "clear_out")
    assert grounds(found) == ((RESERVED, "0", ">=", "1"),)
    assert not run.findings.filter(entry=world.entry("x1", "flash")).exists()


def test_a_reviewer_does_not_approve_what_has_ceased_to_meet_the_rules(world):
    rows = world.file("x1", "x2", **FLASH)
    world.facts({"x1": {RESERVED: "10"}, "x2": {RESERVED: "9"}}, at=FILED)

    assert world.approve(*rows) == ["approved", "refused"]
    assert world.status("x2", "flash") == "in_review"


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2023-05-04 23:59:59", ["window_closed"]),
        ("2023-05-05 00:00:00", []),
        ("2023-05-09 23:59:59", []),
        ("2023-05-10 00:00:00", ["window_closed"]),
    ],
)
def test_the_flash_sale_has_a_window_of_its_own(world, at, found):
    main, flash = world.file("x1", at=at), world.file("x1", at=at, **FLASH)

    assert [codes(row.findings) for row in (*main, *flash)] == [[], found]


def test_a_seller_has_two_places_in_the_flash_sale_beside_the_others(world):
    assert outcomes(world.file("x1", "x2", "x3", **FLASH)) == [
        ("in_review", []),
        ("in_review", []),
        ("rejected", ["quota_full"]),
    ]
    assert outcomes(world.file("x3")) == [("approved", [])]


def test_a_flash_deal_may_be_withdrawn_and_a_copied_one_may_not(world):
    (flash,), (copied,) = world.file("x1", **FLASH), world.file("x2", **COPY)
    assert world.approve(flash) == ["approved"]
    later = {"at": local(CHANGED), "actor": world.user}

    assert withdraw_entry(entry=flash.entry, **later) is None
    entry, leaving = (
        withdraw_entry(entry=copied.entry, **later),
        withdraw_registration(registration=copied.entry.registration, **later),
    )

    assert (entry.code, entry.params) == ("not_cancellable", {"venue": "copied"})
    assert (leaving.code, leaving.params) == ("not_cancellable", {"venue": "copied"})
    assert (world.status("x1", "flash"), world.status("x2", "copied")) == ("withdrawn", "approved")


def test_who_has_nothing_copied_may_leave(world):
    leaving = withdraw_registration(
        registration=world.entry("s2").registration, at=local(CHANGED), actor=world.user
    )

    assert (leaving, world.status("s2")) == (None, "void")


def test_deals_are_copied_by_the_marketplace_and_not_filed_by_sellers(world):
    (by_seller,) = world.file("x1", venue="copied")
    (by_platform,) = world.file("x1", **COPY)

    assert outcomes([by_seller, by_platform]) == [("rejected", ["venue_closed"]), ("approved", [])]


def test_a_deal_that_fails_in_the_main_venue_is_not_copied_either(world):
    world.columns({"x1": {"category": "medicines"}})

    assert outcomes([*world.file("x1"), *world.file("x1", **COPY)]) == [
        ("rejected", ["restricted"]),
        ("rejected", ["restricted"]),
    ]


def test_a_flash_deal_and_a_copied_one_exclude_each_other(world):
    (flash,) = world.file("x1", **FLASH)

    assert outcomes(world.file("x1", **COPY)) == [("rejected", ["already_claimed"])]
    assert outcomes(world.file("x1")) == [("approved", [])]

    withdraw_entry(entry=flash.entry, at=local(FILED), actor=world.user)
    assert outcomes(world.file("x1", **COPY)) == [("approved", [])]


def test_the_invited_venue_takes_nothing_from_sellers_who_are_not_invited(world):
    (uninvited,) = world.file("x1", venue="invited")
    (brought,) = world.file("x1", venue="invited", source="platform")

    assert outcomes([uninvited, brought]) == [("rejected", ["not_invited"]), ("in_review", [])]
    assert world.approve(brought) == ["approved"]
    assert withdraw_entry(entry=brought.entry, at=local(CHANGED), actor=world.user) is None

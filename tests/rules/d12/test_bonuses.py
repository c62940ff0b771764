"""Sections 5.1 and 5.2: places of free choice in outer, from qualifications and from carts."""

import pytest

from campaigns import bonuses
from campaigns.models import BonusGrant, Entry
from campaigns.quotas import places_of
from sellers.feeds.loading import load_file
from sellers.rollups import roll_up
from tests.rules.d12.network import codes_of, outcomes, withdraw
from tests.times import local

QUALIFICATIONS = ("gold_medal", "enterprise", "quality_plus", "jiyoujia", "china_made")
FILED = local("2015-11-20 12:00")
ENROLLED = "2015-12-05 12:00:00"
PLACES = 5


def items(world, count, start=1, seller="s1"):
    """So many further items of a seller, which nobody invited; their codes."""
    codes = [f"{seller}-{number:02}" for number in range(start, start + count)]
    world.items(*({"code": code, "seller": seller} for code in codes))
    return codes


def qualify(world, *codes, valid_to=""):
    rows = ({"seller": "s1", "code": code, "valid_from": "2015-01-01 00:00:00",
             "valid_to": valid_to} for code in codes)  # fmt: skip
    world.feed("qualifications", *rows)


def ceiling(world, code="qualification", at=FILED):
    """Places that the quota has now, used or not."""
    found = places_of(world.registration(), version=world.version, at=at)
    return next(place.ceiling for place in found if place.quota.code == code)


def sources(rows):
    return [Entry.objects.get(pk=row.entry.pk).slot_source for row in rows]


def carts(world, amount, reference="10000.00"):
    """What was put into carts of the shop, at 30 November, 12 o'clock, and its reference."""
    world.feed("facts", {"seller": "s1", "seller.cart_amount_reference": reference})
    world.feed("carts", {"item": "o1", "hour": "2015-11-30 12:00:00", "cart_amount": amount})
    roll_up()


def enrol(world, at=ENROLLED):
    """The seller enrols for the cart incentive; the code of what it is refused for."""
    refusal = bonuses.enrol(
        registration=world.registration(), bonus="cart_incentive", version=world.version,
        at=local(at),
    )  # fmt: skip
    return refusal and refusal.code


def by_carts(world, at=ENROLLED):
    """Places that the cart incentive gives for filing at the instant."""
    return ceiling(world, "cart_incentive", local(at))


def file_late(world, *codes, at=ENROLLED):
    return world.file(*codes, venue="outer", at=local(at))


@pytest.mark.rule("D12-114")
@pytest.mark.parametrize("code", QUALIFICATIONS)
def test_each_of_five_qualifications_gives_8_places(world, code):
    codes = items(world, 9)
    assert outcomes(world.file(codes[0], venue="outer")) == [("rejected", ["not_invited"])]
    qualify(world, code)

    rows = world.file(*codes, venue="outer")

    assert outcomes(rows) == [("approved", [])] * 8 + [("rejected", ["quota_full"])]


@pytest.mark.rule("D12-114")
def test_another_qualification_gives_none(world):
    (code,) = items(world, 1)
    qualify(world, "seven_day_return")

    assert outcomes(world.file(code, venue="outer")) == [("rejected", ["not_invited"])]


@pytest.mark.rule("D12-115")
@pytest.mark.parametrize(
    ("codes", "places"),
    [((), 0), (("enterprise",), 8), (("enterprise", "gold_medal"), 16), (QUALIFICATIONS, 40)],
)
def test_qualifications_add_up(world, codes, places):
    if codes:
        qualify(world, *codes)

    assert ceiling(world) == places


@pytest.mark.rule("D12-115")
def test_all_five_are_full_at_40(world):
    qualify(world, *QUALIFICATIONS)
    codes = items(world, 41)

    rows = world.file(*codes, venue="outer")

    assert outcomes(rows) == [("approved", [])] * 40 + [("rejected", ["quota_full"])]


@pytest.mark.rule("D12-115")
def test_when_one_of_two_is_lost_what_was_filed_stays_and_nothing_new_enters_until_below(world):
    qualify(world, "enterprise")
    qualify(world, "gold_medal", valid_to="2015-11-21 00:00:00")
    codes = items(world, 13)
    ten = world.file(*codes[:10], venue="outer")
    assert outcomes(ten) == [("approved", [])] * 10
    last, after = local("2015-11-20 23:59:59"), local("2015-11-21 00:00:00")

    assert (ceiling(world, at=last), ceiling(world, at=after)) == (16, 8)
    assert [codes_of(row) for row in world.file(codes[10], venue="outer", at=last)] == [[]]

    def file_after(code):
        return outcomes(world.file(code, venue="outer", at=after))

    # Of 11 are left 8 in the end: as many as there are places.
    for row in ten[:3]:
        assert file_after(codes[11]) == [("rejected", ["quota_full"])]
        withdraw(world, row.entry, "2015-11-22 12:00:00")
    assert file_after(codes[11]) == [("rejected", ["quota_full"])]
    withdraw(world, ten[3].entry, "2015-11-22 13:00:00")

    assert file_after(codes[11]) == [("approved", [])]
    assert file_after(codes[12]) == [("rejected", ["quota_full"])]
    world.sweep("2015-11-23 02:00:00")
    assert {world.status(row.entry) for row in ten[4:]} == {"approved"}


@pytest.mark.rule("D12-116")
def test_a_free_place_takes_an_item_that_nobody_invited_if_it_meets_the_rules(world):
    qualify(world, "enterprise")
    good, dear = items(world, 2)

    (taken,) = world.file(good, venue="outer", price="100.00")
    (refused,) = world.file(dear, venue="outer", price="100.01")

    assert (taken.status, sources([taken])) == ("approved", ["qualification"])
    assert outcomes([refused]) == [("rejected", ["D12-084"])]


@pytest.mark.rule("D12-116")
def test_free_places_are_of_use_in_outer_alone(world):
    qualify(world, "enterprise")
    branch, presale, *outer = items(world, 10)
    world.file(branch, venue="women")
    world.file(presale, venue="presale_women", at=local("2015-11-14 12:00"))

    rows = world.file(*outer, venue="outer")

    assert outcomes(rows) == [("approved", [])] * 8
    assert sorted(Entry.objects.values_list("slot_source").distinct()) == [
        ("",), ("qualification",),
    ]  # fmt: skip


@pytest.mark.rule("D12-117")
@pytest.mark.parametrize(
    ("amount", "places"), [("9999.99", 0), ("10000.00", PLACES), ("10000.01", PLACES)]
)
def test_carts_at_the_reference_value_give_5_places(world, amount, places):
    carts(world, amount)
    codes = items(world, PLACES + 1)
    assert by_carts(world) == 0
    assert enrol(world) is None

    rows = file_late(world, *codes)

    assert by_carts(world) == places
    assert [row.status for row in rows] == ["approved"] * places + ["rejected"] * (6 - places)
    if places:
        assert sources(rows) == ["cart_incentive"] * 5 + [""]
        assert codes_of(rows[5]) == ["quota_full"]


@pytest.mark.rule("D12-117")
def test_the_cart_incentive_is_granted_once_and_kept(world):
    carts(world, "10000.00")
    codes = items(world, PLACES + 1)
    assert enrol(world) is None
    granted = BonusGrant.objects.get()
    file_late(world, *codes[:2])

    # Twice as much again, asked for again; and then less than it was.
    carts(world, "20000.00")
    assert enrol(world, "2015-12-06 12:00:00") is None
    bonuses.grant_due(world.version, local("2015-12-06 12:00"))
    assert by_carts(world, "2015-12-06 12:00:00") == PLACES
    carts(world, "9999.99")
    bonuses.grant_due(world.version, local("2015-12-07 12:00"))

    assert by_carts(world, "2015-12-07 12:00:00") == PLACES
    again = BonusGrant.objects.get()
    assert (again.granted_at, again.places) == (granted.granted_at, PLACES)
    rows = file_late(world, *codes[2:], at="2015-12-07 12:00:00")
    assert outcomes(rows) == [("approved", [])] * 3 + [("rejected", ["quota_full"])]


@pytest.mark.rule("D12-117")
@pytest.mark.parametrize(("value", "bad"), [("10000.01", 0), ("10000.001", 1)])
def test_a_reference_value_is_fed_to_the_fen(world, value, bad):
    path = world.folder / "references.csv"
    path.write_text(f"seller,seller.cart_amount_reference\ns1,{value}\n", "utf-8")

    outcome = load_file(kind="facts", path=path, at=local("2015-10-12"))

    assert len(outcome.first_problems) == bad


@pytest.mark.rule("D12-117")
def test_without_a_reference_value_there_are_no_further_places(world):
    carts(world, "10000.00", reference="")
    assert enrol(world) is None

    assert by_carts(world) == 0


@pytest.mark.rule("D12-119")
@pytest.mark.parametrize(
    ("at", "refused"),
    [
        ("2015-12-02 09:59:59", "enrolment_closed"),
        ("2015-12-02 10:00:00", None),
        ("2015-12-11 17:59:59", None),
        ("2015-12-11 18:00:00", "enrolment_closed"),
    ],
)
def test_sellers_enrol_for_the_cart_incentive_in_its_window(world, at, refused):
    carts(world, "10000.00")

    assert enrol(world, at) == refused
    assert by_carts(world, at) == (0 if refused else PLACES)


@pytest.mark.rule("D12-119")
@pytest.mark.parametrize(
    ("at", "status"), [("2015-12-11 17:59:59", "approved"), ("2015-12-11 18:00:00", "rejected")]
)
def test_the_places_are_used_in_the_same_window(world, at, status):
    carts(world, "10000.00")
    (code,) = items(world, 1)
    assert enrol(world) is None

    (row,) = file_late(world, code, at=at)

    assert row.status == status

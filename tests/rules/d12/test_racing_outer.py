"""Section 6.3: who of outer is invited to the branches, and the order of the floor "new
discoveries"."""

from datetime import timedelta

import pytest

from campaigns import bonuses
from campaigns.models import Invitation
from tests.rules.boards import board, in_turn, inputs, periods, ranked, stands
from tests.rules.d12.network import approve, codes_of
from tests.rules.d12.racing import carts, entry_of, hourly, item_of, register, shops, sold
from tests.times import local

EIGHTH = "2015-12-08 00:00:00"
FLOOR = "women_new_discoveries"


def both(cart, presale):
    return {"cart_amount": cart, "presale_amount": presale}


def invited(world, venue="women"):
    """Codes of the shops invited by rank to a branch, in the order of their invitations."""
    rows = Invitation.objects.filter(venue=world.venue(venue), kind=Invitation.Kind.REVERSE)
    return list(rows.order_by("issued_at", "pk").values_list("seller__code", flat=True))


def file_in_branch(world, code, at, item=None, venue="women"):
    """A shop files one item in a branch at a local time; codes of what it is refused for."""
    (row,) = world.file(item or item_of(code), venue=venue, seller=code, at=local(at))
    return codes_of(row) if row.status == "rejected" else []


def registered(world, *codes, at="2015-12-08 10:00:00", venue="women"):
    """Invited shops file their item in the branch, and it is approved."""
    for code in codes:
        assert file_in_branch(world, code, at, venue=venue) == []
        approve(world, entry_of(code, venue), at)


def enrol(world, code):
    refusal = bonuses.enrol(
        registration=world.registration(code), bonus="cart_incentive", version=world.version,
        at=local("2015-12-05 12:00"),
    )  # fmt: skip
    assert refusal is None


@pytest.mark.rule("D12-131")
@pytest.mark.parametrize(
    ("a", "b", "first"),
    [
        (("60.00", "40.00"), ("101.00", "0.00"), "b"),
        (("60.00", "40.00"), ("99.99", "0.00"), "a"),
        # Neither amount counts more than the other.
        (("60.00", "41.00"), ("100.00", "0.00"), "a"),
        (("60.00", "40.00"), ("0.00", "100.01"), "b"),
        (("100.00", "0.00"), ("40.00", "60.01"), "b"),
    ],
)
def test_in_preheat_outer_shops_are_ranked_by_carts_and_presale_of_the_day_before(
    world, a, b, first
):
    shops(world, "b", "a", venue="outer")
    carts(world, "2015-12-07", a=both(*a), b=both(*b))
    carts(world, "2015-12-06", a=both("0.00", "500.00"))

    made = board(world, "outer", EIGHTH, "women")
    order = board(world, "new_discoveries", EIGHTH, "women")

    assert ranked(made)[0] == first
    assert sorted(invited(world)) == ["a", "b"]
    # Of the floor itself they are once they have filed.
    assert (ranked(order), stands(made)) == ([], [])


@pytest.mark.rule("D12-131")
def test_only_shops_with_an_approved_outer_item_are_invited(world):
    shops(world, "a", venue="outer")
    shops(world, "b")
    register(world, "c")
    carts(world, "2015-12-07", a="1.00", b="900.00", c="900.00")

    board(world, "outer", EIGHTH, "women")

    assert invited(world) == ["a"]


@pytest.mark.rule("D12-131")
def test_an_invited_shop_files_one_item_and_then_shows_in_new_discoveries(world):
    shops(world, "a", "b", venue="outer")
    world.items({"code": "second", "seller": "a"})
    world.sell({"item": "second", "seller": "a", "quantity": "30"}, paid_at="2015-12-01 12:00:00")
    carts(world, "2015-12-07", a="2.00", b="1.00")
    assert file_in_branch(world, "a", "2015-12-07 12:00:00") == ["window_closed"]
    board(world, "outer", EIGHTH, "women")

    registered(world, "a")
    refused = file_in_branch(world, "a", "2015-12-08 11:00:00", item="second")

    assert refused == ["invitation_used"]
    made = board(world, "new_discoveries", "2015-12-09 00:00:00", "women")
    assert (stands(made), made.floor_code) == (["a"], FLOOR)


@pytest.mark.rule("D12-131")
@pytest.mark.parametrize(
    ("at", "refused"),
    [("2015-12-08 23:59:59", []), ("2015-12-09 00:00:00", ["window_closed"])],
)
def test_an_invitation_of_preheat_is_of_its_day(world, at, refused):
    shops(world, "a", venue="outer")
    board(world, "outer", EIGHTH, "women")

    assert file_in_branch(world, "a", at) == refused


@pytest.mark.rule("D12-072")
def test_an_outer_winner_that_files_in_the_branch_is_upgraded(world):
    shops(world, "a", venue="outer")
    board(world, "outer", EIGHTH, "women")
    assert file_in_branch(world, "a", "2015-12-08 10:00:00") == []
    outer, branch = entry_of("a", "outer"), entry_of("a", "women")
    assert (world.status(outer), world.status(branch)) == ("approved", "in_review")

    approve(world, branch, "2015-12-08 12:00:00")

    assert (world.status(outer), world.status(branch)) == ("superseded", "approved")


@pytest.mark.rule("D12-118")
def test_the_floor_is_for_those_in_the_cart_incentive_and_those_invited(world):
    shops(world, "enrolled", "neither", "invited", venue="outer")
    enrol(world, "enrolled")
    carts(world, "2015-12-06", invited="9.00")
    board(world, "outer", "2015-12-07 00:00:00", "women")
    Invitation.objects.filter(venue=world.venue("women")).exclude(seller__code="invited").delete()
    registered(world, "invited", at="2015-12-07 10:00:00")
    carts(world, "2015-12-07", enrolled="2.00", neither="900.00", invited="1.00")

    made = board(world, "new_discoveries", EIGHTH, "women")

    assert ranked(made) == stands(made) == ["enrolled", "invited"]


@pytest.mark.rule("D12-118")
@pytest.mark.parametrize(
    ("enrolled", "other", "first"),
    [
        (("60.00", "40.00"), ("100.01", "0.00"), "other"),
        (("60.00", "40.00"), ("99.99", "0.00"), "enrolled"),
        (("60.00", "41.00"), ("100.00", "0.00"), "enrolled"),
        (("60.00", "40.00"), ("0.00", "100.01"), "other"),
    ],
)
def test_of_the_floor_too_carts_and_presale_of_the_day_before_decide(world, enrolled, other, first):
    shops(world, "other", "enrolled", venue="outer")
    enrol(world, "enrolled")
    enrol(world, "other")
    carts(world, "2015-12-07", enrolled=both(*enrolled), other=both(*other))

    assert stands(board(world, "new_discoveries", EIGHTH, "women"))[0] == first


@pytest.mark.rule("D12-132")
@pytest.mark.parametrize(("cart", "presale"), [("5.00", "5.01"), ("10.01", "0.00")])
def test_from_18_o_clock_on_11_december_the_hour_before_orders_those_registered(
    world, cart, presale
):
    shops(world, "a", "b", "c", venue="outer")
    board(world, "outer", EIGHTH, "women")
    registered(world, "a", "b")
    hourly(world, "2015-12-11 17:00:00", a=both("4.00", "6.00"), b=both(cart, presale), c="99.00")
    hourly(world, "2015-12-11 18:00:00", a=both("5.00", "5.01"), b=both("10.00", "0.00"))

    assert stands(board(world, "new_discoveries", "2015-12-11 18:00:00", "women")) == ["b", "a"]
    assert stands(board(world, "new_discoveries", "2015-12-11 19:00:00", "women")) == ["a", "b"]


@pytest.mark.rule("D12-131", "D12-132", "D12-133", "D12-134")
def test_the_floor_is_ordered_by_the_day_then_by_the_hour(world):
    found = periods(world, "new_discoveries", "2015-12-14 00:00:00", "women")

    days = [local(f"2015-12-{day:02}") for day in range(7, 12)]
    evening = [local("2015-12-11 18:00") + timedelta(hours=hour) for hour in range(6)]
    sale = [local("2015-12-12") + timedelta(hours=hour) for hour in range(24)]
    assert found[:5] == in_turn(*days, until=local("2015-12-11 18:00"))
    assert found[5:] == in_turn(*evening, *sale, until=local("2015-12-13"))


@pytest.mark.rule("D12-133")
@pytest.mark.parametrize(
    ("day", "counts"),
    [("2015-12-06", False), ("2015-12-07", True), ("2015-12-11", True), ("2015-12-12", False)],
)
def test_the_first_hour_of_the_sale_is_by_the_whole_preheat(world, day, counts):
    shops(world, "b", "a", venue="outer")
    for code in "ab":
        enrol(world, code)
    carts(world, "2015-12-09", a=both("30.00", "30.00"), b=both("60.00", "0.01"))
    carts(world, day, a=both("0.00", "0.02"))

    made = board(world, "outer", "2015-12-12 00:00:00", "women")
    shown = board(world, "new_discoveries", "2015-12-12 00:00:00", "women")

    assert ranked(made) == ranked(shown) == stands(shown) == (["a", "b"] if counts else ["b", "a"])
    assert [board.ends_at for board in (made, shown)] == [local("2015-12-12 01:00:00")] * 2
    assert [str(value) for value in inputs(shown, "b")] == ["60.00", "0.01"]
    assert sorted(invited(world)) == ["a", "b"]
    assert set(Invitation.objects.filter(kind="reverse").values_list("items", flat=True)) == {1}


@pytest.mark.rule("D12-133")
def test_carts_and_presale_of_the_preheat_count_alike(world):
    shops(world, "c", "b", "a", venue="outer")
    for code in "abc":
        enrol(world, code)
    carts(
        world, "2015-12-09",
        a=both("60.00", "40.00"), b=both("0.00", "99.99"), c=both("99.98", "0.00"),
    )  # fmt: skip

    assert stands(board(world, "new_discoveries", "2015-12-12 00:00:00", "women")) == [
        "a", "b", "c",
    ]  # fmt: skip


@pytest.mark.rule("D12-134")
def test_on_the_day_the_hour_before_s_sales_order_those_registered(world):
    shops(world, "a", "b", "c", venue="outer")
    board(world, "outer", EIGHTH, "women")
    registered(world, "a", "b")
    sold(world, "2015-12-12 00:00:00", a="500.00", c="900.00")
    sold(world, "2015-12-12 00:59:59", b="500.01")
    sold(world, "2015-12-12 01:00:00", a="0.02")

    assert stands(board(world, "new_discoveries", "2015-12-12 01:00:00", "women")) == ["b", "a"]
    assert stands(board(world, "new_discoveries", "2015-12-12 02:00:00", "women")) == ["a", "b"]


@pytest.mark.rule("D12-135")
def test_on_the_day_shops_not_yet_invited_are_invited_every_hour(world):
    shops(world, "a", "b", venue="outer")
    board(world, "outer", EIGHTH, "women")
    registered(world, "a")
    assert sorted(invited(world)) == ["a", "b"]
    shops(world, "c", venue="outer")
    sold(world, "2015-12-12 09:00:00", a="3.00", b="2.00", c="1.00")

    made = board(world, "outer", "2015-12-12 10:00:00", "women")
    # a has filed; b's invitation of 8 December is over, c has had none.
    assert ranked(made) == ["b", "c"]
    assert sorted(invited(world)) == ["a", "b", "b", "c"]

    board(world, "outer", "2015-12-12 11:00:00", "women")
    assert sorted(invited(world)) == ["a", "b", "b", "c"]
    assert file_in_branch(world, "c", "2015-12-12 23:59:59") == []


@pytest.mark.rule("D12-131", "D12-133", "D12-135")
def test_the_sale_day_invites_from_its_first_hour_to_its_last(world):
    found = periods(world, "outer", "2015-12-14 00:00:00", "women")

    hours = [local("2015-12-12") + timedelta(hours=hour) for hour in range(24)]
    days = [local(f"2015-12-{day:02}") for day in range(7, 12)]
    assert found == in_turn(*days, *hours, until=local("2015-12-13"))


@pytest.mark.rule("D12-131")
def test_shops_race_for_the_branch_of_their_main_category(world):
    shops(world, "a", venue="outer")
    world.sellers({"code": "a", "main_category": "mens_wear"}, at="2015-12-01 00:00:00")

    assert ranked(board(world, "outer", EIGHTH, "women")) == []
    assert ranked(board(world, "outer", EIGHTH, "men")) == ["a"]

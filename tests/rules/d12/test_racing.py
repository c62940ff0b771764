"""Sections 2.4 and 6.2: the order within the branches, and who of them stands in main."""

import pytest

from campaigns import placements
from campaigns.models import Board, Pin
from campaigns.racing.boards import make_due
from sellers.models import Seller
from tests.rules.boards import board, due_ones, in_turn, inputs, periods, ranked, stands
from tests.rules.d12.racing import carts, order, shops, sold
from tests.times import local

EIGHTH = "2015-12-08 00:00:00"
ELEVEN = "2015-12-12 11:00:00"
SEA_VIEW, FLOORS = 5, 10


def red_packets(cart, claimed):
    return {"cart_amount": cart, "red_packet_claimed_amount": claimed}


@pytest.mark.rule("D12-051")
def test_in_preheat_a_branch_is_in_the_order_of_the_day_before_s_carts(world):
    shops(world, "b", "a")
    carts(world, "2015-12-07", a=red_packets("1000.00", "0.00"), b=red_packets("999.99", "500.00"))
    carts(world, "2015-12-06", b="5000.00")

    made = board(world, "branch", EIGHTH, "women")
    assert ranked(made) == ["a", "b"]
    assert inputs(made, "a") == [1000, 0]
    assert (made.starts_at, made.ends_at) == (local("2015-12-08"), local("2015-12-09"))

    # What is added on the 8th counts on the 9th.
    carts(world, "2015-12-08", b="0.01")
    assert due_ones(world, "branch", "2015-12-08 23:59:59", "women") == []
    assert ranked(board(world, "branch", "2015-12-09 00:00:00", "women")) == ["b", "a"]


@pytest.mark.rule("D12-051")
@pytest.mark.parametrize(("claimed", "first"), [("0.01", "a"), ("0.00", "b")])
def test_between_equal_carts_the_red_packets_claimed_decide(world, claimed, first):
    shops(world, "b", "a")
    carts(world, "2015-12-07", a=red_packets("10.00", claimed), b=red_packets("10.00", "0.00"))

    assert ranked(board(world, "branch", EIGHTH, "women"))[0] == first


@pytest.mark.rule("D12-078")
@pytest.mark.parametrize("codes", [("a", "b"), ("b", "a")])
def test_of_equals_the_one_filed_earlier_comes_first(world, codes):
    shops(world, *codes)

    assert ranked(board(world, "branch", EIGHTH, "women")) == list(codes)


@pytest.mark.rule("D12-052")
def test_on_the_sale_day_a_branch_is_in_the_order_of_the_hour_before_s_sales(world):
    shops(world, "a", "b")
    sold(world, "2015-12-12 10:00:00", a="500.00")
    sold(world, "2015-12-12 10:59:59", b="500.01")
    sold(world, "2015-12-12 11:00:00", a="0.02")

    assert ranked(board(world, "branch", ELEVEN, "women")) == ["b", "a"]
    assert ranked(board(world, "branch", "2015-12-12 12:00:00", "women")) == ["a", "b"]


@pytest.mark.rule("D12-051", "D12-052", "D12-129", "D12-130")
@pytest.mark.parametrize(
    ("race", "venue"), [("branch", "women"), ("main", "main"), ("sea_view", "main")]
)
def test_races_are_by_the_day_in_preheat_and_by_the_hour_on_the_sale_day(world, race, venue):
    found = periods(world, race, "2015-12-14 00:00:00", venue)

    days = [local(f"2015-12-{day:02}") for day in range(7, 12)]
    hours = [local(f"2015-12-12 {hour:02}:00") for hour in range(24)]
    assert found == in_turn(*days, *hours, until=local("2015-12-13"))


@pytest.mark.rule("D12-003", "D12-053", "D12-129")
def test_the_best_of_the_branches_stand_in_main_and_its_sea_view_rooms(world):
    codes = [f"x{n:02}" for n in range(FLOORS + 1)]
    shops(world, *codes[:6])
    shops(world, *codes[6:], venue="men")
    # The later in the alphabet, the more.
    carts(world, "2015-12-07", **{code: f"{n}.00" for n, code in enumerate(codes, 1)})

    floors = board(world, "main", EIGHTH)
    rooms = board(world, "sea_view", EIGHTH)

    best = codes[::-1]
    assert ranked(floors) == ranked(rooms) == best
    assert stands(floors) == best[:FLOORS]
    assert stands(rooms) == best[:SEA_VIEW]
    assert (floors.floor_code, rooms.floor_code) == ("main_floors", "sea_view")
    # Ranks of one branch alone.
    assert ranked(board(world, "branch", EIGHTH, "men")) == best[:5]


@pytest.mark.rule("D12-003")
def test_who_is_overtaken_leaves_main_and_is_told_the_rank(world):
    codes = [f"x{n:02}" for n in range(FLOORS + 1)]
    shops(world, *codes)
    carts(world, "2015-12-07", **{code: f"{n}.00" for n, code in enumerate(codes, 1)})
    board(world, "main", EIGHTH)
    carts(world, "2015-12-08", **{code: f"{n}.00" for n, code in enumerate(codes[::-1], 1)})

    made = board(world, "main", "2015-12-09 00:00:00")

    moved = made.placements.exclude(outcome="kept").order_by("outcome")
    assert list(moved.values_list("seller__code", "outcome", "rank")) == [
        ("x10", "demoted", FLOORS + 1),
        ("x00", "promoted", 1),
    ]


@pytest.mark.rule("D12-129", "D12-053")
@pytest.mark.parametrize("race", ["main", "sea_view"])
@pytest.mark.parametrize(("claimed", "first"), [("0.01", "a"), ("0.00", "b")])
def test_main_is_raced_for_by_the_branches_measures(world, race, claimed, first):
    shops(world, "b", "a")
    carts(world, "2015-12-06", b="99.00")
    carts(world, "2015-12-07", a=red_packets("10.00", claimed), b=red_packets("10.00", "0.00"))

    assert stands(board(world, race, EIGHTH))[0] == first
    assert due_ones(world, race, "2015-12-11 23:59:59", "main")[-1] == local("2015-12-11")


@pytest.mark.rule("D12-130", "D12-053")
@pytest.mark.parametrize("race", ["main", "sea_view"])
def test_on_the_day_main_is_raced_for_by_the_hour_until_the_sale_is_over(world, race):
    shops(world, "a", "b")
    sold(world, "2015-12-12 21:59:59", a="900.00")
    sold(world, "2015-12-12 22:00:00", a="500.00")
    sold(world, "2015-12-12 22:59:59", b="500.01")
    sold(world, "2015-12-12 23:00:00", a="900.00")

    assert stands(board(world, race, "2015-12-12 23:00:00")) == ["b", "a"]
    assert board(world, race, "2015-12-13 00:00:00") is None


@pytest.mark.rule("D12-054")
def test_a_venue_of_fixed_places_has_no_race_and_keeps_its_order(world):
    shops(world, "a", "b", venue="designers")
    for position, code in enumerate(("b", "a"), 1):
        Pin.objects.create(
            venue=world.venue("designers"), race_code="", position=position,
            seller=Seller.objects.get(code=code), starts_at=local("2015-12-07"),
            pinned_at=local("2015-12-01"), reason="by hand",
        )  # fmt: skip

    def on_page(at):
        lines = placements.lines(world.campaign, local(at))
        return [(line[6], line[8]) for line in lines if line[1] == "designers"]

    assert on_page("2015-12-12 10:59:59") == [(1, "b"), (2, "a")]
    sold(world, "2015-12-12 10:00:00", a="900.00", b="0.01")

    assert board(world, "branch", ELEVEN, "designers") is None
    assert ranked(board(world, "branch", ELEVEN, "women")) == []
    assert on_page(ELEVEN) == [(1, "b"), (2, "a")]


@pytest.mark.rule("D12-145")
@pytest.mark.parametrize("race", ["branch", "main", "sea_view"])
def test_an_abnormal_order_is_in_no_ranking_until_it_is_found_good(world, race):
    venue = "women" if race == "branch" else "main"
    shops(world, "a", "b")
    sold(world, "2015-12-12 10:10:00", a="900.00", b="900.01")
    order(world, "odd", "a", "100.00", "2015-12-12 10:20:00", abnormal="true")

    made = board(world, race, ELEVEN, venue)
    assert (inputs(made, "a"), ranked(made)) == ([900], ["b", "a"])

    # The next hour the same, but the order is found good before the hour is over.
    sold(world, "2015-12-12 11:10:00", a="900.00", b="900.01")
    order(world, "good", "a", "100.00", "2015-12-12 11:20:00", abnormal="true")
    order(world, "good", "a", "100.00", "2015-12-12 11:20:00", abnormal="false",
          at="2015-12-12 11:40:00")  # fmt: skip
    after = board(world, race, "2015-12-12 12:00:00", venue)
    assert (inputs(after, "a"), ranked(after)) == ([1000], ["a", "b"])


@pytest.mark.rule("D12-136")
def test_everybody_is_ranked_by_one_measure_and_a_board_of_the_past_stays_as_it_was(world):
    shops(world, "a", "b")
    sold(world, "2015-12-12 10:10:00", a="900.00", b="900.01")
    board(world, "branch", ELEVEN, "women")

    # What is told later of that hour, and made again.
    order(world, "late", "a", "100.00", "2015-12-12 10:20:00", abnormal="false",
          at="2015-12-12 13:00:00")  # fmt: skip
    board(world, "branch", "2015-12-12 12:00:00", "women")

    kept = Board.objects.get(race_code="branch", starts_at=local(ELEVEN), venue__code="women")
    assert ranked(kept) == ["b", "a"]
    assert [str(*inputs(kept, code)) for code in "ab"] == ["900.00", "900.01"]
    assert [measure["said"]["sum"] for measure in kept.measures] == ["clean_amount"]


@pytest.mark.rule("D12-003", "D12-124", "D12-136")
def test_the_clock_makes_every_board_that_is_due_once(world):
    at = local("2015-11-25 13:20:00")

    made = make_due(world.campaign, at)

    assert (made.made, made.late) == (14, 13)
    assert make_due(world.campaign, at).made == 0
    boards = Board.objects.filter(race_code="presale", venue__code="presale_main")
    assert boards.count() == 14

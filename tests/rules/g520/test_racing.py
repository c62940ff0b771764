"""Section 7: what each board of the industries' venues is ordered by, and when it is made."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.models import Board
from campaigns.racing.boards import make_due
from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.loading import load
from campaigns.rulebooks.versions import publish
from tests.rules.boards import board, due_ones, in_turn, inputs, periods, ranked, row_of, stands
from tests.rules.g520.world import rulebook_text
from tests.times import local

PLACES = 20


@pytest.fixture
def world(world):
    """Three shops with an item each: two of apparel, one of toys."""
    world.sellers({"code": "sa"}, {"code": "sb"}, {"code": "sc"})
    entries(world, a="sa", b="sb", industry="apparel")
    entries(world, c="sc", industry="toys")
    return world


def entries(world, *, industry, at="2023-05-10 12:00", **items):
    """Approved entries of items (their seller by code), which sold one unit on 5 May each."""
    rows = [
        {"code": item, "seller": seller, "industry": industry} for item, seller in items.items()
    ]
    world.items(*rows)
    for item, seller in items.items():
        world.approved(item, seller=seller, at=local(at))


def sell(world, paid_at, **amounts):
    """Each item sells one unit for so much."""
    world.sell(
        *({"item": item, "seller": f"s{item}", "unit_price": amount}
          for item, amount in amounts.items()),
        paid_at=paid_at,
    )  # fmt: skip


def carts(world, hour, **amounts):
    """So much of each item was put into carts in an hour."""
    world.carts(*({"item": item, "hour": hour, "cart_amount": amount}
                  for item, amount in amounts.items()))  # fmt: skip


@pytest.mark.rule("G520-047")
def test_on_15_may_an_industry_is_in_the_order_of_what_was_sold_before_that_day(world):
    # On the board's own day, and at its last instant before.
    sell(world, "2023-05-15 00:00:00", a="900.00")
    sell(world, "2023-05-14 23:59:59", b="10.00")
    sell(world, "2023-05-14 12:00:00", a="9.99")

    made = board(world, "industry", "2023-05-15 00:00:00")

    assert ranked(made, "apparel") == ["b", "a"]
    assert [inputs(made, code) for code in "ab"] == [[Decimal("89.99")] * 2, [90, 90]]
    assert (made.starts_at, made.ends_at) == (local("2023-05-15"), local("2023-05-16"))


@pytest.mark.rule("G520-047")
def test_the_shops_sales_and_the_items_count_alike(world):
    # a's item has sold the more, b's shop: each is better at one, so the one filed first is first.
    world.items({"code": "d", "seller": "sb", "industry": "apparel"})
    sell(world, "2023-05-14 12:00:00", a="10.00")
    world.sell({"item": "d", "seller": "sb", "unit_price": "500.00"}, paid_at="2023-05-14 12:00:00")

    made = board(world, "industry", "2023-05-15 00:00:00")

    assert [inputs(made, code) for code in "ab"] == [[90, 90], [80, 660]]
    assert row_of(made, "a").score == row_of(made, "b").score
    assert ranked(made, "apparel") == ["a", "b"]


@pytest.mark.rule("G520-047")
def test_the_board_of_15_may_stays_all_day(world):
    made = board(world, "industry", "2023-05-15 00:00:00")
    sell(world, "2023-05-15 09:00:00", b="900.00")

    assert due_ones(world, "industry", "2023-05-15 23:59:59", "main") == []
    assert ranked(made, "apparel") == ["a", "b"]


@pytest.mark.rule("G520-048")
def test_on_16_may_an_industry_is_in_the_order_of_the_hour_before_s_carts(world):
    carts(world, "2023-05-16 09:00:00", a="500.00", b="500.01", c="1.00")
    carts(world, "2023-05-16 08:00:00", a="900.00")
    carts(world, "2023-05-16 10:00:00", a="900.00")

    made = board(world, "industry", "2023-05-16 10:00:00")

    assert [ranked(made, group) for group in ("apparel", "toys")] == [["b", "a"], ["c"]]
    assert [inputs(made, code) for code in "abc"] == [[500], [Decimal("500.01")], [1]]
    assert ranked(board(world, "industry", "2023-05-16 11:00:00"), "apparel") == ["a", "b"]


@pytest.mark.rule("G520-048")
def test_the_first_hourly_board_is_of_15_may_23_o_clock_and_the_last_of_18(world):
    carts(world, "2023-05-15 23:00:00", b="2.00")
    carts(world, "2023-05-16 18:00:00", b="3.00")

    assert inputs(board(world, "industry", "2023-05-16 00:00:00"), "b") == [2.0]
    assert inputs(board(world, "industry", "2023-05-16 19:00:00"), "b") == [3.0]
    assert Board.objects.latest("starts_at").ends_at == local("2023-05-16 20:00")


@pytest.mark.rule("G520-049")
@pytest.mark.parametrize(
    ("hour", "first"),
    [
        ("2023-05-14 23:00:00", "a"),
        ("2023-05-15 00:00:00", "b"),
        ("2023-05-16 19:00:00", "b"),
        ("2023-05-16 20:00:00", "a"),
    ],
)
def test_the_first_live_hour_counts_the_whole_preheats_carts(world, hour, first):
    # Of past sales they have the same, so a, filed first, is before b but for the carts.
    carts(world, hour, b="1.00")

    made = board(world, "industry", "2023-05-16 20:00:00")

    assert ranked(made, "apparel")[0] == first
    assert made.ends_at == local("2023-05-16 21:00:00")
    assert (made.facts_from, made.facts_to) == (local("2023-05-15"), local("2023-05-16 20:00"))


@pytest.mark.rule("G520-049")
def test_the_first_live_hour_counts_past_sales_besides(world):
    entries(world, d="sa", industry="apparel", at="2023-05-11 12:00")
    # a has the most carts, b the most sales, d of both some.
    carts(world, "2023-05-15 12:00:00", a="100.00", d="50.00")
    world.sell({"item": "b", "seller": "sb", "unit_price": "900.00"}, paid_at="2023-05-14 12:00:00")

    made = board(world, "industry", "2023-05-16 20:00:00")

    assert inputs(made, "a") == [80, 160, 100]
    assert inputs(made, "b") == [980, 980, 0]
    assert inputs(made, "d") == [80, 160, 50]
    scores = {code: row_of(made, code).score for code in "abd"}
    # Both halves weigh the same: b is the best by sales, a by carts, d in neither.
    assert scores["a"] == scores["b"] > scores["d"]


@pytest.mark.rule("G520-050")
def test_from_21_o_clock_on_the_hour_before_s_sales_order_an_industry(world):
    sell(world, "2023-05-16 20:00:00", a="500.00")
    sell(world, "2023-05-16 20:59:59", b="500.01")
    sell(world, "2023-05-16 21:00:00", a="0.02")

    assert ranked(board(world, "industry", "2023-05-16 21:00:00"), "apparel") == ["b", "a"]
    assert ranked(board(world, "industry", "2023-05-16 22:00:00"), "apparel") == ["a", "b"]


@pytest.mark.rule("G520-047", "G520-048", "G520-049", "G520-050")
def test_the_last_board_is_that_of_20_may_23_o_clock(world):
    found = periods(world, "industry", "2023-05-22 00:00:00", "main")

    day, hourly, live = local("2023-05-15"), local("2023-05-16"), local("2023-05-16 20:00")
    hours = [live + timedelta(hours=hour) for hour in range(4 + 4 * 24)]
    carts = [hourly + timedelta(hours=hour) for hour in range(20)]
    assert found == in_turn(day, *carts, *hours, until=local("2023-05-21"))
    assert hours[-1] == local("2023-05-20 23:00:00")


@pytest.mark.rule("G520-011")
def test_the_21st_of_an_industry_is_not_shown(world):
    world.sellers(*({"code": f"x{n:02}"} for n in range(PLACES)))
    more = {f"i{n:02}": f"x{n:02}" for n in range(PLACES)}
    entries(world, industry="toys", at="2023-05-11 12:00", **more)

    made = board(world, "industry", "2023-05-16 10:00:00")

    assert len(ranked(made, "toys")) == PLACES + 1
    assert stands(made, "toys") == ["c", *sorted(more)[: PLACES - 1]]
    assert stands(made, "apparel") == ["a", "b"]


@pytest.mark.rule("G520-013")
def test_of_equals_the_deeper_discount_is_chosen_first(world):
    world.items({"code": "d", "seller": "sa", "industry": "apparel"})
    world.items({"code": "e", "seller": "sa", "industry": "apparel"})
    world.approved("d", seller="sa", price="79.00", at=local("2023-05-11 12:00"))
    world.approved("e", seller="sa", price="78.99", at=local("2023-05-11 13:00"))

    made = board(world, "selection", "2023-05-15 00:00:00")

    assert ranked(made, "apparel")[:2] == ["e", "d"]
    assert stands(made) == []


@pytest.mark.rule("G520-013")
def test_the_weights_of_what_is_chosen_by_can_be_edited(world):
    world.items({"code": "d", "seller": "sa", "industry": "apparel", "brand_score": "90.00"})
    world.approved("d", seller="sa", price="88.00", at=local("2023-05-11 12:00"))
    world.items({"code": "e", "seller": "sa", "industry": "apparel"})
    world.approved("e", seller="sa", price="44.00", at=local("2023-05-11 12:00"))
    # Discount before fame of the brand.
    assert ranked(board(world, "selection", "2023-05-15 00:00:00"), "apparel")[0] == "e"

    def weigh(segments):
        measures = segments["selection"]["measures"]
        measures[1]["weight"], measures[2]["weight"] = Decimal("0.15"), Decimal("0.3")

    revise(world, weigh, at="2023-05-15 12:00:00")

    assert ranked(board(world, "selection", "2023-05-16 00:00:00"), "apparel")[0] == "d"


@pytest.mark.rule("G520-051")
def test_an_industry_may_be_ordered_by_the_day_instead(world):
    def by_the_day(segments):
        segments["sales"]["except_groups"] = ["toys"]
        segments["toys"] = {
            **segments["sales"], "code": "toys", "every": "day", "facts": "previous_day",
            "only_groups": ["toys"], "except_groups": [],
        }  # fmt: skip

    revise(world, by_the_day, at="2023-05-15 12:00:00")
    sell(world, "2023-05-17 09:00:00", a="1.00", c="1.00")

    at = local("2023-05-18 00:00:00")
    make_due(world.campaign, at)

    boards = Board.objects.filter(race_code="industry", starts_at__lte=at, ends_at__gt=at)
    found = {made.segment_code: made for made in boards}
    assert sorted(found) == ["sales", "toys"]
    assert [ranked(found[code]) for code in sorted(found)] == [["a", "b"], ["c"]]
    assert inputs(found["toys"], "c") == [1.0]
    assert found["toys"].ends_at == local("2023-05-19 00:00:00")


def revise(world, change, *, at):
    """Publish the rulebook with its segments (by code) changed, in force from a local time."""
    book = yaml_text.read(rulebook_text()).data
    segments = {row["code"]: row for row in book["race_segments"]}
    change(segments)
    book["race_segments"] = list(segments.values())
    publish(load(yaml_text.write(book)).version, at=local(at))

"""A seller's own place: best row, position, distances exactly, and its history."""

from decimal import Decimal

import pytest

from campaigns.models import BoardRow, Pin
from campaigns.racing.gaps import By
from campaigns.racing.standings import history, standings
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import EntryFactory, ItemFactory
from tests.times import local

pytestmark = pytest.mark.django_db
ELEVEN = "2023-05-17 11:00"


@pytest.fixture
def world():
    return RaceWorld()


def of(world, seller, at=ELEVEN, **more):
    return standings([world.board(at)], seller, **more).get(world.board(at).pk)


def sold(world, **amounts):
    """Sellers by code, with sales in the hour before eleven."""
    found = {}
    for code, amount in amounts.items():
        found[code] = world.seller(code)
        hour(found[code], "2023-05-17 10:00", paid_amount=amount)
    return found


def test_the_distance_to_the_next_place_and_to_the_last_that_stands(world):
    world.race(places=2)
    world.segment()
    sellers = sold(world, a="5.00", b="4.00", c="3.99", d="1.50")
    world.make(ELEVEN)
    first, second, last = (of(world, sellers[code]) for code in "abd")
    assert (first.row.place, first.position, first.to_next, first.to_last) == (1, 1, None, None)
    assert (second.row.place, second.position, second.last_place) == (2, 2, 2)
    assert (second.to_next.place, second.to_next.amount, second.to_last) == (
        1,
        Decimal("1.00"),
        None,
    )
    assert (last.row.place, last.position) == (4, None)
    assert (last.to_next.place, last.to_next.by, last.to_next.amount) == (
        3,
        By.MEASURE,
        Decimal("2.49"),
    )
    assert last.to_next.column.unit == "CNY"
    assert (last.to_last.place, last.to_last.amount) == (2, Decimal("2.50"))
    # To the third the next place is the last that stands: it is told once.
    assert of(world, sellers["c"]).to_last is None


def test_of_several_measures_the_first_that_differs_counts(world):
    world.race()
    world.segment(
        measures=[
            {"sum": "cart_amount", "of": "seller"},
            {"sum": "refunded_amount", "of": "seller", "order": "asc"},
        ]
    )
    first, second = world.seller("a"), world.seller("b")
    hour(first, "2023-05-17 10:00", cart_amount="9.00", refunded_amount="1.00")
    hour(second, "2023-05-17 10:00", cart_amount="9.00", refunded_amount="1.75")
    world.make(ELEVEN)
    gap = of(world, second).to_next
    assert (gap.column.number, gap.amount) == (2, Decimal("0.75"))


def test_equal_ones_are_told_apart_by_filing_then_by_id(world):
    world.race()
    world.segment()
    earlier = world.seller("a", submitted_at=local("2023-05-01"))
    later, last = (world.seller(code, submitted_at=local("2023-05-02")) for code in "bc")
    world.make(ELEVEN)
    assert of(world, earlier).row.place == 1
    assert of(world, later).to_next.by == By.FILED
    assert of(world, last).to_next.by == By.ID


def test_who_has_no_figure_is_told_what_the_other_has(world):
    world.race()
    world.segment(measures=[{"metric": "seller.operating_score"}])
    known, seller = world.seller("a"), world.seller("b")
    known.operating_score = Decimal("80.50")
    known.save()
    world.make(ELEVEN)
    gap = of(world, seller).to_next
    assert (gap.by, gap.amount) == (By.MISSING, Decimal("80.50"))


def test_weighted_sums_are_apart_by_their_score(world):
    world.race()
    world.segment(
        score="weights", measures=[{"sum": "clean_amount", "of": "seller", "weight": 0.5}]
    )
    sellers = sold(world, a="5.00", b="4.00")
    world.make(ELEVEN)
    gap = of(world, sellers["b"]).to_next
    assert (gap.by, gap.amount, gap.column) == (By.SCORE, Decimal("0.5"), None)


def test_of_several_items_the_best_is_told_unless_another_is_chosen(world):
    world.race(unit="item", places=1)
    world.segment(measures=[{"sum": "clean_amount", "of": "item"}])
    seller = world.seller("a")
    second = ItemFactory(seller=seller, code="second")
    EntryFactory(campaign=world.campaign, venue=world.venue, item=second)
    hour(second, "2023-05-17 10:00", paid_amount="7.00")
    world.make(ELEVEN)
    found = of(world, seller)
    assert (found.row.item, found.row.place, found.number, found.position) == (second, 1, 2, 1)
    pk = world.board(ELEVEN).pk
    found = of(world, seller, chosen={pk: ("", 2)})
    assert (found.row.place, found.number, found.position) == (2, 2, None)
    assert found.to_next.amount == Decimal("7.00")
    # Another's row, or none, leaves the best.
    assert of(world, seller, chosen={pk: ("", 9)}).row.place == 1


def test_a_pinned_one_does_not_move_the_rank_that_is_needed(world):
    world.race(places=2)
    world.segment()
    sellers = sold(world, a="5.00", b="4.00", c="3.00")
    Pin.objects.create(
        venue=world.venue, race_code="race", position=1, seller=sellers["c"],
        starts_at=local("2023-05-01"), pinned_at=local("2023-05-01"), reason="r",
    )  # fmt: skip
    world.make(ELEVEN)
    pinned, out = of(world, sellers["c"]), of(world, sellers["b"])
    assert (pinned.row.place, pinned.position, pinned.to_last) == (3, 1, None)
    assert (out.position, out.last_place) == (None, 1)


def test_who_is_not_on_a_board_has_no_standing_there(world):
    world.race()
    world.segment()
    world.seller("a")
    stranger = world.seller("b", status="submitted")
    world.make(ELEVEN)
    assert of(world, stranger) is None


def test_the_history_has_a_gap_where_the_seller_was_not_ranked(world):
    world.race(places=1)
    world.segment()
    world.seller("a")
    seller = world.seller("b")
    hour(seller, "2023-05-17 09:00", paid_amount="1.00")
    world.make(ELEVEN)
    seller.entries.update(status="abnormal")
    world.make("2023-05-17 12:00")
    seller.entries.update(status="approved")
    world.make("2023-05-17 13:00")
    found = history(world.board("2023-05-17 13:00"), seller, periods=4)
    assert [(one.board.starts_at, one.rank, one.position) for one in found] == [
        (local("2023-05-17 10:00"), 1, 1),
        (local("2023-05-17 11:00"), 2, None),
        (local("2023-05-17 12:00"), None, None),
        (local("2023-05-17 13:00"), 2, None),
    ]
    # A history ends with the board that is looked at.
    assert len(history(world.board("2023-05-16 21:00"), seller)) == 2


# A published rulebook is remembered outside a transaction.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 3])
def test_many_boards_take_as_many_queries_as_one(world, number, django_assert_num_queries):
    world.race(places=1)
    world.segment()
    seller = sold(world, a="1.00", b="2.00")["a"]
    world.make(ELEVEN)
    boards = list(world.campaign.boards.order_by("-starts_at").select_related("version")[:number])
    assert BoardRow.objects.filter(board=boards[0]).count() == 2
    standings(boards, seller)
    # Own rows, positions, the last that stand, their neighbours, and declared facts.
    with django_assert_num_queries(5):
        assert len(standings(boards, seller)) == number

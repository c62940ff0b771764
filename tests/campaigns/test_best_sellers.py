"""The best items and sellers: of the board that holds, else of the sums of the whole sale."""

import pytest

from campaigns.best_sellers import rankings
from campaigns.models import CampaignSales
from tests.campaigns.racing.world import SALES, hour
from tests.campaigns.sales_world import SalesWorld
from tests.factories import SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db

OF_ITEMS = [{"sum": "clean_amount", "of": "item"}]


@pytest.fixture
def world():
    return SalesWorld()


def ranked(world, at):
    mark = CampaignSales.objects.filter(campaign=world.campaign).first()
    items, sellers = rankings(world.campaign, world.version, mark, local(at))
    assert (items["unit"], sellers["unit"]) == ("item", "seller")
    return items, sellers


def lines(ranking):
    return [(row["place"], row["code"], row["amount"]) for row in ranking["rows"]]


def test_a_board_that_ranks_sales_is_shown_with_its_hours(world):
    world.opened.terms.title = {"en": "Main"}
    world.opened.terms.save()
    world.race(title={"en": "Hourly"})
    world.segment()
    for code, amount in (("a", "5.00"), ("b", "7.25")):
        hour(world.seller(code), "2023-05-17 13:00", paid_amount=amount)
    world.make("2023-05-17 14:00")
    world.add_up("2023-05-17 14:00")

    items, sellers = ranked(world, "2023-05-17 14:05")

    assert lines(sellers) == [(1, "b", "7.25"), (2, "a", "5.00")]
    assert (sellers["source"], sellers["title"], sellers["venue"]) == (
        "board", {"en": "Hourly"}, {"en": "Main"},
    )  # fmt: skip
    assert (sellers["from"], sellers["until"]) == (
        "2023-05-17T13:00:00+08:00",
        "2023-05-17T14:00:00+08:00",
    )
    assert (items["source"], items["rows"]) == ("sales", [])


def test_items_of_a_board_have_their_seller(world):
    world.race(unit="item")
    world.segment(measures=OF_ITEMS)
    item = world.item("a", title="Silk scarf", seller=SellerFactory(name="Silk House"))
    world.sold(item, "2023-05-17 13:00", "5.00")
    world.make("2023-05-17 14:00")

    items, _sellers = ranked(world, "2023-05-17 14:05")

    assert items["rows"] == [
        {"place": 1, "code": "a", "name": "Silk scarf", "seller": "Silk House", "amount": "5.00"}
    ]


def test_a_board_stays_an_hour_until_the_next_is_made(world):
    world.race()
    world.segment()
    hour(world.seller("a"), "2023-05-17 13:00", paid_amount="5.00")
    world.make("2023-05-17 14:00")

    assert ranked(world, "2023-05-17 15:59:59")[1]["source"] == "board"
    assert ranked(world, "2023-05-17 16:00:00")[1]["source"] == "sales"
    assert ranked(world, "2023-05-16 19:59:59")[1]["source"] == "sales"


@pytest.mark.parametrize(
    "segment",
    [
        {"measures": [{"sum": "cart_amount", "of": "seller"}]},
        {"measures": [{**SALES[0], "order": "asc"}]},
        {"measures": [{**SALES[0], "weight": 1, "percentile": True}], "score": "weights"},
    ],
    ids=["carts", "the least first", "scores"],
)
def test_boards_that_do_not_rank_sales_are_not_shown(world, segment):
    world.race()
    world.segment(**segment)
    seller = world.seller("a")
    hour(seller, "2023-05-17 13:00", paid_amount="5.00", cart_amount="9.00")
    assert world.make("2023-05-17 14:00").made > 0
    assert ranked(world, "2023-05-17 14:05")[1]["source"] == "sales"


def test_of_two_races_the_one_that_the_rulebook_names_first(world):
    for position, code in enumerate(("second", "first")):
        world.race(code=code, position=1 - position, title={"en": code})
        world.segment(code=code, race=code)
    hour(world.seller("a"), "2023-05-17 13:00", paid_amount="5.00")
    world.make("2023-05-17 14:00")
    assert ranked(world, "2023-05-17 14:05")[1]["title"] == {"en": "first"}


def test_without_a_race_the_sums_of_the_sale_are_shown(world):
    item = world.item("a", title="Silk scarf", seller=SellerFactory(code="s", name=""))
    world.sold(item, "2023-05-17 13:00", "5.00")
    world.add_up("2023-05-17 14:05")

    items, sellers = ranked(world, "2023-05-17 14:05")

    assert items["rows"] == [
        {"place": 1, "code": "a", "name": "Silk scarf", "seller": "s", "amount": "5.00"}
    ]
    assert lines(sellers) == [(1, "s", "5.00")]
    assert items["until"] == "2023-05-17T14:00:00+08:00"

"""Which feeds a re-check rests on."""

import pytest

from campaigns.sweeping.feeds_behind import feed_kinds
from sellers.feeds.kinds import KINDS
from tests.campaigns.sweeping.worlds import NIGHT, World
from tests.factories import (
    FactDefinitionFactory,
    ParameterTableFactory,
    SnapshotFactory,
    StatisticFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    series = {"version": world.version, "window": {"trailing_days": 30}, "function": "sum"}
    StatisticFactory(code="item.sold", source="item_days", field="quantity", **series)
    StatisticFactory(code="item.cart", source="item_hours", field="cart_amount", **series)
    StatisticFactory(code="item.presold", source="item_days", field="presale_quantity", **series)
    StatisticFactory(
        code="item.lowest",
        version=world.version,
        function="min",
        source="list_prices",
        field="price",
        window={"trailing_days": 30},
    )
    StatisticFactory(
        code="seller.points",
        version=world.version,
        level="seller",
        function="sum",
        source="violations",
        field="points",
        window={"trailing_days": 30},
    )
    StatisticFactory(
        code="item.ratio",
        version=world.version,
        function="ratio",
        numerator="item.cart",
        denominator="item.sold",
    )
    SnapshotFactory(version=world.version, code="seller.level", metric="seller.growth_level")
    FactDefinitionFactory(code="item.declared")
    ParameterTableFactory(version=world.version, code="table", keys=["seller.growth_level"])
    return world


@pytest.mark.parametrize(
    ("require", "kinds"),
    [
        (["item.stock", ">=", 1], {"items"}),
        (["seller.growth_level", ">=", 1], {"sellers"}),
        (["item.declared", ">=", 1], {"facts"}),
        (["item.sold", ">=", 1], {"orders"}),
        (["item.cart", ">=", "1"], {"carts"}),
        (["item.presold", ">=", 1], {"carts"}),
        (["item.ratio", ">=", "0.5"], {"carts", "orders"}),
        (["item.lowest", ">=", "1"], {"list_prices"}),
        (["seller.points", "<", 12], {"violations"}),
        (["seller.level", ">=", 1], set()),
        (["entry.min_order_qty", ">=", 1], set()),
        (["entry.activity_price", "<=", {"metric": "item.list_price"}], {"items"}),
        (["entry.min_order_qty", ">=", {"table": "table"}], {"sellers"}),
        ({"any": [["item.stock", ">=", 1], {"not": ["item.sold", ">=", 1]}]}, {"items", "orders"}),
    ],
)
def test_each_metric_comes_from_its_feed(world, require, kinds):
    world.requires("R", require, "flag")
    assert feed_kinds(world.version, NIGHT) == kinds
    assert kinds <= set(KINDS)


def test_the_premise_counts_and_what_is_not_rechecked_does_not(world):
    requirement = world.requires(
        "R", ["item.stock", ">=", 1], "flag", applies_when=["seller.points", "<", 12]
    )
    assert feed_kinds(world.version, NIGHT) == {"items", "violations"}
    requirement.stages = {"admission": "reject"}
    requirement.save()
    assert feed_kinds(world.version, NIGHT) == set()

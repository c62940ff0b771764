"""What statistics can say of violations: points by kind and time, special ones, of items or not."""

import pytest

from tests.campaigns.statistics.worlds import World
from tests.factories import ItemFactory, ViolationFactory
from tests.times import local

pytestmark = pytest.mark.django_db
YEAR = {"since": "2023-01-01 00:00:00", "anchored": "year"}
YEAR_BEFORE = {"from": "2022-01-01 00:00:00", "to": "2023-01-01 00:00:00", "anchored": "year"}
VERIFIED = ["verified", "==", True]


@pytest.fixture
def world():
    return World()


def test_points_are_added_up_by_kind_severity_and_time(world):
    def fined(points, at="2023-02-01", **more):
        ViolationFactory(seller=world.seller, points=points, penalised_at=local(at), **more)

    fined(1, category="prohibited")
    fined(2, category="spot_check", severity="serious")
    fined(4, category="spot_check", severity="general")
    fined(8, category="prohibited", at="2022-12-31 23:59:59")
    fined(16, category="prohibited", at="2023-01-01")
    fined(32, category="prohibited", verified=False)
    fined(64, category="prohibited", known_at=local("2023-05-17"))
    fined(128, category="late")
    fined(256, at="2022-01-01")
    fined(512, at="2021-12-31 23:59:59")
    prohibited = ["category", "==", "prohibited"]
    checks = ["category", "==", "spot_check"]
    serious = ["severity", "==", "serious"]

    def points(window, where):
        return world.ask(
            level="seller", function="sum", source="violations", field="points", window=window,
            where={"all": [where, VERIFIED]},
        )  # fmt: skip

    assert points(YEAR, {"any": [prohibited, {"all": [checks, serious]}]}) == 1 + 2 + 16
    assert points(YEAR, ["category", "in", ["prohibited", "spot_check"]]) == 1 + 2 + 4 + 16
    assert points(YEAR_BEFORE, ["category", "==", "counterfeit"]) == 256
    assert points(YEAR_BEFORE, prohibited) == 8
    assert points(YEAR, ["category", "==", "counterfeit"]) == 0


def test_special_ones_without_points_are_counted(world):
    for points, special in ((0, True), (0, False), (3, False)):
        ViolationFactory(
            seller=world.seller, points=points, is_special_zero=special,
            penalised_at=local("2023-01-01"),
        )  # fmt: skip

    def number(where):
        return world.ask(
            level="seller", function="count", source="violations", window=YEAR, where=where
        )

    assert number(["category", "==", "counterfeit"]) == 3
    assert number(["is_special_zero", "==", True]) == 1
    assert number(["points", "==", 0]) == 2


def test_those_of_an_item_and_those_of_the_shop(world):
    ViolationFactory(seller=world.seller, item=world.item, points=1)
    ViolationFactory(seller=world.seller, item=ItemFactory(seller=world.seller), points=2)
    ViolationFactory(seller=world.seller, points=4)
    points = {"function": "sum", "source": "violations", "field": "points"}
    assert world.ask(level="item", **points) == 1
    assert world.ask(level="seller", **points) == 7
    assert world.ask(level="seller", where=["item", "is_missing"], **points) == 4
    assert world.ask(level="seller", where=["item", "is_known"], **points) == 3
    assert world.ask(level="seller", where={"not": ["item", "is_missing"]}, **points) == 3
    assert world.ask(at=local("2023-03-31"), level="seller", **points) == 0

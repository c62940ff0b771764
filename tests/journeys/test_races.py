"""Races and boards as a shop sees them, with much and with nothing on them.

With PICTURES set to a folder, pictures are kept there.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password

from campaigns import published
from campaigns.models import Race, RaceSegment
from campaigns.registering import join
from sellers import clock
from tests.campaigns.racing.stored import CART, stored_board
from tests.campaigns.racing.world import RaceFactory, RaceSegmentFactory
from tests.factories import EntryFactory, MembershipFactory, SellerFactory, UserFactory
from tests.journeys.conftest import NOW
from tests.times import local

pytestmark = pytest.mark.browser
FOLDER = os.environ.get("PICTURES")
PASSWORD = "a-shop-of-my-own"
RATIO = {
    **CART,
    "said": {"ratio": [{"sum": "quantity", "of": "item"}, {"metric": "entry.activity_price"}]},
    "unit": "units/CNY",
    "places": 6,
    "inputs": [
        {"place": 2, "places": 0, "unit": "units"},
        {"place": 3, "places": 2, "unit": "CNY"},
    ],
}
NOON = "2023-05-17 12:00"


@pytest.fixture
def shop(season, monkeypatch):
    user = UserFactory(username="moon", password=make_password(PASSWORD))
    seller = SellerFactory(code="S1", name="Moonlight Gifts 月光礼品店", growth_level=6)
    MembershipFactory(seller=seller, user=user)
    join(campaign=season, seller=seller, at=NOW, actor=user)
    monkeypatch.setattr(clock, "now", lambda: local(NOON) + timedelta(minutes=10))
    return seller


@pytest.fixture
def raced(season, shop):
    """A race with boards of a day, one to come, and one that asks for what the shop lacks."""
    version, venue = season.versions.get(), season.venues.get()
    Race.objects.all().delete()
    RaceSegment.objects.all().delete()
    hourly = {"during": "live", "every": "hour", "facts": "previous_hour"}
    for number, (code, en, zh) in enumerate(
        [
            ("main", "Main venue race by the hour", "主会场小时赛马"),
            ("later", "Evening race", "晚场赛马"),
            ("affiliate", "Affiliate venue", "淘宝客会场"),
        ]
    ):
        RaceFactory(
            version=version, code=code, venue_codes=[venue.code], position=number,
            title={"en": en, "zh-hans": zh},
            where=["seller.growth_level", ">=", 9] if code == "affiliate" else None,
        )  # fmt: skip
        RaceSegmentFactory(
            version=version, code=code, race=code, measures=[CART["said"], RATIO["said"]], **hourly
        )
    version.settings = {
        **version.settings,
        "campaign": {
            **version.settings["campaign"],
            "remedies": [
                {
                    "metric": "seller.growth_level",
                    "text": {"en": "Grow your shop.", "zh-hans": "提升店铺成长等级。"},
                    "link": "/seller/",
                }
            ],
        },
    }
    version.save()
    registration = shop.registrations.get()
    EntryFactory(registration=registration, venue=venue)
    others = [
        SellerFactory(name=f"A shop with a rather long name indeed {n} 号旗舰店") for n in range(20)
    ]
    board = None
    for hour in range(16):
        ranked = [(other, 123456 - 1000 * n) for n, other in enumerate(others)]
        if hour != 6:
            ranked.insert((hour * 7) % 19, (shop, 123456 - 1000 * ((hour * 7) % 19)))
        starts_at = str(datetime.fromisoformat(NOON) - timedelta(hours=15 - hour))
        board = stored_board(
            version, venue, starts_at, ranked, race="main", segment="main", places=10,
            measures=[{**CART, "weight": "0.7"}, {**RATIO, "weight": "0.3"}],
            score_places=6,
        )  # fmt: skip
        board.rows.update(input_2=150, input_3=8800, value_2=1704545, score=123456780000)
    # What the process knows of the published version was read before.
    published.forget()
    return board


def keep(visitor, name):
    """Keep a picture of the whole page, if pictures are asked for."""
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        width = visitor.page.viewport_size["width"]
        path = f"{FOLDER}/{name}-{visitor.language}-{width}.png"
        visitor.page.screenshot(path=path, full_page=True)


def test_much(visitor, season, shop, raced):
    visitor.log_in("moon", PASSWORD)
    home = f"/seller/{shop.pk}/campaigns/{season.code}/"
    visitor.go(home)
    keep(visitor, "campaign-with-races")
    visitor.press(f'a[href="{home}races/"]')
    keep(visitor, "races")
    visitor.press(f'a[href="{home}races/boards/{raced.pk}/"]')
    drawn = "document.querySelector('canvas').getContext('2d').getImageData(0,0,400,200)"
    assert visitor.page.evaluate(f"{drawn}.data.some((value) => value > 0)")
    keep(visitor, "board")
    # The table is reached by key, and leads to a past board.
    visitor.page.locator("details.fold > summary").focus()
    visitor.page.keyboard.press("Enter")
    assert visitor.page.locator("#ranks-table").is_visible()
    visitor.look()
    keep(visitor, "board-table")
    past = visitor.page.locator("#ranks-table a").last
    past.focus()
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.look()
    keep(visitor, "board-past")


def test_nothing(visitor, season, shop):
    visitor.log_in("moon", PASSWORD)
    races = f"/seller/{shop.pk}/campaigns/{season.code}/races/"
    visitor.go(races)
    keep(visitor, "no-races")
    RaceFactory(version=season.versions.get(), venue_codes=[season.venues.get().code])
    published.forget()
    visitor.go(races)
    keep(visitor, "in-no-race")

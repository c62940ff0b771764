"""Section 3: badges, and what is exported of the candidates for the venues."""

import csv

import pytest
from django.core.management import call_command

from campaigns import reviewing
from campaigns.models import Entry
from campaigns.registering import FilingRow, file_entries
from tests.rules.boards import board
from tests.rules.g520.world import FILED, REDUCTION

AT = "2023-05-16 10:00:00"
BADGE = {"badge_en": "520 gifting season", "badge_zh-hans": "520礼遇季"}


@pytest.fixture
def world(world):
    world.items({"code": "gift", "industry": "gifts"}, {"code": "chosen", "industry": "gifts"})
    return world


def exported(world, feed, at=AT):
    """The lines of an exported file, as of a local time."""
    path = world.folder / "export.csv"
    call_command(
        "privileges", str(path), "--campaign", world.campaign.code, "--at", at, "--list", feed
    )
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def choose(world, item):
    """The platform brings an item in."""
    rows = [FilingRow(item=item, price="88.00", list_source="stock_list", tools=REDUCTION)]
    (row,) = file_entries(
        registration=world.join("s1").registration, venue=world.venue, rows=rows, at=FILED,
        actor=world.user, key="chosen", source=Entry.Source.PLATFORM,
    ).rows  # fmt: skip
    reviewing.approve(entries={row.entry.pk: 1}, at=FILED, actor=world.user)


@pytest.mark.rule("G520-010")
def test_an_approved_item_wears_the_badge_and_an_abnormal_one_does_not(world):
    world.approved("gift")

    (line,) = exported(world, "items")
    assert (line["item"], {key: line[key] for key in BADGE}) == ("gift", BADGE)

    world.feed("items", {"code": "gift", "ship_time_hours": "49"}, at="2023-05-11 12:00:00")
    world.sweep("2023-05-12 02:00:00")
    assert exported(world, "items") == []


@pytest.mark.rule("G520-012")
def test_what_the_platform_chose_and_what_sellers_filed_both_show_with_their_source(world):
    world.approved("gift")
    choose(world, "chosen")
    board(world, "industry", AT)

    found = {line["item"]: line["source"] for line in exported(world, "places")}

    assert found == {"gift": "seller", "chosen": "platform"}


@pytest.mark.rule("G520-014")
def test_who_stands_in_a_venue_made_for_each_visitor_is_of_its_candidate_pool(world):
    world.approved("gift")
    board(world, "industry", AT)

    (line,) = exported(world, "places")

    assert (line["item"], line["candidate_pool"]) == ("gift", "true")

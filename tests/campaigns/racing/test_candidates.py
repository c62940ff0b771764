"""Who takes part in a race, where that hangs on the venue whose places it is about."""

import pytest

from campaigns.models import BoardRow
from tests.campaigns.racing.world import RaceWorld
from tests.factories import ParameterRowFactory, ParameterTableFactory, VenueTermsFactory

pytestmark = pytest.mark.django_db
AT = "2023-05-17 10:00"


@pytest.fixture
def world():
    world = RaceWorld(kind="outer")
    world.segment()
    return world


def venue(world, code, **terms):
    """A further venue of the campaign."""
    return VenueTermsFactory(version=world.version, code=code, **terms).venue


def on_boards(world):
    """Codes of the sellers on the board of AT, by venue."""
    world.make(AT)
    rows = BoardRow.objects.filter(board__starts_at=world.board(AT, venue=world.seen).starts_at)
    found = {}
    for code, seller in rows.order_by("place").values_list("board__venue__code", "seller__code"):
        found.setdefault(code, []).append(seller)
    return found


def test_a_table_says_who_races_for_which_venue(world):
    table = ParameterTableFactory(
        version=world.version, code="home", type="text", keys=["item.industry"], default="shoes"
    )
    ParameterRowFactory(table=table, keys=["apparel"], value="clothes")
    world.seen = venue(world, "shoes", kind="branch", feeds_from_kinds=["outer"])
    venue(world, "clothes", kind="branch", feeds_from_kinds=["outer"])
    world.race(
        venue_codes=[],
        venue_kinds=["branch"],
        candidates="feeding",
        where=["entry.raced_venue", "==", {"table": "home"}],
    )
    world.seller("a", item={"industry": "apparel"})
    world.seller("b", item={"industry": "toys"})

    assert on_boards(world) == {"clothes": ["a"], "shoes": ["b"]}


def test_what_feeds_a_venue_without_registrations_feeds_the_one_above_it(world):
    middle = {"takes_registrations": False, "feeds_from_kinds": ["outer"]}
    venue(world, "middle", kind="middle", **middle)
    world.seen = venue(
        world, "top", kind="top", takes_registrations=False, feeds_from_kinds=["middle"]
    )
    world.race(venue_codes=["top"], candidates="feeding")
    world.seller("a")

    assert on_boards(world) == {"top": ["a"]}


def test_what_feeds_a_venue_with_registrations_does_not(world):
    middle = venue(world, "middle", kind="middle", feeds_from_kinds=["outer"])
    world.seen = venue(world, "top", kind="top", feeds_from_kinds=["middle"])
    world.race(venue_codes=["top"], candidates="feeding")
    world.seller("a")
    world.seller("b", venue=middle)

    assert on_boards(world) == {"top": ["b"]}


def test_venues_that_feed_each_other_are_asked_once(world):
    loop = {"takes_registrations": False, "kind": "loop", "feeds_from_kinds": ["loop", "outer"]}
    world.seen = venue(world, "one", **loop)
    venue(world, "two", **loop)
    world.race(venue_codes=["one"], candidates="feeding")
    world.seller("a")

    assert on_boards(world) == {"one": ["a"]}


def test_invited_are_those_who_filed_in_the_venue_under_an_invitation(world):
    world.seen = branch = venue(world, "branch", kind="branch", feeds_from_kinds=["outer"])
    world.race(venue_codes=["branch"], candidates="both", invited=True)
    world.seller("a", venue=branch, slot_source="invitation")
    world.seller("d", venue=branch, slot_source="reverse_invitation")
    world.seller("b", venue=branch)
    # Outer takes invited items alone; that is another invitation.
    world.seller("c", slot_source="invitation")

    assert sorted(on_boards(world)["branch"]) == ["a", "d"]

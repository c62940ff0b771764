"""A race whose boards place and invite, and its state as natural keys, to compare two runs."""

import json

from campaigns.models import Board, BoardRow, Invitation, Notice, Placement
from campaigns.racing.causing import invited_by
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import VenueTermsFactory
from tests.times import local

FIRST = "2023-05-17 10:00"
SELLERS = ("a", "b", "c", "d", "e")
# What each sold in the hours before 10, 11, 12 and 13 o'clock.
SOLD = {"a": "1545", "b": "2124", "c": "3213", "d": "4352", "e": "5431"}
BOARD = ("venue__code", "race_code", "segment_code", "starts_at")


def a_race():
    """Sellers of a branch who race for two places of the main venue by the hour; the best three
    are invited. What is due before 10 o'clock is made."""
    world = RaceWorld(feeds_from=["branch"])
    branch = VenueTermsFactory(version=world.version, code="branch").venue
    world.race(candidates="feeding", places=2)
    world.segment(invites=3, invited_items=1)
    world.sellers = {}
    for code in SELLERS:
        seller = world.sellers[code] = world.seller(code, venue=branch)
        for n, sold in enumerate(SOLD[code]):
            hour(seller, f"2023-05-17 {9 + n:02}:00", paid_amount=f"{sold}00.00")
    world.make("2023-05-17 09:00")
    return world


def state(*, invited=True):
    """All that boards left behind but when, and how late, they were made."""
    found = {
        "boards": Board.objects.values_list(
            *BOARD, "ends_at", "state", "version__number", "unit", "facts_from", "facts_to",
            "measures", "score_places", "floor_code", "places", "candidates",
        ),
        "rows": BoardRow.objects.values_list(
            *(f"board__{name}" for name in BOARD), "group", "place", "seller__code", "item__code",
            "filed_at", "score", "input_1", "input_2", "value_1",
        ),
        "placements": Placement.objects.values_list(
            *(f"board__{name}" for name in BOARD), "group", "outcome", "position", "rank",
            "pinned", "seller__code", "item__code", "source__code",
        ),
    }  # fmt: skip
    if invited:
        found["invitations"] = Invitation.objects.values_list(
            "venue__code", "seller__code", "kind", "expires_at", "items"
        )
        found["notices"] = Notice.objects.values_list("seller__code", "cause")
    return {
        name: sorted(json.dumps(row, default=str) for row in rows) for name, rows in found.items()
    }


def forget(starts_at):
    """Take away a board and what it caused."""
    board = Board.objects.get(starts_at=local(starts_at))
    Notice.objects.filter(at=board.made_at).delete()
    invited_by(board).delete()
    board.delete()

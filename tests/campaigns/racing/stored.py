"""Boards as they are stored, without making them: for pages and the API."""

from datetime import timedelta

from campaigns.models import Board, BoardRow, Placement
from tests.times import local

CART = {
    "said": {"sum": "cart_amount", "of": "seller"},
    "title": {},
    "unit": "CNY",
    "places": 2,
    "descending": True,
    "percentile": False,
    "weight": None,
    "inputs": [{"place": 1, "places": 2, "unit": "CNY"}],
}


def stored_board(version, venue, starts_at, ranked, *, race="race", segment="hours", **fields):
    """A board of an hour that is made; ``ranked`` are (seller, amount in cents) or (seller, item,
    cents), best first. Of ``places`` the first stand."""
    begins = local(starts_at)
    fields = {
        "unit": "seller",
        "ends_at": begins + timedelta(hours=1),
        "facts_from": begins - timedelta(hours=1),
        "facts_to": begins,
        "measures": [CART],
        "score_places": 2,
        "state": Board.State.MADE,
        "made_at": begins,
        "candidates": len(ranked),
        **fields,
    }
    board = Board.objects.create(
        campaign=version.campaign, version=version, venue=venue, race_code=race,
        segment_code=segment, starts_at=begins, **fields,
    )  # fmt: skip
    rows = [(row[0], row[1] if len(row) == 3 else None, row[-1]) for row in ranked]
    BoardRow.objects.bulk_create(
        BoardRow(board=board, place=place, seller=seller, item=item, entry_id=place, input_1=cents)
        for place, (seller, item, cents) in enumerate(rows, 1)
    )
    Placement.objects.bulk_create(
        Placement(
            board=board, outcome="promoted", position=place, rank=place, seller=seller, item=item,
            source=venue,
        )
        for place, (seller, item, _cents) in enumerate(rows[: board.places or 0], 1)
    )  # fmt: skip
    return board

"""A small campaign with races: rows of its rulebook, sellers with entries, and their hours."""

from datetime import date
from decimal import Decimal

from campaigns.models import Board, BoardRow, Race, RaceSegment
from campaigns.racing.boards import make_due
from sellers.models import ItemDay, ItemHour, SellerDay, SellerHour
from tests.factories import (
    EntryFactory,
    ItemFactory,
    RulebookRowFactory,
    SellerFactory,
    open_campaign,
)
from tests.times import local

CART = [{"sum": "cart_amount", "of": "seller"}]
SALES = [{"sum": "clean_amount", "of": "seller"}]


class RaceFactory(RulebookRowFactory):
    class Meta:
        model = Race

    code = "race"
    venue_codes = ["main"]
    ties = ["filed", "id"]


class RaceSegmentFactory(RulebookRowFactory):
    class Meta:
        model = RaceSegment

    code = "hours"
    race = "race"
    during = "live"
    every = "hour"
    facts = "previous_hour"
    measures = SALES


class RaceWorld:
    """An open campaign, and what races need of it."""

    def __init__(self, **terms):
        self.opened = open_campaign(**terms)
        self.campaign, self.version = self.opened.campaign, self.opened.version
        self.venue = self.opened.venue

    def race(self, **terms):
        """A race of this version."""
        return RaceFactory(version=self.version, **terms)

    def segment(self, **terms):
        """A segment of this version."""
        return RaceSegmentFactory(version=self.version, **terms)

    def seller(self, code, *, venue=None, **entry):
        """A seller with an approved entry of one item."""
        seller = SellerFactory(code=code)
        item = ItemFactory(code=f"{code}-item", seller=seller, **entry.pop("item", {}))
        EntryFactory(campaign=self.campaign, venue=venue or self.venue, item=item, **entry)
        return seller

    def make(self, at):
        """Make what is due."""
        return make_due(self.campaign, at if not isinstance(at, str) else local(at))

    def board(self, starts_at, **more):
        """The board of the period that begins then."""
        return Board.objects.get(campaign=self.campaign, starts_at=local(starts_at), **more)

    def ranked(self, starts_at, **more):
        """Codes of the board's sellers (or items), best first."""
        board = self.board(starts_at, **more)
        path = "item__code" if board.unit == "item" else "seller__code"
        rows = BoardRow.objects.filter(board=board).order_by("group", "place")
        return list(rows.values_list(path, flat=True))


def hour(subject, at, **amounts):
    """A seller's or item's hour, amounts as text."""
    _series(subject, SellerHour, ItemHour, "hour", local(at), amounts)


def day(subject, at, **amounts):
    """A seller's or item's day, amounts as text."""
    _series(subject, SellerDay, ItemDay, "day", date.fromisoformat(at), amounts)


def _series(subject, of_seller, of_item, time, value, amounts):
    kind = type(subject).__name__.lower()
    model = of_seller if kind == "seller" else of_item
    values = {name: Decimal(amount) for name, amount in amounts.items()}
    model.objects.update_or_create(**{kind: subject, time: value}, defaults=values)

"""A board made by the database is what sorting the same facts in Python gives."""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from campaigns.models import BoardRow, Entry, Race, RaceSegment
from campaigns.racing.boards import make
from campaigns.racing.periods import Due
from sellers.models import Item, ItemDay, ItemHour, Seller, SellerDay, SellerHour
from tests.campaigns.racing import reference
from tests.campaigns.racing.examples import (
    ENTRY_METRICS,
    ITEM_METRICS,
    ITEMS,
    MIDNIGHT,
    SELLER_METRICS,
    SELLERS,
    facts,
    races,
)
from tests.campaigns.racing.world import RaceWorld
from tests.factories import (
    CategoryFactory,
    ItemFactory,
    SellerFactory,
    StandingRegistrationFactory,
    VenueTermsFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
SPANS = {
    "preheat": (local("2023-05-15"), local("2023-05-16 20:00")),
    "live": (local("2023-05-16 20:00"), local("2023-05-21")),
}
MODELS = {
    ("seller", True): SellerHour,
    ("seller", False): SellerDay,
    ("item", True): ItemHour,
    ("item", False): ItemDay,
}


class World:
    """Sellers and items that every example has; the rest is the example's."""

    def __init__(self):
        self.races = RaceWorld(feeds_from=["branch"])
        version = self.races.version
        branch = VenueTermsFactory(version=version, code="branch")
        self.venues = {"main": self.races.venue, "branch": branch.venue}
        self.terms = self.races.opened.terms
        self.categories = {code: CategoryFactory(code=code) for code in ("c1", "c2")}
        self.sellers = [SellerFactory() for _ in range(SELLERS)]
        self.items = [ItemFactory(seller=self.sellers[n % SELLERS]) for n in range(ITEMS)]
        self.registrations = {
            seller.pk: StandingRegistrationFactory(campaign=self.races.campaign, seller=seller)
            for seller in self.sellers
        }


@pytest.fixture
def world(db):
    return World()


def counted(facts, starts_at):
    """Whether an hour or a day counts: days where the time begins and ends with one."""
    match facts:
        case "previous_hour":
            start, end = starts_at - timedelta(hours=1), starts_at
        case "previous_day":
            start, end = MIDNIGHT - timedelta(days=1), MIDNIGHT
        case {"since": code}:
            start, end = SPANS[code][0], starts_at
        case {"before": code}:
            start, end = local("2000-01-01"), SPANS[code][0]
        case {"milestone": code}:
            start, end = SPANS[code][0], min(SPANS[code][1], starts_at)
    start, end = start.astimezone(ZONE), end.astimezone(ZONE)
    days = start.hour == end.hour == 0

    def within(at):
        if isinstance(at, datetime):
            return not days and start <= at < end
        return days and start.date() <= at < end.date()

    return within


def stored(world, facts):
    """Write an example's facts; the entries as the reference reads them."""
    for rows, found in ((world.sellers, facts["sellers"]), (world.items, facts["items"])):
        for row, values in zip(rows, found, strict=True):
            for name, value in values.items():
                name = name.rpartition(".")[2]
                setattr(row, name, world.categories.get(value) if "category" in name else value)
    Seller.objects.bulk_update(
        world.sellers, ["main_category", *(code.partition(".")[2] for code in SELLER_METRICS)]
    )
    Item.objects.bulk_update(
        world.items, ["industry", *(code.partition(".")[2] for code in ITEM_METRICS)]
    )
    made = []
    for values in facts["entries"]:
        item = world.items[values["item"]]
        made.append(
            Entry(
                campaign=world.races.campaign, version=world.races.version,
                venue=world.venues[values["venue"]], item=item, seller=item.seller,
                registration=world.registrations[item.seller_id], status=values["status"],
                submitted_at=values["filed_at"],
                **{code.partition(".")[2]: values[code] for code in ENTRY_METRICS},
            )
        )  # fmt: skip
    Entry.objects.bulk_create(made)
    by_model = {model: [] for model in MODELS.values()}
    for (level, subject, at), values in facts["sold"].items():
        rows, is_hour = getattr(world, f"{level}s"), isinstance(at, datetime)
        model = MODELS[level, is_hour]
        time = {"hour" if is_hour else "day": at}
        by_model[model].append(model(**{level: rows[subject]}, **time, **values))
    for model, rows in by_model.items():
        model.objects.bulk_create(rows)
    return made


def number(value):
    return None if value is None else Fraction(value)


def expected(world, facts, terms, entries):
    """What the reference makes of it."""
    number_of_seller = {row.pk: n for n, row in enumerate(world.sellers)}
    group_by = terms["group_by"]
    found = []
    for entry, values in zip(entries, facts["entries"], strict=True):
        if values["status"] == "abnormal":
            continue
        of_seller = facts["sellers"][number_of_seller[entry.seller_id]]
        of_item = facts["items"][values["item"]]
        known = {**of_seller, **of_item, **values}
        found.append(
            reference.Filed(
                entry.pk, values["venue"], entry.seller_id, entry.item_id, values["filed_at"],
                known[group_by.partition(".")[2]] or "" if group_by else "",
                {code: number(value) for code, value in known.items() if "." in code},
            )
        )  # fmt: skip
    sold = [
        reference.Sold(
            level,
            getattr(world, f"{level}s")[subject].pk,
            at,
            {name: Fraction(value) for name, value in values.items()},
        )
        for (level, subject, at), values in facts["sold"].items()
    ]
    measures = [
        {**part, "ratio": [read(each, terms) for each in part["ratio"]]}
        if "ratio" in part
        else read(part, terms)
        for part in terms["measures"]
    ]
    venues = {"own": ["main"], "feeding": ["branch"], "both": ["main", "branch"]}
    race = {
        "unit": terms["unit"], "venues": venues[terms["candidates"]], "ties": terms["ties"],
        "groups": group_by.partition(".")[0], "weighted": terms["score"] == "weights",
        "items": {
            row.pk: (row.seller_id, values["industry"] or "")
            for row, values in zip(world.items, facts["items"], strict=True)
        },
    }  # fmt: skip
    return reference.board(race, measures, found, sold)


def read(part, terms):
    if "sum" not in part:
        return part
    return {**part, "within": counted(part.get("facts", terms["facts"]), terms["starts_at"])}


def made(world, terms):
    """The rows of the board that is made, as the reference has them."""
    race = Race(
        code="race", venue_codes=["main"], unit=terms["unit"], candidates=terms["candidates"],
        group_by=terms["group_by"], ties=terms["ties"],
    )  # fmt: skip
    segment = RaceSegment(
        code="hours", race="race", during="live", every="hour", facts=terms["facts"],
        score=terms["score"], measures=terms["measures"],
    )  # fmt: skip
    starts_at = terms["starts_at"]
    due = Due(
        world.races.version, race, segment, world.terms, starts_at, starts_at + timedelta(hours=1)
    )
    board = make(due, starts_at)
    rows = BoardRow.objects.filter(board=board).order_by("group", "place")
    assert board.candidates == len(rows)
    return [
        reference.Row(
            row.group, row.place, row.seller_id, row.item_id, row.entry_id, row.filed_at,
            None if row.score is None else Fraction(row.score, 10 ** (board.score_places + 4)),
            tuple(value_of(row, n, said) for n, said in enumerate(board.measures, 1)),
        )
        for row in rows
    ]  # fmt: skip


def value_of(row, n, said):
    (first, *others) = said["inputs"]
    is_plain = not others and not said["percentile"]
    scaled = getattr(row, f"input_{first['place']}" if is_plain else f"value_{n}")
    return None if scaled is None else Fraction(scaled, 10 ** said["places"])


@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=facts(), terms=races())
def test_the_database_ranks_as_python_does(world, facts, terms):
    with transaction.atomic():
        entries = stored(world, facts)
        assert made(world, terms) == expected(world, facts, terms, entries)
        transaction.set_rollback(True)


# An item that takes part by entries in two venues has the largest of their figures.
BY_ENTRIES = {
    "unit": "item",
    "candidates": "both",
    "group_by": "",
    "ties": ["filed", "id"],
    "facts": "previous_hour",
    "score": "order",
    "measures": [
        {"metric": "entry.min_order_qty", "order": "desc"},
        {"metric": "entry.activity_price", "order": "asc"},
    ],
    "starts_at": MIDNIGHT,
}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=facts())
def test_of_several_entries_the_largest_figure_counts(world, facts):
    with transaction.atomic():
        entries = stored(world, facts)
        assert made(world, BY_ENTRIES) == expected(world, facts, BY_ENTRIES, entries)
        transaction.set_rollback(True)

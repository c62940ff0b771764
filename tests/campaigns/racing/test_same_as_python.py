"""A board made by the database is what sorting the same facts in Python gives."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import BoardRow, Entry, Race, RaceSegment
from campaigns.racing.boards import make
from campaigns.racing.periods import Due
from sellers.models import Item, ItemDay, ItemHour, Seller, SellerDay, SellerHour
from tests.campaigns.racing import reference
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

SELLERS, ITEMS = 4, 7
MORNING, MIDNIGHT = local("2023-05-18 10:00"), local("2023-05-18")
ZONE = ZoneInfo("Asia/Shanghai")
SPANS = {
    "preheat": (local("2023-05-15"), local("2023-05-16 20:00")),
    "live": (local("2023-05-16 20:00"), local("2023-05-21")),
}
HOURS = [
    local(f"2023-05-{text}:00")
    for text in ("14 23", "15 00", "16 19", "16 20", "17 23", "18 00", "18 08", "18 09", "18 10")
]
DAYS = [date(2023, 5, day) for day in (14, 15, 16, 17, 18)]
MODELS = {
    ("seller", True): SellerHour,
    ("seller", False): SellerDay,
    ("item", True): ItemHour,
    ("item", False): ItemDay,
}
FACTS = [
    "previous_hour", "previous_day", {"since": "live"}, {"since": "preheat"}, {"before": "live"},
    {"milestone": "preheat"},
]  # fmt: skip
SELLER_METRICS = {
    "seller.growth_level": st.integers(1, 3),
    "seller.service_score": st.sampled_from(["0.00", "4.50", "4.51"]),
    "seller.one_click_closed": st.booleans(),
}
ITEM_METRICS = {
    "item.stock": st.integers(0, 3),
    "item.list_price": st.sampled_from(["0.00", "9.99", "10.00"]),
    "item.weight_kg": st.sampled_from(["0.500", "0.501"]),
}
ENTRY_METRICS = {
    "entry.min_order_qty": st.integers(0, 2),
    "entry.activity_price": st.sampled_from(["7.00", "8.00"]),
}
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0", "0.01", "1", "3.33", "100", "999.99")])


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


def maybe(strategy):
    return st.none() | strategy


@st.composite
def figures(draw):
    paid = draw(AMOUNTS)
    return {
        "paid_amount": paid,
        "abnormal_amount": draw(st.sampled_from([Decimal(0), paid, min(paid, Decimal("0.01"))])),
        "cart_amount": draw(AMOUNTS),
        "quantity": draw(st.integers(0, 3)),
    }


@st.composite
def facts(draw):
    """Of sellers, items, entries and their hours and days."""
    sold = {}
    for level, most in (("seller", SELLERS), ("item", ITEMS)):
        for times in (HOURS, DAYS):
            keys = st.tuples(st.integers(0, most - 1), st.sampled_from(times))
            found = draw(st.dictionaries(keys, figures(), max_size=8))
            sold |= {(level, *key): values for key, values in found.items()}
    return {
        "sellers": [
            {"main_category": draw(maybe(st.sampled_from(["c1", "c2"]))),
             **{code: draw(maybe(values)) for code, values in SELLER_METRICS.items()}}
            for _ in range(SELLERS)
        ],
        "items": [
            {"industry": draw(maybe(st.sampled_from(["", "x", "y"]))),
             **{code: draw(maybe(values)) for code, values in ITEM_METRICS.items()}}
            for _ in range(ITEMS)
        ],
        "entries": [
            {"venue": venue, "item": item,
             "filed_at": draw(maybe(st.sampled_from(HOURS[:3]))),
             "status": draw(st.sampled_from(["approved", "approved", "at_risk", "abnormal"])),
             **{code: draw(maybe(values)) for code, values in ENTRY_METRICS.items()}}
            for venue, item in sorted(draw(st.sets(
                st.tuples(st.sampled_from(["main", "branch"]), st.integers(0, ITEMS - 1)),
                min_size=1,
            )))
        ],
        "sold": sold,
    }  # fmt: skip


@st.composite
def races(draw):
    """A race's terms and a segment's measures, as a rulebook would have them."""
    unit = draw(st.sampled_from(["seller", "item"]))
    weighted = draw(st.booleans())
    metrics = [*SELLER_METRICS]
    levels = ["seller", "item"] if unit == "seller" else ["item"]
    if unit == "item":
        metrics += [*ITEM_METRICS, *ENTRY_METRICS]
    field = st.sampled_from(["clean_amount", "paid_amount", "cart_amount", "quantity"])
    sums = st.fixed_dictionaries(
        {"sum": field, "of": st.sampled_from(levels)}, optional={"facts": st.sampled_from(FACTS)}
    )
    part = sums | st.builds(lambda code: {"metric": code}, st.sampled_from(metrics))
    measures = []
    for _ in range(draw(st.integers(1, 3))):
        ratio = draw(st.booleans())
        measure = {"ratio": [draw(part), draw(part)]} if ratio else dict(draw(part))
        measure["order"] = draw(st.sampled_from(["desc", "asc"]))
        if weighted:
            measure["weight"] = draw(st.sampled_from([0, 0.0001, 0.3, 0.7, 1]))
            measure["percentile"] = draw(st.booleans())
        measures.append(measure)
    return {
        "unit": unit,
        "candidates": draw(st.sampled_from(["own", "feeding", "both"])),
        "group_by": draw(st.sampled_from(["", "item.industry", "seller.main_category"])),
        "ties": draw(st.sampled_from([["filed", "id"], ["id"], ["filed"], []])),
        "facts": draw(st.sampled_from(FACTS)),
        "score": "weights" if weighted else "order",
        "measures": measures,
        "starts_at": draw(st.sampled_from([MORNING, MIDNIGHT])),
    }


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


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=facts(), terms=races())
def test_the_database_ranks_as_python_does(world, facts, terms):
    with transaction.atomic():
        entries = stored(world, facts)
        # PostgreSQL sorts texts by its own collation; groups are kept apart all the same.
        assert made(world, terms) == expected(world, facts, terms, entries)
        transaction.set_rollback(True)

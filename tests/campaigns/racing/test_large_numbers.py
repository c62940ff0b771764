"""The largest amounts and weights: exact, or refused by the rulebook, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.measures import problems_of_segment
from campaigns.models import BoardRow, Race, RaceSegment
from campaigns.racing.boards import make
from campaigns.racing.periods import Due, spans_of
from tests.campaigns.racing.world import RaceWorld, hour
from tests.times import local

pytestmark = pytest.mark.django_db

STARTS = local("2023-05-17 10:00")
HOURLY = {"race": "race", "during": "live", "every": "hour", "facts": "previous_hour"}
LARGEST, NEXT = "100000000000.00", "99999999999.99"
CLEAN, CARTS, UNITS = (
    {"sum": field, "of": "seller"} for field in ("clean_amount", "cart_amount", "quantity")
)
TOO_LARGE = (
    "the weighted sum could become too large to be exact; expected smaller weights, or"
    " percentile: true for large figures"
)


@pytest.fixture
def world():
    world = RaceWorld()
    world.first, world.second = world.seller("a"), world.seller("b")
    return world


def ranked(world, measures, score="order"):
    """The rows of a board by these measures: (seller, score, first input, first value)."""
    due = Due(
        world.version,
        Race(code="race", ties=["filed", "id"]),
        RaceSegment(measures=measures, score=score, **HOURLY),
        world.opened.terms,
        STARTS,
        STARTS + timedelta(hours=1),
    )
    board = make(due, STARTS)
    rows = BoardRow.objects.filter(board=board).order_by("place")
    return list(rows.values_list("seller__code", "score", "input_1", "value_1"))


def problems(world, *measures, score="weights"):
    """What the rulebook's check says of a segment with these measures."""
    with translation.override("en"):
        return list(
            problems_of_segment(
                RaceSegment(measures=list(measures), score=score, **HOURLY),
                Race(code="race"),
                version=world.version,
                vocabulary=vocabulary_of(world.version),
                milestones=spans_of(world.version),
            )
        )


def test_the_largest_amount_is_weighed_exactly(world):
    hour(world.first, "2023-05-17 09:00", paid_amount=NEXT)
    hour(world.second, "2023-05-17 09:00", paid_amount=LARGEST)
    measures = [{**CLEAN, "weight": 92}]
    assert problems(world, *measures) == []
    assert ranked(world, measures, "weights") == [
        ("b", 10**13 * 920_000, 10**13, None),
        ("a", (10**13 - 1) * 920_000, 10**13 - 1, None),
    ]


def test_weights_that_could_overflow_are_refused(world):
    said = [(("measures",), TOO_LARGE)]
    # 10**13 hundredths times 92.2337 and 92.2338, kept as ten thousandths: 2**63 lies between.
    assert problems(world, {**CLEAN, "weight": 92.2337}) == []
    assert problems(world, {**CLEAN, "weight": 92.2338}) == said
    assert problems(world, {**CLEAN, "weight": 1000}) == said
    # Beside a share of six places an amount in hundredths counts 10**4 times.
    share = {"ratio": [CLEAN, CARTS], "weight": 0.1}
    assert problems(world, share, {**CARTS, "weight": 0.1}) == said
    assert problems(world, share, {**CARTS, "weight": 1000, "percentile": True}) == []
    # Counts are smaller: a billion of them times 0.9213 and 0.9214, beside the share.
    assert problems(world, share, {**UNITS, "weight": 0.9213}) == []
    assert problems(world, share, {**UNITS, "weight": 0.9214}) == said
    # One after the other nothing is added up.
    assert problems(world, CLEAN, CARTS, score="order") == []


def test_a_count_beyond_a_billion_counts_as_that(world):
    hour(world.first, "2023-05-17 09:00", quantity="1000000001")
    hour(world.second, "2023-05-17 09:00", quantity="999999999")
    assert ranked(world, [{**UNITS, "weight": 2}], "weights") == [
        ("a", 10**9 * 20_000, 1_000_000_001, None),
        ("b", 999_999_999 * 20_000, 999_999_999, None),
    ]


def test_a_sum_beyond_the_largest_amount_counts_as_that(world):
    for seller, more in ((world.first, LARGEST), (world.second, "0.01")):
        hour(seller, "2023-05-17 08:00", paid_amount=LARGEST)
        hour(seller, "2023-05-17 09:00", paid_amount=more)
    measures = [{**CLEAN, "facts": {"since": "live"}, "weight": 92}]
    assert ranked(world, measures, "weights") == [
        ("a", 10**13 * 920_000, 2 * 10**13, None),
        ("b", 10**13 * 920_000, 10**13 + 1, None),
    ]


@pytest.mark.parametrize(
    ("top", "bottom", "value"),
    [
        (LARGEST, LARGEST, 10**6),
        (NEXT, LARGEST, 999_999),
        (LARGEST, NEXT, 10**6),
        (LARGEST, "0.03", 10**13),
        ("10000000.00", "1.00", 10**13),
        ("9999999.99", "1.00", 9_999_999_990_000),
        ("0.01", LARGEST, 0),
        ("2.00", "3.00", 666_666),
        ("0.00", "3.00", 0),
        ("3.00", "0.00", None),
    ],
)
def test_a_ratio_is_exact_and_at_most_the_largest_number(world, top, bottom, value):
    hour(world.first, "2023-05-17 09:00", paid_amount=top, cart_amount=bottom)
    measures = [{"ratio": [CLEAN, CARTS]}]
    assert ranked(world, measures)[0][3] == value


def test_a_ratio_of_sums_over_time_is_rounded_down_too(world):
    for at, amount in (("08:00", "1.00"), ("09:00", "1.00")):
        hour(world.first, f"2023-05-17 {at}", paid_amount=amount, cart_amount="1.50")
    since = {"since": "live"}
    measures = [{"ratio": [{**CLEAN, "facts": since}, {**CARTS, "facts": since}]}]
    assert ranked(world, measures)[0][3] == 666_666


def test_units_over_an_amount_are_scaled_without_overflow(world):
    hour(world.first, "2023-05-17 09:00", quantity="9000000000", paid_amount="900000000.00")
    (row, _other) = ranked(world, [{"ratio": [UNITS, CLEAN]}])
    assert row[3] == Decimal(10) * 10**6

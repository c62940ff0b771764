"""Orders that are flagged as abnormal: nothing is lost between what was paid and what ranks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Race, RaceSegment
from campaigns.racing.boards import ranking_of
from campaigns.racing.periods import Due
from sellers.models import ItemHour, Order, OrderLine, SellerHour
from sellers.rollups import mark_hours, roll_up
from tests.campaigns.racing.world import RaceWorld
from tests.factories import EntryFactory, ItemFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db

STARTS = local("2023-05-18 10:00")
# The first and the last instant of the hour before, and one on either side of it.
PAID = [
    STARTS - timedelta(hours=1),
    STARTS - timedelta(microseconds=1),
    STARTS - timedelta(hours=1, microseconds=1),
    STARTS,
]
LINES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(PAID),
        st.integers(1, 10**6).map(lambda cents: Decimal(cents).scaleb(-2)),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
COUNTED = slice(0, 2)


@pytest.fixture
def world(db):
    world = RaceWorld()
    sellers = [SellerFactory(), SellerFactory()]
    world.items = [ItemFactory(seller=sellers[n % 2]) for n in range(4)]
    for item in world.items:
        EntryFactory(campaign=world.campaign, venue=world.venue, item=item)
    return world


def ordered(world, lines):
    """One order a line."""
    orders = Order.objects.bulk_create(
        Order(code=f"o{n}", state="paid", placed_at=at, paid_at=at, known_at=at)
        for n, (_item, at, _amount, _flagged) in enumerate(lines)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order, number=1, item=world.items[item], seller=world.items[item].seller,
            quantity=1, unit_price=amount, paid_amount=amount, abnormal=flagged, paid_at=at,
        )
        for order, (item, at, amount, flagged) in zip(orders, lines, strict=True)
    )  # fmt: skip
    mark_hours(OrderLine.objects.all())
    roll_up()


def paid_and_clean(world, unit):
    """What a board would rank by, in hundredths: (paid, clean) by seller or item."""
    race = Race(code="race", unit=unit, ties=["id"])
    measures = [{"sum": name, "of": unit} for name in ("paid_amount", "clean_amount")]
    segment = RaceSegment(
        race="race", during="live", every="hour", facts="previous_hour", measures=measures
    )
    due = Due(world.version, race, segment, world.opened.terms, STARTS, STARTS + timedelta(hours=1))
    ranking, _layout = ranking_of(due)
    subject, first = ranking.columns.index(unit), ranking.columns.index("input_1")
    return {row[subject]: tuple(row[first : first + 2]) for row in ranking.rows()}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=LINES, data=st.data())
def test_flagging_an_order_moves_exactly_it(world, lines, data):
    with transaction.atomic():
        ordered(world, lines)
        for model in (ItemHour, SellerHour):
            for row in model.objects.all():
                subject = "item_id" if model is ItemHour else "seller_id"
                here = OrderLine.objects.filter(
                    paid_at__gte=row.hour,
                    paid_at__lt=row.hour + timedelta(hours=1),
                    **{subject: getattr(row, subject)},
                )
                clean = sum(line.paid_amount for line in here if not line.abnormal)
                flagged = sum(line.paid_amount for line in here if line.abnormal)
                assert (row.paid_amount, row.abnormal_amount) == (clean + flagged, flagged)
        before = {unit: paid_and_clean(world, unit) for unit in ("seller", "item")}
        number = data.draw(st.integers(0, len(lines) - 1))
        line = OrderLine.objects.get(order__code=f"o{number}")
        this = OrderLine.objects.filter(pk=line.pk)
        mark_hours(this)
        this.update(abnormal=not line.abnormal)
        mark_hours(this)
        roll_up()
        moved = 0
        if line.paid_at in PAID[COUNTED]:
            moved = int(line.paid_amount * 100) * (1 if line.abnormal else -1)
        for unit, own in (("seller", line.seller_id), ("item", line.item_id)):
            expected = dict(before[unit])
            paid, clean = expected[own]
            expected[own] = (paid, clean + moved)
            assert paid_and_clean(world, unit) == expected
        transaction.set_rollback(True)

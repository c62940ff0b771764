"""What a board needs of Python does not grow with who takes part."""

import tracemalloc

import pytest

from campaigns.models import Board, Entry, Registration
from sellers.models import Item, Seller, SellerHour
from tests.campaigns.racing.world import RaceWorld
from tests.times import local

pytestmark = pytest.mark.django_db

FEW, MANY = 200, 4_000
# So much more may be needed for reasons of the moment; a row that is held takes half a kilobyte.
TOLERATED = 100_000


def enter(world, first, last):
    """Sellers with one item, its entry and sales each."""
    numbers = range(first, last)
    sellers = Seller.objects.bulk_create(Seller(code=f"s{n}") for n in numbers)
    items = Item.objects.bulk_create(Item(code=seller.code, seller=seller) for seller in sellers)
    terms = {"campaign": world.campaign, "version": world.version}
    at = local("2023-05-01")
    joined = Registration.objects.bulk_create(
        Registration(seller=seller, status="joined", created_at=at, **terms) for seller in sellers
    )
    Entry.objects.bulk_create(
        Entry(
            registration=registration, seller=registration.seller, item=item, venue=world.venue,
            status="approved", submitted_at=at, **terms,
        )
        for registration, item in zip(joined, items, strict=True)
    )  # fmt: skip
    SellerHour.objects.bulk_create(
        SellerHour(seller=seller, hour=local("2023-05-17 09:00"), paid_amount=n)
        for n, seller in enumerate(sellers)
    )


def most_held(world, at):
    """The most bytes that Python held while a board was made, beyond those before."""
    tracemalloc.start()
    try:
        world.make(at)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_candidates():
    world = RaceWorld()
    world.race(places=10)
    world.segment()
    enter(world, 0, FEW)
    world.make("2023-05-17 09:00")
    few = most_held(world, "2023-05-17 10:00")
    enter(world, FEW, MANY)
    many = most_held(world, "2023-05-17 11:00")
    assert list(Board.objects.order_by("-starts_at").values_list("candidates", flat=True)[:2]) == [
        MANY,
        FEW,
    ]
    assert many <= few + TOLERATED

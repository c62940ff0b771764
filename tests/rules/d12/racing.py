"""Shops for the races of Double 12: with entries in the venues, and what they sell and are put
into carts for."""

from datetime import timedelta

from campaigns.models import Entry
from tests.rules.d12.network import codes_of, invite
from tests.rules.d12.world import FILED

MINUTE = timedelta(minutes=1)


def item_of(code):
    """The item that a shop of these tests has."""
    return f"{code}-item"


def shops(world, *codes, venue="women", **facts):
    """Shops that have joined, with an approved entry of an item each, filed minute by minute."""
    register(world, *codes, **facts)
    for number, code in enumerate(codes):
        at = FILED[world.terms(venue).kind] + number * MINUTE
        if venue == "outer":
            invite(world, item_of(code), seller=code)
            (row,) = world.file(item_of(code), venue="outer", seller=code, at=at)
            assert row.status == "approved", codes_of(row)
        else:
            world.approved(item_of(code), venue=venue, seller=code, at=at)


def register(world, *codes, **facts):
    """Shops that have joined, with an item each and no entry."""
    world.sellers(*({"code": code, **facts} for code in codes))
    world.items(*({"code": item_of(code), "seller": code} for code in codes))
    # Whoever files in a branch in December has sold since November.
    world.sell(
        *({"item": item_of(code), "seller": code, "quantity": "30"} for code in codes),
        paid_at="2015-12-01 12:00:00",
    )  # fmt: skip
    for code in codes:
        world.ready(code)


def carts(world, day, **amounts):
    """So much was put into carts of shops on a day: a text, or a dict of figures."""
    fed(world, "seller", "day", day, amounts)


def hourly(world, hour, **amounts):
    """The same of an hour."""
    fed(world, "seller", "hour", hour, amounts)


def fed(world, subject, time, when, amounts):
    """Feed figures of sellers or items, by the day or by the hour."""
    rows = ({"cart_amount": each} if isinstance(each, str) else each for each in amounts.values())
    world.carts(*({subject: code.replace("_", "-"), time: when, **row}
                  for code, row in zip(amounts, rows, strict=True)))  # fmt: skip


def sold(world, paid_at, **amounts):
    """Each shop sells one unit of its item for so much."""
    world.sell(
        *({"item": item_of(code), "seller": code, "unit_price": amount}
          for code, amount in amounts.items()),
        paid_at=paid_at,
    )  # fmt: skip


def order(world, code, seller, amount, paid_at, *, abnormal, at=None):
    """An order that is, or is not any more, flagged as abnormal; told at a local time."""
    world.feed(
        "orders",
        {"order": code, "line": "1", "buyer": "b", "state": "paid", "placed_at": paid_at,
         "paid_at": paid_at, "seller": seller, "item": item_of(seller), "quantity": "1",
         "unit_price": amount, "paid_amount": amount, "abnormal": abnormal},
        at=at or paid_at,
    )  # fmt: skip
    world.rolled_up()


def entry_of(code, venue):
    """The latest entry of a shop in a venue."""
    return Entry.objects.filter(seller__code=code, venue__code=venue).latest("pk")

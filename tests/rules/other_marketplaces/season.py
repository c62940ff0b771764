"""All cases in one season: fed, joined, filed, changed by later feeds, and a night."""

import json
from io import StringIO

from django.core.management import call_command

from sellers.rollups import roll_up
from tests.rules.other_marketplaces.case import ListPrice, Orders, Violation
from tests.rules.other_marketplaces.item_cases import ITEMS
from tests.rules.other_marketplaces.seller_cases import SELLERS
from tests.rules.other_marketplaces.world import CHANGED, NIGHT


def play(world):
    """From the first feed to the morning after the night; the night's summary.

    Items that are refused belong to a seller "r1", the others to one for each that is kept or lost.
    """
    _sellers(world)
    _items(world)
    changes = {code: known for case in (*SELLERS, *ITEMS) for code, known in case.changes().items()}
    world.columns({code: known.facts for code, known in changes.items()}, at=CHANGED)
    world.facts({code: known.facts for code, known in changes.items()}, at=CHANGED)
    _events(world, changes, at=NIGHT)
    out = StringIO()
    call_command("nightly", "--campaign", "other-marketplaces", "--at", NIGHT, "--json", stdout=out)
    return json.loads(out.getvalue())


def _sellers(world):
    admitted = {code: known for case in SELLERS for code, known in case.subjects().items()}
    refused = {f"{case.name}-refused": case.refused for case in SELLERS}
    everybody = admitted | refused
    world.sellers({code: known.facts for code, known in everybody.items()})
    world.items({code: {} for code in everybody})
    _events(world, everybody, at="2023-05-08 10:00:00")
    for code in admitted:
        world.file(code, seller=code)
    for code in refused:
        world.join(code)


def _items(world):
    groups = {
        "r1": {f"{case.name}-refused": case.refused for case in ITEMS},
        "k1": {},
        "l1": {},
    }
    for case in ITEMS:
        for code, known in case.subjects().items():
            groups["l1" if code.endswith("-lost") else "k1"][code] = known
    world.sellers({code: {} for code in groups})
    for seller, items in groups.items():
        world.items({code: known.facts for code, known in items.items()}, seller=seller)
    _events(world, {code: known for items in groups.values() for code, known in items.items()})
    for seller, items in groups.items():
        world.file(*items, seller=seller)


def _events(world, subjects, at="2023-05-08 10:00:00"):
    """Feed the events of the subjects, a file of each kind, and roll up."""
    events = [(code, event) for code, known in subjects.items() for event in known.events]
    for event_type, (kind, rows_of) in _FEEDS.items():
        found = [(code, event) for code, event in events if isinstance(event, event_type)]
        rows = [
            row
            for number, (code, event) in enumerate(found)
            for row in rows_of(f"{code} {at} {number}", code, event)
        ]
        if rows:
            world.feed(kind, *rows, at=at)
    roll_up()


def _violation(code, seller, event):
    yield {
        "code": code,
        "seller": seller,
        "category": event.category,
        "severity": "general",
        "points": str(event.points),
        "occurred_at": event.time,
        "penalised_at": event.time,
        "verified": "true",
    }


def _orders(code, item, event):
    for number in range(event.number):
        yield {
            "order": f"{code} {number}",
            "line": "1",
            "buyer": f"b{number}",
            "state": "paid",
            "placed_at": event.paid_at,
            "paid_at": event.paid_at,
            "item": item,
            "quantity": "1",
            "unit_price": event.price,
            "paid_amount": event.price,
            "refunded_amount": event.price if number < event.refunded else "0",
            "abnormal": str(event.abnormal).lower(),
        }


def _list_price(_code, item, event):
    yield {
        "item": item,
        "price": event.price,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
    }


_FEEDS = {
    Violation: ("violations", _violation),
    Orders: ("orders", _orders),
    ListPrice: ("list_prices", _list_price),
}

"""Random facts of a few sellers and items, and random races over them."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from tests.times import local

SELLERS, ITEMS = 4, 7
MORNING, MIDNIGHT = local("2023-05-18 10:00"), local("2023-05-18")
HOURS = [
    local(f"2023-05-{text}:00")
    for text in ("14 23", "15 00", "16 19", "16 20", "17 23", "18 00", "18 08", "18 09", "18 10")
]
DAYS = [date(2023, 5, day) for day in (14, 15, 16, 17, 18)]
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
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0", "0.01", "1", "3.33", "7", "999.99")])


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
            found = draw(st.dictionaries(keys, figures(), min_size=5, max_size=14))
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
                min_size=4,
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
    part = sums | sums | st.builds(lambda code: {"metric": code}, st.sampled_from(metrics))
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

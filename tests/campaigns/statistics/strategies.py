"""Random rows around an instant, and random statistics over them."""

import operator
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from sellers.metrics.registry import MetricType
from sellers.metrics.statistics import SOURCES, SourceKind
from tests.campaigns.statistics.reference import ZONE
from tests.times import local

AT = local("2023-05-16 02:30:00")
MIDNIGHT = AT.astimezone(ZONE).replace(hour=0, minute=0)
TICK = timedelta(microseconds=1)
ITEM_SOURCES = ("item_days", "item_hours", "list_prices", "parallel_prices")
SELLER_SOURCES = ("seller_days", "seller_hours", "qualifications")
EVENTS = ("violations", "order_lines")
# Days from today at which windows and rows have their borders.
OFFSETS = (-31, -30, -8, -7, -2, -1, 0, 1)

small = st.integers(0, 4)
amounts = st.integers(0, 300).map(lambda n: Decimal(n).scaleb(-2))
midnights = st.sampled_from(OFFSETS).map(lambda days: MIDNIGHT + timedelta(days=days))
instants = st.one_of(
    st.builds(
        operator.add, midnights, st.sampled_from([-TICK, 0 * TICK, TICK, timedelta(hours=20)])
    ),
    st.sampled_from([AT - TICK, AT, AT + TICK]),
)
knowns = st.sampled_from([AT - timedelta(days=40), AT, AT + TICK])
series = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("quantity", "orders", "buyers", "abnormal_quantity", "presale_quantity"), small
        ),
        **dict.fromkeys(
            ("paid_amount", "abnormal_amount", "refunded_amount", "cart_amount"), amounts
        ),
        **dict.fromkeys(("presale_amount", "red_packet_claimed_amount"), amounts),
    }
).map(
    lambda row: {
        **row,
        "clean_quantity": row["quantity"] - row["abnormal_quantity"],
        "clean_amount": row["paid_amount"] - row["abnormal_amount"],
    }
)
days = st.dictionaries(
    st.sampled_from(OFFSETS).map(lambda n: (MIDNIGHT + timedelta(days=n)).date()),
    series,
    max_size=6,
).map(lambda rows: [{"day": day, **row} for day, row in rows.items()])
hours = st.dictionaries(
    st.builds(
        operator.add, midnights, st.sampled_from([timedelta(hours=n) for n in (-1, 0, 1, 2, 3)])
    ),
    series,
    max_size=6,
).map(lambda rows: [{"time": hour, "hour": hour, **row} for hour, row in rows.items()])


def spans(**fields):
    """Rows that hold for a time; the shorter of two times drawn is the start."""
    return st.fixed_dictionaries(
        {"a": instants, "b": st.none() | instants, "known": knowns, **fields}
    ).map(
        lambda row: {
            **row,
            "time": row["a"] if row["b"] is None else min(row["a"], row["b"]),
            "ends": row["b"] and max(row["a"], row["b"]),
        }
    )


def unique(rows, *names):
    """A list of rows no two of which share these fields."""
    return st.lists(rows, max_size=5, unique_by=lambda row: tuple(row[name] for name in names))


ROWS = {
    "item_days": days,
    "seller_days": days,
    "item_hours": hours,
    "seller_hours": hours,
    "list_prices": unique(spans(price=amounts, struck=st.booleans()), "time", "struck"),
    "parallel_prices": unique(
        spans(price=amounts, channel=st.sampled_from(["group_buy", "live"])), "time", "channel"
    ),
    "qualifications": unique(spans(code=st.sampled_from(["gold", "enterprise"])), "time", "code"),
    "violations": st.lists(
        st.fixed_dictionaries(
            {
                "time": instants,
                "known": knowns,
                "occurred_at": instants,
                "points": small,
                "category": st.sampled_from(["counterfeit", "market_disturbance"]),
                "subcategory": st.sampled_from(["", "x"]),
                "severity": st.sampled_from(["general", "serious"]),
                "is_special_zero": st.booleans(),
                "verified": st.booleans(),
            }
        ),
        max_size=4,
    ),
    "order_lines": st.lists(
        st.fixed_dictionaries(
            {
                "time": st.none() | instants,
                "order": st.integers(0, 2),
                "quantity": small,
                "unit_price": amounts,
                "paid_amount": amounts,
                "refunded_amount": amounts,
                "abnormal": st.booleans(),
            }
        ).map(lambda row: {**row, "net_amount": row["paid_amount"] - row["refunded_amount"]}),
        max_size=5,
    ),
}


def texts_of(moments, kind):
    """Local texts of instants that may bound a window of a source of this kind."""
    if kind == SourceKind.DAY:
        moments = midnights
    if kind == SourceKind.HOUR:
        moments = midnights.map(lambda moment: moment + timedelta(hours=1))
    return moments.map(lambda moment: moment.astimezone(ZONE).replace(tzinfo=None).isoformat(" "))


@st.composite
def windows(draw, kind):
    """A window as a rulebook has it."""
    shape = draw(st.sampled_from(["none", "trailing", "today", "fixed", "since"]))
    if shape == "none":
        return {}
    if shape == "since":
        return {"since": draw(texts_of(instants, kind))}
    if shape == "fixed":
        texts = draw(st.lists(texts_of(instants, kind), min_size=2, max_size=2, unique=True))
        return dict(zip(("from", "to"), sorted(texts, key=len_and_text), strict=True))
    number = draw(st.sampled_from([1, 2, 7, 30]))
    if shape == "today":
        return {"trailing_days": number, "include_today": True}
    return {"trailing_days": number, "offset_days": draw(st.sampled_from([0, 1, 3]))}


def len_and_text(text):
    """Texts of local times sort as the times do once they all have their microseconds."""
    return text if "." in text else f"{text}.000000"


def literals(field):
    """Values to compare a field with."""
    if field.type == MetricType.BOOLEAN:
        return st.booleans()
    if field.type == MetricType.DATETIME:
        return texts_of(instants, None)
    if field.type == MetricType.TEXT:
        return st.sampled_from(
            ["gold", "group_buy", "counterfeit", "general", "x", "", "b0", "north", "absent"]
        )
    return small | st.integers(-10, 3000).map(lambda n: str(Decimal(n).scaleb(-3)))


@st.composite
def comparisons(draw, source):
    """One comparison of a field of the source."""
    name = draw(st.sampled_from([n for n, f in source.fields.items() if f.type is not None]))
    field = source.fields[name]
    if draw(st.integers(0, 9)) == 0:
        return [name, draw(st.sampled_from(["is_missing", "is_known"]))]
    if draw(st.booleans()):
        op = draw(st.sampled_from(["in", "not_in"]))
        return [name, op, draw(st.lists(literals(field), min_size=1, max_size=3))]
    ordered = field.type not in (MetricType.TEXT, MetricType.BOOLEAN)
    ops = ["==", "!=", *(["<", "<=", ">", ">="] if ordered else [])]
    return [name, draw(st.sampled_from(ops)), draw(literals(field))]


def trees(source):
    """Condition trees over the source's fields."""
    return st.recursive(
        comparisons(source),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
            st.lists(inner, min_size=1, max_size=3).flatmap(
                lambda parts: st.integers(1, len(parts)).map(
                    lambda count: {"at_least": count, "of": parts}
                )
            ),
        ),
        max_leaves=4,
    )


FUNCTIONS = {
    "number": ["min", "max", "sum", "avg", "count", "count_distinct", "last", "share"],
    "datetime": ["min", "max", "count", "count_distinct", "last"],
    "other": ["count", "count_distinct", "last"],
    "reference": ["count", "count_distinct"],
    "": ["count", "share"],
}


@st.composite
def statistics(draw, level, sources):
    """A statistic of a level, of one of these sources, that is no ratio."""
    source = SOURCES[draw(sources)]
    name = draw(st.sampled_from(["", *source.fields]))
    field = source.fields.get(name)
    if field is None:
        kind = ""
    elif field.type is None:
        kind = "reference"
    elif field.is_number:
        kind = "number"
    else:
        kind = "datetime" if field.type == MetricType.DATETIME else "other"
    function = draw(st.sampled_from(FUNCTIONS[kind]))
    where = draw(st.none() | trees(source))
    if function == "share" and where is None:
        where = draw(trees(source))
    return {
        "level": level,
        "function": function,
        "source": source.code,
        "field": name,
        "where": where,
        "window": draw(windows(source.kind)),
        "include_scheduled": source.kind == SourceKind.INTERVAL and draw(st.booleans()),
    }


@st.composite
def statistics_of_entries(draw):
    """A statistic of each entry, since it was filed, over rows of its item or its seller."""
    of = draw(st.sampled_from(["item", "seller"]))
    named = {"item": ["list_prices", "parallel_prices"], "seller": ["qualifications"]}
    sources = st.sampled_from([*named[of], *EVENTS])
    row = draw(
        statistics("entry", sources).filter(lambda row: row["function"] not in ("avg", "share"))
    )
    window = {"since_filing": True}
    if draw(st.booleans()):
        window["until"] = draw(texts_of(instants, None))
    return {**row, "of": of, "window": window}


@st.composite
def pages_of_statistics(draw, level):
    """Some statistics of a level by code, and a ratio of two of them."""
    names = st.sampled_from((*(ITEM_SOURCES if level == "item" else SELLER_SOURCES), *EVENTS))
    # Few sources, so that several statistics share one.
    sources = st.sampled_from(draw(st.lists(names, min_size=1, max_size=2, unique=True)))
    rows = draw(st.lists(statistics(level, sources), min_size=1, max_size=4))
    found = {f"{level}.s{number}": row for number, row in enumerate(rows)}
    whole = [code for code, row in found.items() if is_one_number(row)]
    if whole:
        found[f"{level}.ratio"] = {
            "level": level,
            "function": "ratio",
            "numerator": draw(st.sampled_from(whole)),
            "denominator": draw(st.sampled_from(whole)),
        }
    return found


def is_one_number(row):
    """Whether a ratio may be taken of a statistic."""
    if row["function"] in ("count", "count_distinct", "sum"):
        return True
    return (
        row["function"] in ("min", "max", "last")
        and SOURCES[row["source"]].fields[row["field"]].is_number
    )

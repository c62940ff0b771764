"""Random rulebooks: files that fit the format, with every section and every kind of value."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from campaigns.rulebooks.values import show_offset, show_time

# Years in which Asia/Shanghai and America/Sao_Paulo have both calm and changing offsets.
EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
SPAN = 4 * 366 * 86400

words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=12)
texts = st.fixed_dictionaries({"en": words, "zh-hans": words})
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
decimals = st.decimals(-1000, 1000, places=3).map(lambda number: Decimal(f"{number:f}"))
scalars = st.one_of(words, st.integers(-(10**9), 10**9), decimals, st.booleans())
instants = st.integers(0, SPAN).map(lambda second: EPOCH + timedelta(seconds=second))
times = instants.map(show_time)
references = st.fixed_dictionaries(
    {}, optional={"ref": st.text("G520-", min_size=1, max_size=8), "example": st.just(True)}
)


def rows(of, **strategies):
    """Up to three rows with codes of their own."""
    lists = st.lists(of(**strategies), max_size=3)
    return lists.map(lambda found: list({row["code"]: row for row in found}.values()))


def row(code, required, optional=None):
    """One row: code, required keys, some of the optional ones, and where it is from."""
    keys = {"title": texts, **(optional or {})}
    made = st.fixed_dictionaries({"code": code, **required}, optional=keys)
    return st.tuples(made, references).map(lambda pair: {**pair[0], **pair[1]})


@st.composite
def windows(draw, start="starts", end="ends"):
    """A half-open window that holds something."""
    low = draw(instants)
    high = low + timedelta(seconds=draw(st.integers(1, 10**6)))
    return {start: show_time(low), end: show_time(high)}


def trees(metrics, lists, tables):
    """Condition trees over what the rulebook knows."""
    sides = [scalars, st.lists(scalars, max_size=3)]
    sides.append(st.fixed_dictionaries({"metric": metrics}, optional={"times": decimals}))
    if lists:
        sides.append(st.sampled_from(lists).map(lambda code: {"list": code}))
    if tables:
        sides.append(st.sampled_from(tables).map(lambda code: {"table": code}))
    operators = st.sampled_from(["==", "<=", ">", "in", "contains"])
    leaves = st.one_of(
        st.tuples(metrics, operators, st.one_of(*sides, times)).map(list),
        st.tuples(metrics, st.sampled_from(["is_missing", "is_known"])).map(list),
    )

    def grown(part):
        parts = st.lists(part, min_size=1, max_size=3)
        return st.one_of(
            parts.map(lambda found: {"all": found}),
            parts.map(lambda found: {"any": found}),
            part.map(lambda found: {"not": found}),
            parts.map(lambda found: {"at_least": 1, "of": found}),
        )

    return st.recursive(leaves, grown, max_leaves=6)


@st.composite
def _merged(draw, left, right):
    return {**draw(left), **draw(right)}


@st.composite
def documents(draw):
    """The data of a file."""
    metric_names = names.map("item.own_{}".format)
    facts = draw(
        rows(
            lambda: _merged(
                st.fixed_dictionaries(
                    {
                        "code": metric_names,
                        "subject": st.just("item"),
                        "type": st.sampled_from(["integer", "decimal", "text"]),
                        "label": texts,
                    },
                    optional={"unit": words, "definition": texts},
                ),
                references,
            )
        )
    )
    milestones = draw(
        rows(
            lambda: _merged(
                row(names, {"kind": st.sampled_from(["preheat", "live", "other"])}), windows()
            )
        )
    )
    codes = [found["code"] for found in milestones]
    lists = draw(rows(lambda: row(names, {"values": st.lists(scalars, max_size=4, unique=True)})))
    metrics = st.sampled_from(
        ["item.age_days", "item.category", "seller.shop_type", *(fact["code"] for fact in facts)]
    )
    tables = draw(rows(_tables, metrics=metrics))
    tree = trees(metrics, [found["code"] for found in lists], [found["code"] for found in tables])
    venues = draw(st.lists(_venue(codes), min_size=1, max_size=3, unique_by=lambda v: v["code"]))
    return {
        "schema": 1,
        "campaign": draw(_merged(_heading(), references)),
        "facts": facts,
        "milestones": milestones,
        "pauses": draw(rows(_pauses, milestones=codes)),
        "venues": venues,
        "claims": draw(rows(lambda: row(names, {}, {"taken": st.just("decision")}))),
        "lists": lists,
        "tables": tables,
        "statistics": draw(rows(_statistics, milestones=codes)),
        "snapshots": draw(
            rows(
                lambda: row(
                    names.map("seller.frozen_{}".format),
                    {"metric": st.just("seller.growth_level"), "as_of": times},
                )
            )
        ),
        "requirements": draw(rows(_requirements, tree=tree)),
        "quotas": draw(
            rows(
                lambda: row(
                    names,
                    {"ceiling": st.integers(0, 999)},
                    {"where": tree, "allotted": st.just(True)},
                )
            )
        ),
        "locks": draw(
            rows(
                lambda: _merged(
                    row(
                        names,
                        {
                            "field": st.sampled_from(["item.list_price", "entry.activity_price"]),
                            "direction": st.sampled_from(["any", "raise", "cut"]),
                        },
                    ),
                    windows(),
                )
            )
        ),
        "promotions": draw(
            rows(
                lambda: row(
                    names,
                    {"kind": st.sampled_from(["mandatory", "voluntary"])},
                    {"terms": st.dictionaries(names, scalars, max_size=3)},
                )
            )
        ),
    }


def _heading():
    return st.fixed_dictionaries(
        {"code": names, "title": texts},
        optional={
            "kind": st.sampled_from(["yearly", "daily"]),
            "note": words,
            "breaker_share": st.decimals(0, 1, places=2),
            "breaker_minimum": st.integers(0, 1000),
            "stale_after_hours": st.integers(0, 1000),
            "sales_target": st.decimals("0.01", 10**11, places=2),
        },
    )


def _pauses(milestones):
    plain = _merged(row(names, {}), windows())
    if not milestones:
        return plain
    offsets = st.tuples(st.integers(-5000, 0), st.integers(1, 5000)).map(
        lambda pair: {"start_offset": show_offset(pair[0]), "end_offset": show_offset(pair[1])}
    )
    anchored = _merged(row(names, {"anchor": st.sampled_from(milestones)}), offsets)
    return st.one_of(plain, anchored)


def _venue(milestones):
    optional = {
        "kind": names,
        "takes_registrations": st.booleans(),
        "invitation_only": st.booleans(),
        "review_mode": st.sampled_from(["system", "manual", "system_then_manual"]),
        "cancellable_after_approval": st.booleans(),
        "capacity": st.integers(0, 1000),
        "placement_mode": names,
        "badge": texts,
    }
    if milestones:
        optional["windows"] = st.lists(st.sampled_from(milestones), unique=True)
    return row(names, {}, optional)


@st.composite
def _tables(draw, metrics):
    keys = draw(st.lists(metrics, max_size=2))
    kind = draw(st.sampled_from(["integer", "decimal", "text"]))
    results = {"integer": st.integers(0, 10**6), "decimal": decimals, "text": words}[kind]
    lookup = st.one_of(
        scalars,
        st.none(),
        st.just({"missing": True}),
        st.lists(scalars, min_size=1, max_size=3),
        st.fixed_dictionaries({"from": decimals}, optional={"to": st.integers(0, 9)}),
    )
    part = st.fixed_dictionaries(
        {"keys": st.lists(lookup, min_size=len(keys), max_size=len(keys)), "value": results}
    )
    made = draw(row(names, {"default": results}, {"unit": words}))
    return {**made, "keys": keys, "type": kind, "rows": draw(st.lists(part, max_size=3))}


def _statistics(milestones):
    kinds = [
        st.integers(1, 90).map(lambda days: {"trailing_days": days}),
        windows("from", "to"),
        times.map(lambda time: {"since": time, "anchored": "year"}),
    ]
    if milestones:
        kinds.append(st.sampled_from(milestones).map(lambda code: {"milestone": code}))
    ends = [
        times,
        *(
            [st.sampled_from(milestones).map(lambda code: {"milestone": code})]
            if milestones
            else []
        ),
    ]
    of_entries = row(
        names.map("entry.stat_{}".format),
        {
            "level": st.just("entry"),
            "function": st.sampled_from(["min", "count"]),
            "source": st.just("order_lines"),
            "field": st.sampled_from(["unit_price", "quantity"]),
            "window": st.fixed_dictionaries(
                {"since_filing": st.just(True)}, optional={"until": st.one_of(ends)}
            ),
        },
        {"where": st.just(["abnormal", "==", False]), "of": st.sampled_from(["item", "seller"])},
    )
    return of_entries | row(
        names.map("item.stat_{}".format),
        {
            "level": st.just("item"),
            "function": st.sampled_from(["sum", "max"]),
            "source": st.just("item_days"),
            "field": st.sampled_from(["quantity", "orders"]),
            "window": st.one_of(kinds),
        },
        {"where": st.just(["orders", ">", 0])},
    )


def _requirements(tree):
    policy = st.sampled_from(["pass", "fail", "hold"])
    recheck = st.one_of(
        st.sampled_from(["clear_out", "flag"]),
        st.fixed_dictionaries(
            {"action": st.sampled_from(["clear_out", "abnormal"])},
            optional={"require": tree, "missing": policy, "example": st.booleans()},
        ),
        st.just({"action": "at_risk", "grace_hours": 24, "then": "clear_out"}),
    )
    optional = {
        "applies_when": tree,
        "missing": policy,
        "remedy": texts,
        "sample": st.just({"metric": "item.stock", "at_least": 5}),
        "active_from": times,
    }
    required = {
        "subject": st.just("entry"),
        "require": tree,
        "stages": st.fixed_dictionaries({"admission": st.just("reject"), "recheck": recheck}),
    }
    return row(names, required, optional)

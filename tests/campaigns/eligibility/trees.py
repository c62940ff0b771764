"""Random condition trees and facts, for property tests."""

from hypothesis import strategies as st

from tests.campaigns.eligibility.population import (
    AGES,
    BOOLEANS,
    INTEGERS,
    NUMBERS,
    RATIO,
    TEXTS,
    TOOLS,
    TREE,
    aged,
    category_path,
    decimal_of,
)

ORDER = ["==", "!=", "<", "<=", ">", ">="]


def maybe(values):
    """One of the values, or nothing."""
    return st.one_of(st.none(), st.sampled_from(values))


facts = st.fixed_dictionaries(
    {code: maybe(values).map(decimal_of) for code, (_, values) in NUMBERS.items()}
    | {code: maybe(values) for code, values in INTEGERS.items()}
    | {code: maybe([True, False]) for code in BOOLEANS}
    | {code: maybe(values) for code, values in TEXTS.items()}
    | {
        "item.category": maybe(list(TREE)).map(lambda c: None if c is None else category_path(c)),
        "item.age_days": st.one_of(
            st.none(), st.builds(aged, st.sampled_from(AGES), st.sampled_from([0, 1, 86_399]))
        ),
        "entry.tools": st.sets(st.sampled_from(TOOLS)),
        RATIO: st.tuples(
            maybe(["0.00", "4.99", "5.00", "5.01"]).map(decimal_of), maybe([0, 1, 100])
        ),
    }
)

MONEY = ["entry.activity_price", "item.list_price", "item.lowest"]
number_texts = st.sampled_from(["0", "1", "3.5", "87.99", "88", "88.00", "88.005", "88.01", "-1"])
numeric_codes = st.sampled_from([*NUMBERS, *INTEGERS])


def _comparison(code, op, value):
    return [code, op, value]


numbers = st.builds(_comparison, numeric_codes, st.sampled_from(ORDER), number_texts)
integers = st.builds(
    _comparison, st.sampled_from(list(INTEGERS)), st.sampled_from(ORDER), st.integers(-1, 80)
)
among_numbers = st.builds(
    _comparison,
    numeric_codes,
    st.sampled_from(["in", "not_in"]),
    st.lists(number_texts, max_size=3),
)
metrics = st.builds(
    _comparison,
    st.sampled_from(MONEY),
    st.sampled_from(ORDER),
    st.one_of(
        st.builds(lambda code: {"metric": code}, st.sampled_from(MONEY)),
        st.builds(
            lambda code, times: {"metric": code, "times": times},
            st.sampled_from(MONEY),
            st.sampled_from(["0.8", "0.9", "1.25", "2", "0.995"]),
        ),
    ),
)
ratios = st.builds(
    _comparison,
    st.just(RATIO),
    st.sampled_from(ORDER),
    st.sampled_from(["0", "0.05", "0.0499", "0.0501", "5", "5.00"]),
)
ages = st.builds(
    _comparison, st.just("item.age_days"), st.sampled_from(ORDER), st.sampled_from(AGES)
)
booleans = st.builds(
    _comparison, st.sampled_from(BOOLEANS), st.sampled_from(["==", "!="]), st.booleans()
)
texts = st.sampled_from(list(TEXTS)).flatmap(
    lambda code: st.one_of(
        st.builds(
            _comparison, st.just(code), st.sampled_from(["==", "!="]), st.sampled_from(TEXTS[code])
        ),
        st.builds(
            _comparison,
            st.just(code),
            st.sampled_from(["in", "not_in"]),
            st.lists(st.sampled_from(TEXTS[code]), max_size=2),
        ),
    )
)
categories = st.one_of(
    st.builds(
        _comparison,
        st.just("item.category"),
        st.sampled_from(["==", "!="]),
        st.sampled_from(list(TREE)),
    ),
    st.builds(
        _comparison,
        st.just("item.category"),
        st.sampled_from(["in", "not_in"]),
        st.one_of(st.just({"list": "soft"}), st.lists(st.sampled_from(list(TREE)), max_size=2)),
    ),
    st.builds(_comparison, st.just("seller.shop_type"), st.just("in"), st.just({"list": "shops"})),
)
tables = st.one_of(
    st.builds(
        _comparison,
        st.just("item.ship_time_hours"),
        st.sampled_from(ORDER),
        st.just({"table": "ship_time"}),
    ),
    st.builds(
        _comparison,
        st.just("item.age_days"),
        st.sampled_from(ORDER),
        st.just({"table": "ship_time"}),
    ),
    st.builds(
        _comparison,
        st.sampled_from([*NUMBERS, *INTEGERS, RATIO]),
        st.sampled_from(ORDER),
        st.just({"table": "ceiling"}),
    ),
)
sets = st.builds(
    _comparison,
    st.just("entry.tools"),
    st.sampled_from(["contains", "not_contains"]),
    st.sampled_from(TOOLS),
)
presences = st.builds(
    lambda code, op: [code, op],
    st.sampled_from(
        [*NUMBERS, *INTEGERS, *BOOLEANS, *TEXTS, RATIO, "item.category", "item.age_days"]
    ),
    st.sampled_from(["is_missing", "is_known"]),
)
leaves = st.one_of(
    numbers, integers, among_numbers, metrics, ratios, ages, booleans, texts, categories, tables,
    sets, presences,
)  # fmt: skip


def _groups(children):
    many = st.lists(children, min_size=1, max_size=4)
    return st.one_of(
        st.builds(lambda parts: {"all": parts}, many),
        st.builds(lambda parts: {"any": parts}, many),
        st.builds(lambda part: {"not": part}, children),
        many.flatmap(
            lambda parts: st.builds(
                lambda count: {"at_least": count, "of": parts}, st.integers(1, len(parts))
            )
        ),
    )


trees = st.recursive(leaves, _groups, max_leaves=8)

"""Every comparison that the pools allow: each metric with each operator and each threshold."""

from itertools import product

from tests.campaigns.eligibility.population import (
    AGES,
    BOOLEANS,
    INTEGERS,
    NUMBERS,
    RATIO,
    TEXTS,
    TOOLS,
    TREE,
)

ORDER = ["==", "!=", "<", "<=", ">", ">="]
MONEY = ["entry.activity_price", "item.list_price", "item.lowest"]
THRESHOLDS = ["0", "1", "3.5", "87.99", "88", "88.00", "88.005", "88.01", "-1"]


def all_leaves():
    """A list of several hundred comparisons."""
    leaves = [list(leaf) for leaf in product([*NUMBERS, *INTEGERS], ORDER, THRESHOLDS)]
    leaves += [list(leaf) for leaf in product(INTEGERS, ORDER, [0, 1, 4, 48, 49])]
    leaves += [
        [code, op, {"metric": other, "times": times}]
        for code, op, other, times in product(MONEY, ORDER, MONEY, ["1", "0.8", "1.25", "0.995"])
    ]
    leaves += [
        [RATIO, op, text] for op, text in product(ORDER, ["0", "0.05", "0.0499", "0.0501", "5"])
    ]
    leaves += [["item.age_days", op, days] for op, days in product(ORDER, AGES)]
    leaves += [list(leaf) for leaf in product(BOOLEANS, ["==", "!="], [True, False])]
    for code, values in TEXTS.items():
        leaves += [[code, op, value] for op, value in product(["==", "!="], values)]
        leaves += [[code, op, values[:2]] for op in ("in", "not_in")]
        leaves += [[code, op, []] for op in ("in", "not_in")]
    leaves += [["item.category", op, code] for op, code in product(["==", "!="], TREE)]
    leaves += [
        ["item.category", op, value]
        for op, value in product(["in", "not_in"], [{"list": "soft"}, [], ["fashion", "nuts"]])
    ]
    leaves += [["seller.shop_type", "in", {"list": "shops"}]]
    leaves += [
        [code, op, {"table": "ship_time"}]
        for code, op in product(["item.ship_time_hours", "item.age_days"], ORDER)
    ]
    leaves += [
        [code, op, {"table": "ceiling"}]
        for code, op in product([*NUMBERS, *INTEGERS, RATIO], ORDER)
    ]
    leaves += [
        ["entry.tools", op, code] for op, code in product(["contains", "not_contains"], TOOLS)
    ]
    present = [*NUMBERS, *INTEGERS, *BOOLEANS, *TEXTS, RATIO, "item.category", "item.age_days"]
    leaves += [[code, op] for code, op in product(present, ["is_missing", "is_known"])]
    return leaves

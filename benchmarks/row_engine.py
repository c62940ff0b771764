"""The same twelve checks by a rule engine, one row after the other, its facts prefetched."""

import rule_engine

from benchmarks.marketplace import AT
from campaigns.models import Entry, Registration
from sellers.localtime import days_between
from sellers.models import ItemDay, SellerDay

SAMPLE = 20_000
RULES = [
    "shop_type == 'marketplace'",
    "marketing_rules_ok == true",
    "(dingtalk_activated and dingtalk_by_main_account) or dingtalk_bound",
    "one_click_closed == false",
    "paid_30d >= 1000",
    "stock >= 100",
    "ship_time_hours != null and ship_time_hours <= ship_time_max",
    "on_stock_list == true",
    "weight_kg <= 20",
    "activity_price <= list_price * 0.95",
    "list_source == 'stock_list'",
    "age_days <= 30 or sold_30d >= 1",
]


def evaluate() -> int:
    """How many of the first ``SAMPLE`` entries fail; only the evaluation should be timed, so the
    facts are read by `prefetch` before."""
    rules = [rule_engine.Rule(text) for text in RULES]
    return sum(1 for row in _facts if not all(rule.matches(row) for rule in rules))


_facts: list = []


def sample() -> int:
    """How many entries `evaluate` looks at."""
    return len(_facts)


def prefetch() -> None:
    """Read the sample's facts into plain dicts."""
    items = Entry.objects.filter(pk__lte=SAMPLE).select_related("item__category", "seller")
    sold = dict.fromkeys(range(1, SAMPLE + 1), 0)
    for item, quantity in ItemDay.objects.filter(item__lte=SAMPLE).values_list("item", "quantity"):
        sold[item] += quantity
    sellers = Registration.objects.filter(seller__lte=SAMPLE // 10 + 1)
    paid = dict.fromkeys(sellers.values_list("seller", flat=True), 0)
    days = SellerDay.objects.filter(seller__in=list(paid))
    for seller, amount in days.values_list("seller", "paid_amount"):
        paid[seller] += amount
    for entry in items:
        item, seller = entry.item, entry.seller
        _facts.append(
            {
                "shop_type": seller.shop_type,
                "marketing_rules_ok": seller.marketing_rules_ok,
                "dingtalk_activated": seller.dingtalk_activated,
                "dingtalk_by_main_account": seller.dingtalk_by_main_account,
                "dingtalk_bound": seller.dingtalk_bound,
                "one_click_closed": seller.one_click_closed,
                "paid_30d": paid[seller.pk],
                "stock": item.stock,
                "ship_time_hours": item.ship_time_hours,
                "ship_time_max": 72 if item.category.code == "c7" else 48,
                "on_stock_list": item.on_stock_list,
                "weight_kg": item.weight_kg,
                "activity_price": entry.activity_price,
                "list_price": item.list_price,
                "list_source": entry.list_source,
                "age_days": days_between(item.first_listed_at, AT),
                "sold_30d": sold[item.pk],
            }
        )

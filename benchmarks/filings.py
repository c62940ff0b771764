"""Sellers who file 600 items at once, and how long they wait."""

import time
from datetime import timedelta
from decimal import Decimal

from benchmarks.marketplace import AT, KNOWN
from campaigns.models import Campaign, Registration
from campaigns.registering import FilingRow, file_entries
from sellers.bulk_write import copy_rows
from sellers.models import Category, Item, Seller, User

FILERS, ROWS = 20, 600
FILED = AT + timedelta(hours=8)


def build(campaign: Campaign, *, sellers: int, items: int) -> list[int]:
    """Sellers with 600 items each that stand nowhere yet, beside so many sellers and items; their
    registrations' ids."""
    version = campaign.versions.get()
    category = Category.objects.get(code="c1")
    first_seller, first_item = sellers + 1, items + 1
    ids = list(range(first_seller, first_seller + FILERS))
    copy_rows(
        Seller,
        (
            (pk, f"filer{pk}", "marketplace", True, True, True, False, False, KNOWN, KNOWN)
            for pk in ids
        ),
        [
            "id", "code", "shop_type", "marketing_rules_ok", "dingtalk_activated",
            "dingtalk_by_main_account", "dingtalk_bound", "one_click_closed", "known_at",
            "effective_at",
        ],
    )  # fmt: skip
    copy_rows(
        Item,
        (
            (
                first_item + number, f"f{number}", ids[number // ROWS], category.pk,
                Decimal("100.00"), 200, AT - timedelta(days=10), 24, True, Decimal("1.000"),
                KNOWN, KNOWN,
            )
            for number in range(FILERS * ROWS)
        ),
        [
            "id", "code", "seller", "category", "list_price", "stock", "first_listed_at",
            "ship_time_hours", "on_stock_list", "weight_kg", "known_at", "effective_at",
        ],
    )  # fmt: skip
    User.objects.create(username="filer")
    copy_rows(
        Registration,
        ((pk, campaign.pk, pk, "joined", version.pk, KNOWN, KNOWN, 1, "") for pk in ids),
        [
            "id", "campaign", "seller", "status", "version", "created_at", "joined_at", "revision",
            "previous",
        ],
    )  # fmt: skip
    return ids


def p95(campaign: Campaign, registrations: list[int]) -> float:
    """Seconds that 95 % of the filings of 600 items take at most, one seller after the other."""
    venue, actor = campaign.venues.get(), User.objects.get(username="filer")
    seconds = []
    for pk in registrations:
        registration = Registration.objects.get(pk=pk)
        codes = Item.objects.filter(seller=registration.seller_id).values_list("code", flat=True)
        rows = [FilingRow(item=code, price="90.00", list_source="stock_list") for code in codes]
        began = time.perf_counter()
        file_entries(
            registration=registration, venue=venue, rows=rows, at=FILED, actor=actor, key="bench"
        )
        seconds.append(time.perf_counter() - began)
    seconds.sort()
    return round(seconds[max(0, -(-95 * len(seconds) // 100) - 1)], 3)

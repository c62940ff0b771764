"""A large marketplace with one campaign, made by arithmetic: every run has the same rows.

Of every 400 items, and of every 400 sellers, one breaks each requirement that concerns them, so
12 requirements break for 3 % of the entries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.management.color import no_style
from django.db import connection
from django.db.models import DateField

from campaigns.models import Claim, Entry, Registration, RulebookVersion, Venue
from sellers.bulk_write import copy_rows, temporary_model
from sellers.localtime import from_local, local_date
from sellers.models import Category, Item, ItemDay, Seller, SellerDay

AT = from_local(datetime.fromisoformat("2023-05-17 02:00:00"))
KNOWN = AT - timedelta(hours=3)
ITEM_DAYS, SELLER_DAYS = 10, 30
EVERY = 400
# The place in each 400 that breaks a requirement, by requirement code of the benchmark's rulebook.
SELLER_BREAKS = {"B01": 1, "B02": 2, "B03": 3, "B04": 4, "B05": 5}
ITEM_BREAKS = {"B06": 10, "B07": 20, "B08": 30, "B09": 40, "B10": 50, "B11": 60, "B12": 70}
CENT = Decimal("0.01")


def breaks(number: int, code: str) -> bool:
    """Whether the item or seller of that number breaks the requirement."""
    return number % EVERY == (SELLER_BREAKS | ITEM_BREAKS)[code]


@contextmanager
def trusted():
    """Spare PostgreSQL the check of every foreign key, where the role may."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone()[0]:
                cursor.execute("SET session_replication_role = replica")
        yield
        if connection.vendor == "postgresql":
            cursor.execute("RESET session_replication_role")


@trusted()
def build(*, entries: int, version: RulebookVersion, venue: Venue) -> None:
    """Fill an empty database: ``entries`` items with an approved entry each, a tenth as many
    sellers, 10 days of sales an item and 30 a seller."""
    sellers = entries // 10
    categories = Category.objects.bulk_create(
        Category(code=f"c{n}", path=f"/c{n}/") for n in range(40)
    )
    copy_rows(
        Seller,
        _seller_rows(sellers, categories),
        [
            "id", "code", "shop_type", "marketing_rules_ok", "dingtalk_activated",
            "dingtalk_by_main_account", "dingtalk_bound", "one_click_closed", "growth_level",
            "main_category", "known_at", "effective_at",
        ],
    )  # fmt: skip
    copy_rows(
        Item,
        _item_rows(entries, sellers, categories),
        [
            "id", "code", "seller", "category", "list_price", "stock", "first_listed_at",
            "ship_time_hours", "on_stock_list", "weight_kg", "known_at", "effective_at",
        ],
    )  # fmt: skip
    _fill_item_days()
    _fill_seller_days()
    enter(entries=entries, version=version, venue=venue)


@trusted()
def enter(*, entries: int, version: RulebookVersion, venue: Venue, after: int = 0) -> None:
    """Let every seller of the built marketplace join the version's campaign, with every item
    approved in the venue; ids of registrations and entries begin above ``after``."""
    sellers = entries // 10
    campaign = version.campaign_id
    copy_rows(
        Registration,
        (
            (after + n, campaign, n, "joined", version.pk, KNOWN, KNOWN, 1, "")
            for n in range(1, sellers + 1)
        ),
        [
            "id", "campaign", "seller", "status", "version", "created_at", "joined_at", "revision",
            "previous",
        ],
    )  # fmt: skip
    copy_rows(
        Entry,
        _entry_rows(entries, sellers, version, venue, after),
        [
            "id", "campaign", "venue", "registration", "seller", "item", "status", "previous",
            "revision", "version", "activity_price", "list_source", "source", "line",
            "submitted_at", "decided_at", "approved_at", "held",
        ],
    )  # fmt: skip
    copy_rows(
        Claim,
        ((f"venue:{venue.pk}", "item", n, after + n) for n in range(1, entries + 1)),
        ["scope", "subject_kind", "subject_id", "entry"],
    )


def seller_of(item: int, sellers: int) -> int:
    """The seller of an item: ten neighbouring items have one seller."""
    return min((item - 1) // 10 + 1, sellers)


def _seller_rows(sellers, categories) -> Iterator[tuple]:
    for n in range(1, sellers + 1):
        yield (
            n,
            f"s{n}",
            "tmall" if breaks(n, "B01") else "marketplace",
            not breaks(n, "B02"),
            not breaks(n, "B03"),
            not breaks(n, "B03"),
            False,
            breaks(n, "B04"),
            n % 8 + 1,
            categories[n % 40].pk,
            KNOWN,
            KNOWN,
        )


def _item_rows(items, sellers, categories) -> Iterator[tuple]:
    old, new = AT - timedelta(days=200), AT - timedelta(days=20)
    for n in range(1, items + 1):
        yield (
            n,
            f"i{n}",
            seller_of(n, sellers),
            categories[n % 40].pk,
            list_price(n),
            0 if breaks(n, "B06") else 100 + n % 50,
            new if n % 5 == 0 and not breaks(n, "B12") else old,
            # Category 7 may take 72 hours, all others 48.
            None if breaks(n, "B07") else (72 if n % 40 == 7 else 24),
            not breaks(n, "B08"),
            Decimal("30.000") if breaks(n, "B09") else Decimal(n % 19 + 1),
            KNOWN,
            KNOWN,
        )


def list_price(n: int) -> Decimal:
    """An item's list price, from 10.00 to 109.99."""
    return CENT * (1000 + n % 9999)


def count_on(*models) -> None:
    """Let the database go on after the keys that were given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _fill_series(model, subjects, owner, days, sold, paid) -> None:
    """One row a subject and day, in that order on disk; ``sold`` and ``paid`` are SQL over the
    subject's row ``s``. Made by the database: a row through Python takes 20 times as long."""
    columns = {owner: "s.id", "day": "d.day", "quantity": sold, "paid_amount": paid}
    for column in model._meta.concrete_fields:
        if not column.primary_key:
            columns.setdefault(column.column, "0")
    with temporary_model({"day": DateField()}) as table:
        copy_rows(table, enumerate(sorted(days), 1), ["id", "day"], temporary=True)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
                f" SELECT {', '.join(columns.values())}"
                f" FROM {subjects._meta.db_table} s CROSS JOIN {table._meta.db_table} d"
                " ORDER BY s.id, d.id"
            )


def _fill_item_days() -> None:
    today = local_date(AT)
    sold = f"CASE WHEN s.id % {EVERY} = {ITEM_BREAKS['B12']} THEN 0 ELSE 1 + s.id % 3 END"
    days = [today - timedelta(days=3 * back + 1) for back in range(ITEM_DAYS)]
    _fill_series(ItemDay, Item, "item_id", days, sold, f"s.list_price * ({sold})")


def _fill_seller_days() -> None:
    today = local_date(AT)
    breaking = f"s.id % {EVERY} = {SELLER_BREAKS['B05']}"
    paid = f"CASE WHEN {breaking} THEN 0 ELSE 100 * (100 + s.id % 100) END"
    days = [today - timedelta(days=back + 1) for back in range(SELLER_DAYS)]
    _fill_series(SellerDay, Seller, "seller_id", days, "1", paid)


def _entry_rows(items, sellers, version, venue, after) -> Iterator[tuple]:
    campaign = version.campaign_id
    for n in range(1, items + 1):
        seller = seller_of(n, sellers)
        factor = Decimal("1.01") if breaks(n, "B10") else Decimal("0.9")
        price = (list_price(n) * factor).quantize(CENT)
        source = "recommended_list" if breaks(n, "B11") else "stock_list"
        yield (
            after + n, campaign, venue.pk, after + seller, seller, n, "approved", "in_review", 1,
            version.pk,
            price, source, "seller", 0, KNOWN, KNOWN, KNOWN, False,
        )  # fmt: skip

"""A marketplace of very many sellers with one item each, for boards: made by arithmetic in the
database, which takes a twentieth of the time that rows through Python do."""

from datetime import timedelta

from django.db import connection

from benchmarks.marketplace import AT, KNOWN, count_on, trusted
from campaigns.models import Claim, Entry, Registration, RulebookVersion, TallyDelta, Venue
from sellers.localtime import local_date
from sellers.models import Category, Item, ItemHour, Seller, SellerHour

INDUSTRIES = 40
# The hour before the benchmark's board, which feeds it, and another one.
HOURS = [AT - timedelta(hours=back) for back in (2, 1)]


@trusted()
def build(*, sellers: int, version: RulebookVersion, venue: Venue) -> None:
    """Fill an empty database: ``sellers`` sellers with one item each, an approved entry of it, and
    sales in two hours of each. Every tenth sold nothing; amounts are often equal."""
    Category.objects.bulk_create(Category(code=f"c{n}", path=f"/c{n}/") for n in range(40))
    numbers = (
        f"(SELECT n FROM generate_series(1, {sellers}) n)"
        if connection.vendor == "postgresql"
        else "(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted"
        f" WHERE n < {sellers}) SELECT n FROM counted)"
    )
    campaign, known = version.campaign_id, KNOWN
    terms = {"campaign": campaign, "version": version.pk}
    _fill(
        Seller, numbers, id="n", code="'s' || n", growth_level="n % 8 + 1",
        constants={"shop_type": "marketplace", "known_at": known, "effective_at": known},
    )  # fmt: skip
    _fill(
        Item, numbers, id="n", code="'i' || n", seller="n", category=f"n % 40 + {_first(Category)}",
        industry=f"'industry ' || (n % {INDUSTRIES})", list_price="1000 + n % 9999",
        constants={"stock": 200, "known_at": known, "effective_at": known},
    )  # fmt: skip
    _fill(
        Registration, numbers, id="n", seller="n",
        constants={**terms, "status": "joined", "created_at": known, "joined_at": known},
    )  # fmt: skip
    _fill(
        Entry, numbers, id="n", registration="n", seller="n", item="n",
        activity_price="900 + n % 9999",
        constants={
            **terms, "venue": venue.pk, "status": "approved", "previous": "in_review",
            "list_source": "stock_list", "source": "seller", "line": 0,
            "submitted_at": known, "decided_at": known, "approved_at": known,
        },
    )  # fmt: skip
    _fill(
        Claim, numbers, subject_id="n", entry="n",
        constants={"scope": f"venue:{venue.pk}", "subject_kind": "item"},
    )  # fmt: skip
    # By no order of ids, as sales are.
    paid = "CASE WHEN n % 10 = 0 THEN 0 ELSE n * 7919 % 50000 * 100 END"
    for hour in HOURS:
        for model, owner in ((SellerHour, "seller"), (ItemHour, "item")):
            _fill(
                model, numbers, quantity="1 + n % 3", orders="1 + n % 3", buyers="1",
                paid_amount=paid, abnormal_amount="n % 7 * 100", cart_amount="n * 31 % 1000 * 100",
                constants={"hour": hour}, **{owner: "n"},
            )  # fmt: skip
    TallyDelta.objects.create(
        campaign=version.campaign, venue=venue, name="status.approved", day=local_date(AT),
        delta=sellers,
    )  # fmt: skip
    count_on(Seller, Item, Registration, Entry)


def _first(model):
    return model.objects.order_by("pk").values_list("pk", flat=True)[0]


def _fill(model, numbers, *, constants, **columns):
    """One row a number ``n``: SQL by field name, Python values, and the fields' defaults."""
    names, values, parameters = [], [], []
    for field in model._meta.concrete_fields:
        if field.name in columns:
            values.append(columns[field.name].replace("%", "%%"))
        elif field.primary_key:
            continue
        else:
            given = constants.get(field.name, field.get_default())
            values.append("%s")
            parameters.append(field.get_db_prep_save(given, connection))
        names.append(connection.ops.quote_name(field.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)})"
            f" SELECT {', '.join(values)} FROM {numbers} numbers ORDER BY n",
            parameters,
        )

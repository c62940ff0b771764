"""Entries with facts on and around the thresholds that random trees use, and what the reference
evaluator knows of them."""

from datetime import timedelta
from decimal import Decimal

from campaigns.eligibility.vocabulary import Table, TableRow, Vocabulary
from campaigns.models import Entry, EntryTool
from sellers.metrics import registry
from sellers.metrics.registry import Metric, MetricType
from sellers.models import FactSet, Item, ItemSlots, Seller
from tests.factories import CategoryFactory, EntryFactory, open_campaign
from tests.reference import World
from tests.times import local

AT = local("2023-05-17 10:30:00")
SIZE = 8
NUMBERS = {
    "entry.activity_price": (2, ["0.00", "87.99", "88.00", "88.01", "120.00"]),
    "item.list_price": (2, ["87.99", "88.00", "88.01", "100.00"]),
    "item.weight_kg": (3, ["0.000", "19.999", "20.000", "20.001"]),
    "seller.operating_score": (2, ["0.00", "3.50", "4.99"]),
    "item.lowest": (2, ["87.99", "88.00", "88.01", "110.00"]),
}
INTEGERS = {
    "item.ship_time_hours": [0, 24, 47, 48, 49, 72],
    "item.stock": [0, 1, 5, 200],
    "seller.growth_level": [1, 3, 4, 8],
    "item.sold": [0, 1, 2, 30],
}
BOOLEANS = ["seller.dingtalk_bound", "item.recommended", "seller.one_click_closed"]
TEXTS = {
    "seller.shop_type": ["marketplace", "tmall", "other"],
    "entry.list_source": ["stock_list", "recommended_list"],
    "item.industry": ["women", "men", "global_purchase"],
}
RATIO = "item.refund_rate"
AGES = [0, 1, 29, 30, 31, 400]
TOOLS = ["cross_shop_reduction", "coupon", "red_packet"]
TREE = {"root": None, "fashion": "root", "dresses": "fashion", "food": "root", "nuts": "food"}
SLOTS = {"item.lowest": "number_01", "item.sold": "number_02"}
TABLES = {
    "ship_time": Table(
        "ship_time",
        ("item.category",),
        "integer",
        "hours",
        None,
        (
            TableRow(("fashion",), "48"),
            TableRow(("nuts",), "24"),
            TableRow((("food", "dresses"),), "72"),
        ),
    ),
    "ceiling": Table(
        "ceiling",
        ("seller.growth_level", "seller.dingtalk_bound"),
        "decimal",
        "",
        "3",
        (
            TableRow(({"from": 1, "to": 4}, True), "88.005"),
            TableRow(({"missing": True}, None), "1"),
            TableRow(({"from": 4}, None), "100"),
        ),
    ),
}
LISTS = {"soft": ("fashion", "nuts"), "shops": ("marketplace", "tmall")}


def extra_metrics():
    """A decimal, an integer and a ratio that live in statistics slots."""
    return {
        "item.lowest": Metric(
            code="item.lowest", type=MetricType.DECIMAL, label={}, path="number_01", places=2,
            unit="CNY",
            fact_set="statistics", known_path="known_at",
        ),
        "item.sold": Metric(
            code="item.sold", type=MetricType.INTEGER, label={}, path="number_02", unit="units",
            fact_set="statistics", known_path="known_at",
        ),
        RATIO: Metric(
            code=RATIO, type=MetricType.RATIO, label={}, path="number_03",
            denominator="number_04", places=2, denominator_places=0, fact_set="statistics",
            known_path="known_at",
        ),
    }  # fmt: skip


def vocabulary():
    """Everything that the random trees speak of."""
    return Vocabulary(metrics=registry.all_metrics() | extra_metrics(), lists=LISTS, tables=TABLES)


def world():
    """The same for the reference evaluator."""
    metrics = vocabulary().metrics
    return World(
        kinds={code: str(metric.type) for code, metric in metrics.items()},
        lists={code: list(values) for code, values in LISTS.items()},
        tables={
            table.code: {
                "keys": list(table.keys),
                "default": table.default,
                "rows": [
                    ([list(k) if isinstance(k, tuple) else k for k in row.keys], row.value)
                    for row in table.rows
                ],
            }
            for table in TABLES.values()
        },
        depths={code: len(category_path(code)) for code in TREE},
        at=AT,
    )


def category_path(code):
    """Codes from the root down to the category itself."""
    parent = TREE[code]
    return [*(category_path(parent) if parent else []), code]


class Population:
    """A handful of stored entries whose facts a test sets anew for each example."""

    def __init__(self, size=SIZE):
        opened = open_campaign()
        self.version = opened.version
        self.categories = {}
        for code, parent in TREE.items():
            self.categories[code] = CategoryFactory(code=code, parent=self.categories.get(parent))
        self.entries = [
            EntryFactory(campaign=opened.campaign, venue=opened.venue) for _ in range(size)
        ]
        self.statistics = FactSet.objects.create(kind="statistics", key="run:test")
        self.slots = ItemSlots.objects.bulk_create(
            ItemSlots(fact_set=self.statistics, item=entry.item) for entry in self.entries
        )

    def set(self, facts_of_each):
        """Store the facts of each entry in turn."""
        for entry, slots, facts in zip(self.entries, self.slots, facts_of_each, strict=True):
            for code, value in facts.items():
                self._assign(entry, slots, code, value)
        Entry.objects.bulk_update(self.entries, ["activity_price", "list_source"])
        Item.objects.bulk_update(
            [entry.item for entry in self.entries],
            ["list_price", "weight_kg", "ship_time_hours", "stock", "recommended", "industry",
             "first_listed_at", "category"],
        )  # fmt: skip
        Seller.objects.bulk_update(
            [entry.seller for entry in self.entries],
            ["operating_score", "growth_level", "dingtalk_bound", "one_click_closed", "shop_type"],
        )
        ItemSlots.objects.bulk_update(
            self.slots, ["number_01", "number_02", "number_03", "number_04"]
        )
        EntryTool.objects.all().delete()
        EntryTool.objects.bulk_create(
            EntryTool(entry=entry, code=code)
            for entry, facts in zip(self.entries, facts_of_each, strict=True)
            for code in facts["entry.tools"]
        )

    def _assign(self, entry, slots, code, value):
        subject, _, name = code.partition(".")
        if code == "item.category":
            entry.item.category = None if value is None else self.categories[value[-1]]
        elif code == "item.age_days":
            entry.item.first_listed_at = value
        elif code == RATIO:
            top, slots.number_04 = value
            slots.number_03 = None if top is None else int(top.scaleb(2))
        elif code == "item.lowest":
            slots.number_01 = None if value is None else int(value.scaleb(2))
        elif code == "item.sold":
            slots.number_02 = value
        elif code != "entry.tools":
            owner = {"entry": entry, "item": entry.item, "seller": entry.seller}[subject]
            setattr(owner, name, value)


def random_facts(random):
    """One subject's facts, each from its pool or missing."""

    def pick(values):
        return random.choice([None, *values])

    category = pick(list(TREE))
    age = pick(AGES)
    facts = {code: decimal_of(pick(values)) for code, (_, values) in NUMBERS.items()}
    facts |= {code: pick(values) for code, values in INTEGERS.items()}
    facts |= {code: pick([True, False]) for code in BOOLEANS}
    facts |= {code: pick(values) for code, values in TEXTS.items()}
    return facts | {
        "item.category": None if category is None else category_path(category),
        "item.age_days": None if age is None else aged(age, random.choice([0, 1, 86_399])),
        "entry.tools": set(random.sample(TOOLS, random.randint(0, len(TOOLS)))),
        RATIO: (decimal_of(pick(["0.00", "4.99", "5.00", "5.01"])), pick([0, 1, 100])),
    }


def aged(days, seconds):
    """An instant so many local days before the evaluation's, at a second of that day."""
    return local((AT - timedelta(days=days)).strftime("%Y-%m-%d")) + timedelta(seconds=seconds)


def decimal_of(text):
    """A Decimal, None kept."""
    return None if text is None else Decimal(text)

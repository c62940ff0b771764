"""The metrics of registrations and entries (ledger part C), and what statistics count of them."""

from django.db.models import CharField, Value

from campaigns.models import Entry, Registration
from sellers.metrics import statistics
from sellers.metrics.registry import Metric, MetricType, register
from sellers.metrics.statistics import Source, SourceField, SourceKind

T = MetricType
RACED_VENUE = "entry.raced_venue"

register(
    Metric(
        code="entry.activity_price",
        type=T.DECIMAL,
        label={"en": "Campaign price", "zh-hans": "活动价"},
        definition={"en": "The price that the seller filed"},
        path="activity_price",
        unit="CNY",
        places=2,
    ),
    Metric(
        code="entry.list_source",
        type=T.TEXT,
        label={"en": "List", "zh-hans": "产品列表"},
        definition={"en": "The list that the item was picked from"},
        path="list_source",
        choices=tuple(Entry.ListSource.values),
    ),
    Metric(
        code="entry.min_order_qty",
        type=T.INTEGER,
        label={"en": "Minimum order quantity", "zh-hans": "最低起订量"},
        definition={"en": "Units a presale must collect"},
        path="min_order_qty",
        unit="units",
    ),
    Metric(
        code="entry.tools",
        type=T.SET,
        label={"en": "Promotion tools", "zh-hans": "优惠玩法"},
        definition={"en": "Promotion tools bound to the entry"},
        path="tools",
        value_field="code",
    ),
    Metric(
        code="entry.venue",
        type=T.TEXT,
        label={"en": "Venue", "zh-hans": "会场"},
        definition={"en": "Code of the venue"},
        path="venue__code",
    ),
    Metric(
        code="entry.source",
        type=T.TEXT,
        label={"en": "Source", "zh-hans": "来源"},
        definition={"en": "Who brought the entry"},
        path="source",
        choices=tuple(Entry.Source.values),
    ),
    Metric(
        code="entry.submitted_at",
        type=T.DATETIME,
        label={"en": "Filed at", "zh-hans": "报名时间"},
        definition={"en": "When the entry was filed"},
        path="submitted_at",
        stages=frozenset({"recheck", "reward"}),
    ),
    Metric(
        code="registration.joined_at",
        type=T.DATETIME,
        label={"en": "Joined at", "zh-hans": "加入时间"},
        definition={"en": "When the seller joined"},
        path="joined_at",
        stages=frozenset({"recheck", "reward"}),
    ),
    Metric(
        code="entry.slot_source",
        type=T.TEXT,
        label={"en": "Place from", "zh-hans": "名额来源"},
        definition={
            "en": "Where not everybody may file: invitation, or the code of a free-choice quota; "
            "reverse_invitation of what is filed under an invitation won by rank"
        },
        path="slot_source",
    ),
    Metric(
        code=RACED_VENUE,
        type=T.TEXT,
        label={"en": "Venue raced for", "zh-hans": "竞逐的会场"},
        definition={
            "en": "Where a race says which entries count: the venue whose places it is about"
        },
        # No requirement may ask for it; a race has its own.
        stages=frozenset(),
        computed=lambda _instant: Value("", output_field=CharField()),
    ),
    Metric(
        code="registration.rounds_passed",
        type=T.SET,
        label={"en": "Rounds passed", "zh-hans": "已通过的环节"},
        definition={"en": "Pre-selections and exams that the seller has passed"},
        path="rounds",
        value_field="code",
        valid_from="passed_at",
        valid_to="ended_at",
    ),
    Metric(
        code="registration.tools",
        type=T.SET,
        label={"en": "Promotions set for the shop", "zh-hans": "店铺已设置的玩法"},
        definition={"en": "Promotions that the shop has set and not cancelled"},
        path="shop_tools",
        value_field="code",
        valid_from="set_at",
        valid_to="cancelled_at",
    ),
    Metric(
        code="registration.pages_decorated",
        type=T.SET,
        label={"en": "Landing pages decorated", "zh-hans": "已装修的承接页"},
        definition={"en": "Landing pages that the shop has made its own"},
        path="shop_tools",
        value_field="code",
        valid_from="decorated_at",
        valid_to="cancelled_at",
    ),
    Metric(
        code="registration.main_category",
        type=T.CATEGORY,
        label={"en": "Main category when joining", "zh-hans": "报名时的主营类目"},
        definition={"en": "The shop's main category when it joined"},
        path="main_category",
    ),
)

statistics.register(
    # What a shop cancelled, set anew or not (D12-098, 099).
    Source(
        "cancelled_tools",
        SourceKind.EVENT,
        {"registration": "shop_tools"},
        "cancelled_at",
        {
            "code": SourceField(T.TEXT, "code"),
            "set_at": SourceField(T.DATETIME, "set_at"),
            "cancelled_at": SourceField(T.DATETIME, "cancelled_at"),
        },
        # Other terms are not a cancellation.
        only={"replaced": False},
        order=("code",),
    ),
    registration=Registration,
)

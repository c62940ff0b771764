"""The metrics that are typed columns of sellers and items (ledger part C)."""

from sellers.metrics.registry import Metric, MetricType, register
from sellers.models import Seller

T = MetricType


def _seller(name, type, en, zh, definition, *, path=None, unit="", **more):
    return Metric(
        code=f"seller.{name}",
        type=type,
        label={"en": en, "zh-hans": zh},
        definition={"en": definition},
        path=path or name,
        unit=unit,
        known_path="known_at",
        **more,
    )


def _item(name, type, en, zh, definition, *, path=None, unit="", **more):
    return Metric(
        code=f"item.{name}",
        type=type,
        label={"en": en, "zh-hans": zh},
        definition={"en": definition},
        path=path or name,
        unit=unit,
        known_path="known_at",
        **more,
    )


register(
    _seller(
        "shop_type",
        T.TEXT,
        "Shop type",
        "店铺类型",
        "Legal type of the shop",
        choices=tuple(Seller.ShopType.values),
    ),
    _seller(
        "marketing_rules_ok",
        T.BOOLEAN,
        "Meets the marketing rules",
        "符合营销活动规范",
        "Passes the shared marketing-activity qualification",
    ),
    _seller(
        "dingtalk_activated",
        T.BOOLEAN,
        "Messenger activated",
        "已激活店铺钉钉",
        "The shop's messenger account is activated",
    ),
    _seller(
        "dingtalk_by_main_account",
        T.BOOLEAN,
        "Activated by the main account",
        "由主账号激活",
        "The messenger was activated by the main account, not by a sub-account",
    ),
    _seller(
        "dingtalk_bound",
        T.BOOLEAN,
        "Messenger bound",
        "已绑定钉钉",
        "The shop is bound to a messenger account",
    ),
    _seller(
        "one_click_closed",
        T.BOOLEAN,
        "One-key closed",
        "一键打烊",
        "The shop has closed itself for orders",
    ),
    _seller(
        "growth_level",
        T.INTEGER,
        "Growth level",
        "成长层级",
        "Merchant growth level 1 to 8; missing for a seller outside the levels",
        unit="level",
    ),
    _seller(
        "industry_featured",
        T.BOOLEAN,
        "Industry-featured",
        "行业特色卖家",
        "An industry-featured seller",
    ),
    _seller(
        "operating_score",
        T.DECIMAL,
        "Operating score",
        "经营能力分",
        "Recent shop capability",
        unit="score",
        places=2,
    ),
    _seller(
        "service_score",
        T.DECIMAL,
        "Service score",
        "服务体验分",
        "Service and experience score, 0 to 5",
        unit="score",
        places=2,
    ),
    _seller(
        "main_category",
        T.CATEGORY,
        "Main category",
        "主营类目",
        "Current main category",
        path="main_category",
    ),
    Metric(
        code="seller.qualifications",
        type=T.SET,
        label={"en": "Qualifications", "zh-hans": "资质"},
        definition={"en": "Qualifications held at the time"},
        path="qualifications",
        value_field="code",
        valid_from="valid_from",
        valid_to="valid_to",
        known_path="known_at",
    ),
    Metric(
        code="seller.sanctions",
        type=T.SET,
        label={"en": "Sanctions", "zh-hans": "处罚限制"},
        definition={"en": "Sanctions in force, such as ban"},
        path="sanctions",
        value_field="kind",
        valid_from="starts_at",
        valid_to="ends_at",
    ),
    _item("category", T.CATEGORY, "Category", "类目", "Leaf category", path="category"),
    _item("industry", T.TEXT, "Industry", "行业", "Industry, a group of categories"),
    _item(
        "list_price",
        T.DECIMAL,
        "List price",
        "一口价",
        "Current list price, not struck through",
        unit="CNY",
        places=2,
    ),
    _item("stock", T.INTEGER, "Stock", "库存", "Current stock", unit="units"),
    _item("first_listed_at", T.DATETIME, "First listed at", "首次上架时间", "First listing time"),
    _item(
        "age_days",
        T.AGE,
        "Days since first listing",
        "首次上架天数",
        "Local date minus the local date of first listing",
        path="first_listed_at",
        unit="days",
    ),
    _item("published_at", T.DATETIME, "Published at", "发布时间", "Publication time"),
    _item(
        "ship_time_hours",
        T.INTEGER,
        "Shipping time",
        "发货时间",
        "Shipping time set with the platform's tool",
        unit="hours",
    ),
    _item(
        "on_stock_list",
        T.BOOLEAN,
        "On the stock list",
        "在现货产品列表",
        "The item may be picked from the stock list",
    ),
    _item(
        "recommended",
        T.BOOLEAN,
        "On the recommended list",
        "在推荐产品列表",
        "The industry recommends the item",
    ),
    _item("volume_m3", T.DECIMAL, "Volume", "体积", "Total volume", unit="m³", places=6),
    _item("weight_kg", T.DECIMAL, "Weight", "重量", "Total weight", unit="kg", places=3),
    _item("free_shipping", T.BOOLEAN, "Free shipping", "包邮", "Free shipping is set"),
    _item("cost_price", T.DECIMAL, "Cost price", "成本价", "Loss-risk floor", unit="CNY", places=2),
    _item(
        "brand_score", T.DECIMAL, "Brand score", "品牌知名度", "Brand fame", unit="score", places=2
    ),
    _item(
        "scarcity_score", T.DECIMAL, "Scarcity", "货品稀缺度", "Scarcity", unit="score", places=2
    ),
    _item("theme_fit", T.DECIMAL, "Theme fit", "主题契合度", "Fit", unit="score", places=2),
)

"""The columns of the feed files that marketplaces are written in."""

CATEGORIES = ("code", "name", "name_zh", "parent", "industry")
SELLERS = (
    "code", "name", "kind", "entity", "agency", "main_category", "shop_type", "marketing_rules_ok",
    "dingtalk_activated", "dingtalk_by_main_account", "dingtalk_bound", "one_click_closed",
    "growth_level", "industry_featured", "operating_score", "service_score",
)  # fmt: skip
ITEMS = (
    "code", "seller", "title", "category", "industry", "stock", "first_listed_at",
    "published_at", "ship_time_hours", "on_stock_list", "recommended", "volume_m3", "weight_kg",
    "free_shipping", "cost_price", "brand_score", "scarcity_score", "theme_fit",
)  # fmt: skip
LIST_PRICES = ("item", "price", "struck", "starts_at", "ends_at")
PARALLEL_PRICES = ("item", "channel", "price", "starts_at", "ends_at")
ORDERS = (
    "order", "line", "buyer", "checkout", "state", "placed_at", "paid_at", "shipped_at",
    "promised_ship_at", "ship_region", "seller", "item", "quantity", "unit_price", "paid_amount",
    "refunded_amount", "abnormal",
)  # fmt: skip

# What comes every night, as a marketplace's exports do.
NIGHTLY = {
    "sellers": SELLERS,
    "items": ITEMS,
    "list_prices": LIST_PRICES,
    "parallel_prices": PARALLEL_PRICES,
    "orders": ORDERS,
}

# The plan: what sellers do.
ALLOTMENTS = ("seller", "places")
FILINGS = ("at", "seller", "item", "activity_price", "list_source", "tools")
ACTS = ("at", "seller", "what", "item", "price")
LOGINS = ("login", "seller")
CASES = ("subject", "code", "case")

"""A small made-up Olist of the autumn of 2017, in its format."""

from datetime import datetime, timedelta

PRODUCTS = {
    "lamp": "moveis_decoracao",
    "towel": "cama_mesa_banho",
    "serum": "beleza_saude",
    "ball": "esporte_lazer",
}
ENGLISH = {
    "moveis_decoracao": "furniture_decor",
    "cama_mesa_banho": "bed_bath_table",
    "beleza_saude": "health_beauty",
    "esporte_lazer": "sports_leisure",
}
SHOPS = tuple(f"shop{number:02}" for number in range(14))
FIRST, LAST = datetime(2017, 7, 20, 10), datetime(2017, 11, 26)  # noqa: DTZ001


def lay_out(folder):
    """Write the sample: fourteen shops, four products each, an order of each every four days."""
    folder.mkdir()
    orders, lines = [], []
    for number, shop in enumerate(SHOPS):
        for place, product in enumerate(PRODUCTS):
            at = FIRST + timedelta(hours=7 * number + 11 * place)
            while at < LAST:
                code = f"{shop}-{product}-{at:%m%d%H}"
                orders.append(
                    f"{code},b{number}{place},delivered,{at},{at + timedelta(minutes=9)},"
                    f"{at + timedelta(days=1)},,2017-12-31 00:00:00"
                )
                price = f"{40 + 10 * place + number}.90"
                lines.append(f"{code},1,{product}{number},{shop},{price},5.00")
                at += timedelta(days=4)
    tables = {
        "olist_orders_dataset": (
            "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
            "order_delivered_carrier_date,order_delivered_customer_date,"
            "order_estimated_delivery_date",
            orders,
        ),
        "olist_order_items_dataset": (
            "order_id,order_item_id,product_id,seller_id,price,freight_value",
            lines,
        ),
        "olist_products_dataset": (
            "product_id,product_category_name,product_weight_g,product_length_cm,"
            "product_height_cm,product_width_cm",
            [
                f"{product}{number},{category},700,30,10,10"
                for number in range(len(SHOPS))
                for product, category in PRODUCTS.items()
            ],
        ),
        "olist_sellers_dataset": (
            "seller_id,seller_zip_code_prefix,seller_city,seller_state",
            [f"{shop},13023,campinas,SP" for shop in SHOPS],
        ),
        "product_category_name_translation": (
            "product_category_name,product_category_name_english",
            [f"{own},{english}" for own, english in ENGLISH.items()],
        ),
    }
    for name, (header, rows) in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return folder

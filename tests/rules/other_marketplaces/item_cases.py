"""The bounds of what other marketplaces ask of items and their campaign prices."""

from tests.rules.other_marketplaces.case import Case, Known, ListPrice, Night, Orders
from tests.rules.other_marketplaces.world import CHANGED

NEGATIVE_RATE, NEGATIVE = "item.negative_review_rate_30d", "item.negative_reviews_30d"
STARS, REVIEWS = "item.rating", "item.reviews"
REFUND_RATE, REFUNDED = "item.refund_rate_7d", "item.refunded_orders_7d"
PRICE = "entry.activity_price"

ITEMS = (
    Case(
        "negative",
        "negative_reviews",
        admitted=Known({NEGATIVE_RATE: "0.0149", NEGATIVE: "6"}),
        refused=Known({NEGATIVE_RATE: "0.015", NEGATIVE: "6"}),
        grounds=((NEGATIVE, "6", ">=", "6"), (NEGATIVE_RATE, "0.0150", "<", "0.015")),
        night=Night(
            kept=Known({NEGATIVE: "9"}),
            lost=Known({NEGATIVE_RATE: "0.015"}),
            action="clear_out",
            status="cleared_out",
            grounds=((NEGATIVE, "6", ">=", "6"), (NEGATIVE_RATE, "0.0150", "<", "0.015")),
        ),
    ),
    # It applies only from the sixth order with a negative review on.
    Case(
        "few-negative",
        "negative_reviews",
        admitted=Known({NEGATIVE_RATE: "0.9", NEGATIVE: "5"}),
        refused=Known({NEGATIVE_RATE: "0.9", NEGATIVE: "6"}),
        grounds=((NEGATIVE, "6", ">=", "6"), (NEGATIVE_RATE, "0.9000", "<", "0.015")),
    ),
    Case(
        "stars",
        "stars",
        admitted=Known({STARS: "2.5", REVIEWS: "5"}),
        refused=Known({STARS: "2.4", REVIEWS: "5"}),
        grounds=((STARS, "2.4", ">=", "2.5"), (REVIEWS, "5", ">=", "5")),
        night=Night(
            kept=Known({REVIEWS: "6"}),
            lost=Known({STARS: "2.4"}),
            action="clear_out",
            status="cleared_out",
            grounds=((STARS, "2.4", ">=", "2.5"), (REVIEWS, "5", ">=", "5")),
        ),
    ),
    Case(
        "reviews",
        "stars",
        admitted=Known({STARS: "2.5", REVIEWS: "5"}),
        refused=Known({STARS: "5.0", REVIEWS: "4"}),
        grounds=((STARS, "5.0", ">=", "2.5"), (REVIEWS, "4", ">=", "5")),
    ),
    # What nobody has delivered is not good enough here.
    Case(
        "no-reviews",
        "stars",
        admitted=Known({STARS: "2.5", REVIEWS: "5"}),
        refused=Known({STARS: "", REVIEWS: "5"}),
        grounds=((STARS, None, ">=", "2.5"), (REVIEWS, "5", ">=", "5")),
    ),
    # The nearest category's limit: 5 %, 4.8 %, and 4.5 % where the table names none.
    Case(
        "refunds-phones",
        "refunds",
        admitted=Known({"category": "phones"}, (Orders(101, refunded=5),)),
        refused=Known({"category": "phones"}, (Orders(100, refunded=5),)),
        grounds=((REFUNDED, "5", ">=", "5"), (REFUND_RATE, "0.050000", "<", "0.050")),
        night=Night(
            kept=Known(events=(Orders(20, refunded=1, paid_at=CHANGED),)),
            lost=Known(events=(Orders(19, refunded=1, paid_at=CHANGED),)),
            action="clear_out",
            status="cleared_out",
            grounds=((REFUNDED, "6", ">=", "5"), (REFUND_RATE, "0.050000", "<", "0.050")),
        ),
    ),
    Case(
        "refunds-groceries",
        "refunds",
        admitted=Known({"category": "groceries"}, (Orders(105, refunded=5),)),
        refused=Known({"category": "groceries"}, (Orders(104, refunded=5),)),
        grounds=((REFUNDED, "5", ">=", "5"), (REFUND_RATE, "0.048077", "<", "0.048")),
    ),
    Case(
        "refunds-toys",
        "refunds",
        admitted=Known({}, (Orders(112, refunded=5),)),
        refused=Known({}, (Orders(111, refunded=5),)),
        grounds=((REFUNDED, "5", ">=", "5"), (REFUND_RATE, "0.045045", "<", "0.045")),
    ),
    # Five of them make the rate count. 7 days before the filing begin on 1 May and end before its
    # day, which counts in the night after.
    Case(
        "refunds-7-days",
        "refunds",
        admitted=Known({}, (
            Orders(4, refunded=4), Orders(1, refunded=1, paid_at="2023-04-30 23:59:59"),
        )),
        admitted_too=Known({}, (
            Orders(4, refunded=4), Orders(1, refunded=1, paid_at="2023-05-08 00:00:00"),
        )),
        refused=Known({}, (
            Orders(4, refunded=4), Orders(1, refunded=1, paid_at="2023-05-01 00:00:00"),
        )),
        grounds=((REFUNDED, "5", ">=", "5"), (REFUND_RATE, "1.000000", "<", "0.045")),
        night=Night(
            kept=Known(),
            lost=Known(),
            action="clear_out",
            status="cleared_out",
            grounds=((REFUNDED, "5", ">=", "5"), (REFUND_RATE, "1.000000", "<", "0.045")),
        ),
    ),
    Case(
        "restricted",
        "restricted",
        admitted=Known({"category": "groceries"}),
        refused=Known({"category": "painkillers"}),
        grounds=(("item.category", "painkillers", "in", "restricted (2)"),),
        night=Night(
            kept=Known({"category": "phones"}),
            lost=Known({"category": "medicines"}),
            action="clear_out",
            status="cleared_out",
            grounds=(("item.category", "medicines", "in", "restricted (2)"),),
        ),
    ),
    Case(
        "stock",
        "stock",
        admitted=Known({"stock": "10"}),
        refused=Known({"stock": "9"}),
        grounds=(("item.stock", "9", ">=", "10"),),
        night=Night(
            kept=Known({"stock": "11"}),
            lost=Known({"stock": "9"}),
            action="at_risk",
            status="at_risk",
            grounds=(("item.stock", "9", ">=", "10"),),
        ),
    ),
    Case(
        "no-stock",
        "stock",
        admitted=Known({"stock": "10"}),
        refused=Known({"stock": ""}),
        grounds=(("item.stock", None, ">=", "10"),),
    ),
    Case(
        "listed",
        "lowest_of_90_days",
        admitted=Known(events=(ListPrice("80.00"),)),
        refused=Known(events=(ListPrice("79.99"),)),
        grounds=((PRICE, "80.00", "<=", "79.99"),),
        night=Night(
            kept=Known(events=(ListPrice("120.00", CHANGED),)),
            lost=Known(events=(ListPrice("79.99", "2023-05-09 23:59:59"),)),
            action="unpublish",
            status="unpublished",
            grounds=((PRICE, "80.00", "<=", "79.99"),),
        ),
    ),
    # 90 days before the filing begin on 7 February.
    Case(
        "listed-90-days",
        "lowest_of_90_days",
        admitted=Known(events=(
            ListPrice("70.00", "2023-02-01 00:00:00", "2023-02-07 00:00:00"),
            ListPrice("100.00", "2023-02-07 00:00:00"),
        )),
        refused=Known(events=(
            ListPrice("70.00", "2023-02-01 00:00:00", "2023-02-07 00:00:01"),
            ListPrice("100.00", "2023-02-07 00:00:01"),
        )),
        grounds=((PRICE, "80.00", "<=", "70.00"),),
    ),
    # What was paid in promotions counts; fake trade does not.
    Case(
        "paid",
        "lowest_paid",
        admitted=Known(events=(Orders(price="80.00"), Orders(price="50.00", abnormal=True))),
        refused=Known(events=(Orders(price="79.99"),)),
        grounds=((PRICE, "80.00", "<=", "79.99"),),
        night=Night(
            kept=Known(events=(Orders(price="80.00", paid_at=CHANGED),)),
            lost=Known(events=(Orders(price="79.99", paid_at=CHANGED),)),
            action="clear_out",
            status="cleared_out",
            grounds=((PRICE, "80.00", "<=", "79.99"),),
        ),
    ),
    # 30 days before the filing are those from 8 April to 7 May.
    Case(
        "paid-30-days",
        "lowest_paid",
        admitted=Known(events=(Orders(price="50.00", paid_at="2023-04-07 23:59:59"),)),
        admitted_too=Known(events=(Orders(price="50.00", paid_at="2023-05-08 00:00:00"),)),
        refused=Known(events=(Orders(price="50.00", paid_at="2023-04-08 00:00:00"),)),
        grounds=((PRICE, "80.00", "<=", "50.00"),),
        night=Night(
            kept=Known(),
            lost=Known(),
            action="clear_out",
            status="cleared_out",
            grounds=((PRICE, "80.00", "<=", "50.00"),),
        ),
    ),
    Case(
        "paid-yesterday",
        "lowest_paid",
        admitted=Known(events=(Orders(price="80.00", paid_at="2023-05-07 23:59:59"),)),
        refused=Known(events=(Orders(price="50.00", paid_at="2023-05-07 23:59:59"),)),
        grounds=((PRICE, "80.00", "<=", "50.00"),),
    ),
)  # fmt: skip

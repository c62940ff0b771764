"""The bounds of what other marketplaces ask of sellers."""

from tests.rules.other_marketplaces.case import Case, Known, Night, Violation
from tests.rules.other_marketplaces.world import CHANGED

SCORE, REPUTATION = "seller.performance_score", "seller.reputation"
LATE, CANCELLED = "seller.late_dispatch_rate_7d", "seller.fault_cancellation_rate_7d"
POSITIVE = "seller.positive_rating"
CANCELS, ON_TIME = "seller.cancellation_rate", "seller.ship_on_time_rate"
PROHIBITED, POINTS = "seller.prohibited_30d", "seller.points_this_quarter"
NO_SCORE = (SCORE, None, "is_missing", None)

SELLERS = (
    Case(
        "performance",
        "performance",
        admitted=Known({SCORE: "3.5"}),
        refused=Known({SCORE: "3.4"}),
        grounds=((SCORE, "3.4", ">=", "3.5"),),
        night=Night(
            kept=Known({SCORE: "2.5"}),
            lost=Known({SCORE: "2.4"}),
            action="clear_out",
            status="cleared_out",
            grounds=((SCORE, "2.4", ">=", "2.5"),),
        ),
    ),
    # At filing 30 days reach back to 8 April, and in the night to 10 April.
    Case(
        "prohibited",
        "prohibited_products",
        admitted=Known(events=(
            Violation("2023-04-07 23:59:59"), Violation("2023-04-09 23:59:59"),
            Violation("2023-05-07 12:00:00"), Violation("2023-05-07 13:00:00", category="late"),
        )),
        admitted_too=Known(events=(
            Violation("2023-04-07 23:59:59"), Violation("2023-04-10 00:00:00"),
            Violation("2023-05-07 12:00:00"),
        )),
        refused=Known(events=(
            Violation("2023-04-08 00:00:00"), Violation("2023-05-07 12:00:00"),
            Violation("2023-05-08 09:00:00"),
        )),
        grounds=((PROHIBITED, "3", "<", "3"),),
        night=Night(
            kept=Known(events=(Violation(CHANGED),)),
            lost=Known(events=(Violation(CHANGED),)),
            action="clear_out",
            status="cleared_out",
            grounds=((PROHIBITED, "3", "<", "3"),),
        ),
    ),
    Case(
        "without-score",
        "without_score",
        admitted=Known({SCORE: "", LATE: "0.0999", CANCELLED: "0.0999"}),
        refused=Known({SCORE: "", LATE: "0.1", CANCELLED: "0.0999"}),
        grounds=(NO_SCORE, (LATE, "0.1000", "<", "0.10"), (CANCELLED, "0.0999", "<", "0.10")),
        night=Night(
            kept=Known({LATE: "0.01"}),
            lost=Known({LATE: "0.1"}),
            action="clear_out",
            status="cleared_out",
            grounds=(NO_SCORE, (LATE, "0.1000", "<", "0.10"), (CANCELLED, "0.0999", "<", "0.10")),
        ),
    ),
    # Not asked of a shop with a score; and what fails needs no further figure.
    Case(
        "with-score",
        "without_score",
        admitted=Known({SCORE: "3.5", LATE: "0.1", CANCELLED: "0.1"}),
        refused=Known({SCORE: "", LATE: "", CANCELLED: "0.1"}),
        grounds=(NO_SCORE, (LATE, None, "<", "0.10"), (CANCELLED, "0.1000", "<", "0.10")),
    ),
    Case(
        "positive",
        "positive_rating",
        admitted=Known({POSITIVE: "0.6"}),
        refused=Known({POSITIVE: "0.5999"}),
        grounds=((POSITIVE, "0.5999", ">=", "0.60"),),
        night=Night(
            kept=Known({POSITIVE: ""}),
            lost=Known({POSITIVE: "0.5999"}),
            action="flag",
            grounds=((POSITIVE, "0.5999", ">=", "0.60"),),
        ),
    ),
    # Asked at joining only: neither is lost.
    Case(
        "fulfilment",
        "fulfilment",
        admitted=Known({CANCELS: "0.07", ON_TIME: "0.6"}),
        refused=Known({CANCELS: "0.0701", ON_TIME: "0.6"}),
        grounds=((CANCELS, "0.0701", "<=", "0.07"), (ON_TIME, "0.6000", ">=", "0.60")),
        night=Night(kept=Known({ON_TIME: "0.9"}), lost=Known({CANCELS: "0.5", ON_TIME: "0.1"})),
    ),
    # A figure that is missing excuses nothing but itself.
    Case(
        "on-time",
        "fulfilment",
        admitted=Known({CANCELS: "", ON_TIME: "0.6"}),
        refused=Known({CANCELS: "", ON_TIME: "0.5999"}),
        grounds=((CANCELS, None, "<=", "0.07"), (ON_TIME, "0.5999", ">=", "0.60")),
    ),
    Case(
        "points",
        "penalty_points",
        admitted=Known(events=(
            Violation("2023-03-31 23:59:59", 9, "late"),
            Violation("2023-05-07 12:00:00", 2, "late"),
        )),
        refused=Known(events=(
            Violation("2023-04-01 00:00:00", 1, "spam"),
            Violation("2023-05-07 12:00:00", 2, "late"),
        )),
        grounds=((POINTS, "3", "<", "3"),),
    ),
    Case(
        "reputation",
        "reputation",
        admitted=Known({REPUTATION: "green"}),
        refused=Known({REPUTATION: "yellow"}),
        grounds=((REPUTATION, "yellow", "==", "green"),),
        night=Night(
            kept=Known(),
            lost=Known({REPUTATION: "red"}),
            action="abnormal",
            status="abnormal",
            grounds=((REPUTATION, "red", "==", "green"),),
        ),
    ),
)  # fmt: skip

"""Penalties, one row each, by their code."""

from django.db.models import F, Q
from django.utils.translation import gettext as _

from sellers import sanctions
from sellers.feeds.description import (
    KNOWN,
    KNOWN_COLUMN,
    Check,
    Feed,
    Level,
    columns_of,
    own_code,
)
from sellers.models import SubjectKind, Violation

CODE = own_code(Violation)
SELLER, ITEM = columns_of(Violation, "seller", "item")
COLUMNS = columns_of(
    Violation,
    *("category", "subcategory", "severity", "points", "is_special_zero"),
    *("occurred_at", "penalised_at", "verified"),
)


class Violations(Feed):
    """One line per violation. A file with only `code,verified` turns the flag of known ones."""

    kind = "violations"
    columns = (CODE, SELLER, ITEM, *COLUMNS, KNOWN_COLUMN)
    subjects = ((SubjectKind.SELLER, "found__seller_id"),)
    new_needs = frozenset(
        {"seller", "category", "severity", "points", "occurred_at", "penalised_at"}
    )

    def key(self, present):
        return ("code",)

    def levels(self, present):
        written = tuple(c for c in present if c not in (CODE, KNOWN_COLUMN))
        fixed = {"code": F("found_id")}
        return [Level(model=Violation, found="found", columns=written, times=(KNOWN,), fixed=fixed)]

    def finish(self, stage):
        sanctions.apply(at=stage.at)

    def checks(self, stage):
        if stage.has("item") and stage.has("seller"):
            foreign = Q(item__id__isnull=False) & ~Q(item__seller__code=F("seller_id"))
            yield Check(foreign, ITEM, _("is an item of %s"), other="item__seller__code")
        elif stage.has("item"):
            foreign = Q(item__id__isnull=False) & ~Q(item__seller=F("found__seller"))
            yield Check(foreign, ITEM, _("is an item of %s"), other="item__seller__code")

"""``locks`` and ``promotions``: what may not change, and what is on offer, in a window."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Lock, Promotion
from campaigns.rulebooks.fields import Choice, Plain, Time
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields
from campaigns.rulebooks.sections.timeline import ends_before_it_starts
from campaigns.rulebooks.sections.venues import CODES, unknown_kinds

LOCKABLE = ("item.list_price", "entry.activity_price")


@dataclass(frozen=True, kw_only=True)
class WindowSection(Section):
    """Rows that hold in [starts, ends)."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            yield from ends_before_it_starts(row, (self.key, i, "ends"))


LOCKS = WindowSection(
    key="locks",
    noun=gettext_lazy("Lock"),
    model=Lock,
    help="prices of campaign items that may not change, or not rise, in a window",
    fields=row_fields(
        Plain(name="field", required=True, default="", shape={"enum": list(LOCKABLE)}),
        Choice(name="direction", required=True, choices=Lock.Direction, help="what is refused"),
        Time(name="starts", column="starts_at", required=True),
        Time(name="ends", column="ends_at", required=True, help="the first instant outside"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class PromotionSection(WindowSection):
    """Promotions of entries and of shops."""

    def problems(self, rows, names):
        yield from super().problems(rows, names)
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from unknown_kinds(row, "venue_kinds", names, path)
            below = (*path, "setup_until")
            yield from ends_before_it_starts(row, below, "setup_from", "setup_until")
            if row["kind"] == Promotion.Kind.PAGE and row["level"] != Promotion.Level.SHOP:
                yield Problem((*path, "level"), _("a landing page is the whole shop's"))


PROMOTIONS = PromotionSection(
    key="promotions",
    noun=gettext_lazy("Promotion"),
    model=Promotion,
    help="promotion tools and voluntary plays; code is the tool's, as entry.tools has it",
    fields=row_fields(
        Choice(name="kind", required=True, choices=Promotion.Kind),
        Choice(
            name="level",
            choices=Promotion.Level,
            default=Promotion.Level.ENTRY.value,
            help="bound to an entry, or set for the whole shop",
        ),
        Plain(
            name="venue_kinds",
            default=[],
            shape=CODES,
            help="kinds of venues that it is for; left out: all",
        ),
        Time(name="setup_from", help="shops set it from then on"),
        Time(name="setup_until", help="the first instant at which it cannot be set any more"),
        Time(name="starts", column="starts_at"),
        Time(name="ends", column="ends_at", help="the first instant outside"),
        Plain(
            name="terms",
            default={},
            shape={"type": "object"},
            help="the promotion's own terms, such as threshold and reduction",
        ),
    ),
)

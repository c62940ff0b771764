"""``locks`` and ``promotions``: what may not change, and what is on offer, in a window."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Lock, Promotion
from campaigns.rulebooks.fields import NAME, Choice, Plain, Time
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields
from campaigns.rulebooks.sections.timeline import ends_before_it_starts
from campaigns.rulebooks.sections.venues import CODES, unknown_kinds
from campaigns.tool_terms import LONGEST_PLACES, NUMBERS, TYPES

LOCKABLE = ("item.list_price", "entry.activity_price")
# What shops fill in when they set a promotion; the other terms are the rulebook's own.
ASKS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "code": {"type": "string", "pattern": NAME, "maxLength": 64},
            "type": {"enum": list(TYPES)},
            "title": {"$ref": "#/$defs/texts"},
            "unit": {"type": "string", "maxLength": 32},
            "places": {"type": "integer", "minimum": 0, "maximum": LONGEST_PLACES},
            **{key: {"type": "number"} for key in ("least", "most", "above")},
            "below_term": {"type": "string"},
            "optional": {"type": "boolean"},
        },
        "required": ["code", "type", "title"],
        "additionalProperties": False,
    },
}


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
            if row["terms"].get("asks"):
                yield from _problems_of_asks(row, (*path, "terms", "asks"))


def _problems_of_asks(row, path):
    if row["level"] != Promotion.Level.SHOP or row["kind"] == Promotion.Kind.PAGE:
        yield Problem(path, _("only a promotion that shops set asks them for anything"))
    asks = row["terms"]["asks"]
    codes = [ask["code"] for ask in asks]
    numbers = {ask["code"] for ask in asks if ask["type"] in NUMBERS}
    for i, ask in enumerate(asks):
        if ask["code"] in codes[:i]:
            text = _("“%(code)s” is here twice") % {"code": ask["code"]}
            yield Problem((*path, i, "code"), text)
        is_number = ask["type"] in NUMBERS
        for key in ("least", "most", "above", "below_term"):
            if key in ask and not is_number:
                yield Problem((*path, i, key), _("only a number has bounds"))
        if "places" in ask and ask["type"] != "decimal":
            yield Problem((*path, i, "places"), _("only a decimal has decimal places"))
        if "below_term" in ask and ask["below_term"] not in numbers - {ask["code"]}:
            text = _("expected the code of another number that is asked for")
            yield Problem((*path, i, "below_term"), text)


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
            shape={"type": "object", "properties": {"asks": ASKS}},
            help="the promotion's own terms, such as threshold and reduction; asks: what each "
            "shop fills in",
        ),
    ),
)

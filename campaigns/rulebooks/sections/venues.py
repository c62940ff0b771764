"""``venues`` and ``claims``: where items are filed, and what only one entry may hold."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import ClaimScope, Venue, VenueTerms
from campaigns.rulebooks.fields import NAME, Choice, Code, Flag, Plain, Text, Texts, Whole
from campaigns.rulebooks.section import CHUNK, Section, row_fields

_KINDS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


@dataclass(frozen=True, kw_only=True)
class VenueSection(Section):
    """A version keeps a venue's terms; the venue itself belongs to the campaign."""

    def save(self, version, rows):
        campaign = version.campaign
        Venue.objects.bulk_create(
            (Venue(campaign=campaign, code=row["code"]) for row in rows),
            batch_size=CHUNK,
            ignore_conflicts=True,
        )
        ids = dict(Venue.objects.filter(campaign=campaign).values_list("code", "pk"))
        super().save(version, [{**row, "venue_id": ids[row["code"]]} for row in rows])

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            for j, code in enumerate(row["windows"]):
                path = (self.key, i, "windows", j)
                yield from names.unknown(_("milestone"), code, names.codes["milestones"], path)


@dataclass(frozen=True, kw_only=True)
class ClaimSection(Section):
    """Scopes name kinds of venues."""

    def problems(self, rows, names):
        kinds = {row["kind"] for row in names.rows["venues"]}
        for i, row in enumerate(rows):
            for j, kind in enumerate(row["venue_kinds"]):
                path = (self.key, i, "venue_kinds", j)
                yield from names.unknown(_("kind of venue"), kind, kinds, path)
            for j, pair in enumerate(row["takeovers"]):
                for k, kind in enumerate(pair):
                    path = (self.key, i, "takeovers", j, k)
                    yield from names.unknown(_("kind of venue"), kind, kinds, path)


VENUES = VenueSection(
    key="venues",
    noun=gettext_lazy("Venue"),
    model=VenueTerms,
    help="the campaign's pages that items are filed for; a rulebook has at least one",
    fields=row_fields(
        Text(name="kind", default="main", longest=32, help="the operator's own word"),
        Flag(name="takes_registrations", default=True),
        Flag(name="invitation_only"),
        Choice(
            name="review_mode",
            choices=VenueTerms.ReviewMode,
            default=VenueTerms.ReviewMode.SYSTEM.value,
        ),
        Flag(
            name="cancellable_after_approval",
            default=True,
            help="whether sellers may withdraw an approved entry",
        ),
        Whole(name="capacity", help="display places"),
        Text(name="placement_mode", longest=16, help="such as ranked or personalised"),
        Plain(
            name="windows",
            default=[],
            shape=_KINDS,
            help="milestones in which it takes items; left out: every item registration window",
        ),
        Texts(name="badge", help="what approved items are marked with"),
        code=Code(name="code", required=True, pattern=NAME, help="the venue's code"),
    ),
)

CLAIMS = ClaimSection(
    key="claims",
    noun=gettext_lazy("Claim"),
    model=ClaimScope,
    help="what only one entry of the campaign may hold at a time",
    fields=row_fields(
        Plain(
            name="subject",
            column="subject_kind",
            default="item",
            shape={"enum": ["item", "seller"]},
        ),
        Plain(
            name="venue_kinds",
            default=[],
            shape=_KINDS,
            help="kinds of venues that compete; left out: all of the campaign's",
        ),
        Choice(name="taken", choices=ClaimScope.Taken, default=ClaimScope.Taken.FILING.value),
        Plain(
            name="takeovers",
            default=[],
            shape={
                "type": "array",
                "items": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            help="pairs [new kind, old kind]: an entry of the new kind takes the claim over",
        ),
    ),
)

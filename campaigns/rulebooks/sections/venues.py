"""``venues``, ``floors``, ``claims`` and ``conflicts``: where items are filed, and what excludes
what."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import ClaimScope, Conflict, Floor, ResourceSlot, Venue, VenueTerms
from campaigns.rulebooks.fields import NAME, Choice, Code, Flag, Plain, Text, Texts, Time, Whole
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import CHUNK, Section, row_fields

CODES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def unknown_kinds(row, attribute, names, path):
    """Problems of a list of kinds of venues, for those that no venue is of."""
    kinds = {venue["kind"] for venue in names.rows["venues"]}
    for j, kind in enumerate(row[attribute]):
        yield from names.unknown(_("kind of venue"), kind, kinds, (*path, attribute, j))


def unknown_milestones(row, attributes, names, path):
    """Problems of keys that name a milestone each, or none."""
    for attribute in attributes:
        if row[attribute]:
            known = names.codes["milestones"]
            below = (*path, attribute)
            yield from names.unknown(_("milestone"), row[attribute], known, below)


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
            path = (self.key, i)
            yield from unknown_milestones(row, ("online", "on_sale", "badged"), names, path)
            yield from unknown_kinds(row, "feeds_from_kinds", names, path)
            known = names.codes["venues"] - {row["code"]}
            for j, code in enumerate(row["feeds_from"]):
                yield from names.unknown(_("venue"), code, known, (*path, "feeds_from", j))
            together = VenueTerms.Release.TOGETHER
            if row["release"] == together and row["review_mode"] == VenueTerms.ReviewMode.SYSTEM:
                text = _("what the system alone reviews is released at once")
                yield Problem((*path, "release"), text)


@dataclass(frozen=True, kw_only=True)
class ClaimSection(Section):
    """Scopes name kinds of venues."""

    def problems(self, rows, names):
        kinds = {row["kind"] for row in names.rows["venues"]}
        for i, row in enumerate(rows):
            yield from unknown_kinds(row, "venue_kinds", names, (self.key, i))
            if row["first_prevails"] and row["taken"] != ClaimScope.Taken.DECISION:
                text = _("only what is taken when decided has a first one to prevail")
                yield Problem((self.key, i, "first_prevails"), text)
            for j, pair in enumerate(row["takeovers"]):
                for k, kind in enumerate(pair):
                    path = (self.key, i, "takeovers", j, k)
                    yield from names.unknown(_("kind of venue"), kind, kinds, path)


@dataclass(frozen=True, kw_only=True)
class FloorSection(Section):
    """Floors belong to venues."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            known = names.codes["venues"]
            path = (self.key, i, "venue")
            yield from names.unknown(_("venue"), row["venue_code"], known, path)


@dataclass(frozen=True, kw_only=True)
class ConflictSection(Section):
    """Conflicts name kinds of venues."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            for attribute in ("venue_kinds", "against"):
                yield from unknown_kinds(row, attribute, names, (self.key, i))


VENUES = VenueSection(
    key="venues",
    noun=gettext_lazy("Venue"),
    model=VenueTerms,
    help="the campaign's pages that items are filed for; a rulebook has at least one",
    fields=row_fields(
        Text(name="kind", default="main", longest=32, help="the operator's own word"),
        Text(name="group", longest=32, help="a part of the kind, such as industry"),
        Flag(name="takes_registrations", default=True),
        Flag(name="invitation_only"),
        Plain(
            name="feeds_from",
            default=[],
            shape=CODES,
            help="venues whose best move up into this one",
        ),
        Plain(
            name="feeds_from_kinds",
            default=[],
            shape=CODES,
            help="the same for every venue of these kinds",
        ),
        Choice(
            name="review_mode",
            choices=VenueTerms.ReviewMode,
            default=VenueTerms.ReviewMode.SYSTEM.value,
        ),
        Choice(
            name="release",
            choices=VenueTerms.Release,
            default=VenueTerms.Release.AT_ONCE.value,
            help="when sellers see what reviewers decided",
        ),
        Time(name="results_due", help="by when results are published"),
        Flag(
            name="cancellable_after_approval",
            default=True,
            help="whether sellers may withdraw an approved entry",
        ),
        Whole(
            name="withdrawal_warning_hours",
            help="hours before filing ends in which withdrawing is warned of",
        ),
        Choice(
            name="late_refiles",
            choices=VenueTerms.LateRefiles,
            default=VenueTerms.LateRefiles.REVIEWER.value,
            help="who decides what was cleared out, filed again, and waits when filing ends",
        ),
        Text(name="contact", longest=200, help="whom sellers turn to once filing has ended"),
        Whole(name="capacity", help="display places"),
        Text(name="placement_mode", longest=16, help="such as ranked or personalised"),
        Plain(
            name="windows",
            default=[],
            shape=CODES,
            help="milestones in which it takes items; left out: every item registration window",
        ),
        Code(name="online", help="the milestone in which the page is online"),
        Code(name="on_sale", help="the milestone in which its items are on sale"),
        Code(name="badged", help="the milestone in which badges show; left out: once approved"),
        Texts(name="badge", help="what approved items are marked with"),
        Plain(
            name="badge_styles",
            default=[],
            shape={"type": "array", "items": {"$ref": "#/$defs/texts"}},
            help="further styles of the badge",
        ),
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
            shape=CODES,
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
        Flag(
            name="first_prevails",
            help="once one is approved, the others that wait for the same are superseded",
        ),
    ),
)

FLOORS = FloorSection(
    key="floors",
    noun=gettext_lazy("Floor"),
    model=Floor,
    help="parts of a venue's page with places of their own",
    fields=row_fields(
        Code(name="venue", column="venue_code", required=True),
        Whole(name="capacity", help="places"),
    ),
)

CONFLICTS = ConflictSection(
    key="conflicts",
    noun=gettext_lazy("Conflict"),
    model=Conflict,
    help="kinds of venues that an item cannot be filed for while it stands in others",
    fields=row_fields(
        Plain(name="venue_kinds", required=True, default=[], shape={**CODES, "minItems": 1}),
        Plain(name="against", required=True, default=[], shape={**CODES, "minItems": 1}),
        Choice(
            name="standing",
            choices=Conflict.Standing,
            default=Conflict.Standing.REGISTERED.value,
        ),
    ),
)

SLOTS = Section(
    key="slots",
    noun=gettext_lazy("Resource position"),
    model=ResourceSlot,
    help="the catalogue of positions that the campaign may be pushed in",
    fields=row_fields(
        Text(name="channel", longest=32, help="such as web, app or affiliates"),
        Whole(name="place", help="position on the page"),
    ),
)

"""Races as data, the boards that they make, who stands where because of them, and attainments."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion, Venue
from campaigns.models.rulebook import RulebookRow, natural_key
from sellers.models import Item, Seller

# A measure has one input, a ratio two; a board keeps all of a row's.
MOST_MEASURES = 4
MOST_INPUTS = 6


class Race(RulebookRow):
    """Who is ranked for places of which venues (D12-003, 051..053, 124..137; G520-047..051).

    Every venue of ``venue_codes`` and of ``venue_kinds`` has boards of its own. Candidates are the
    sellers (or items) with an approved entry in the venue itself, or in those that feed it. With
    ``enrolled_in`` (a bonus) or ``invited`` only those enrolled, or who filed in the venue under an
    invitation, take part; with both, either will do. ``where`` is asked of their entries besides:
    ``entry.raced_venue`` is the venue there.
    ``group_by`` names a metric: every value has a ranking, and places, of its own.
    """

    class Candidates(models.TextChoices):
        OWN = "own", _("approved in the venue itself")
        FEEDING = "feeding", _("approved in the venues that feed it")
        BOTH = "both", _("either")

    class Unit(models.TextChoices):
        SELLER = "seller", _("seller")
        ITEM = "item", _("item")

    venue_codes = models.JSONField(_("venues"), default=list, blank=True)
    venue_kinds = models.JSONField(_("venue kinds"), default=list, blank=True)
    candidates = models.CharField(
        _("who takes part"), max_length=8, choices=Candidates, default=Candidates.OWN
    )
    unit = models.CharField(_("what is ranked"), max_length=8, choices=Unit, default=Unit.SELLER)
    where = models.JSONField(_("entries that count"), null=True, blank=True)
    enrolled_in = models.CharField(_("enrolled in bonus"), max_length=64, blank=True)
    invited = models.BooleanField(_("or invited to the venue"), default=False)
    group_by = models.CharField(_("ranked within each"), max_length=80, blank=True)
    floor_code = models.CharField(_("floor that it fills"), max_length=64, blank=True)
    # Of each group; null: the floor's capacity, else the venue's, else as many as there are.
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    # What decides between equal ones, in order; the id at last (D12-078).
    ties = models.JSONField(_("between equal ones"), default=list, blank=True)
    # A board made later than this after its period began is marked late.
    late_after_minutes = models.PositiveIntegerField(_("late after minutes"), default=30)
    # Whether those who take part see the board.
    public = models.BooleanField(_("shown to who takes part"), default=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("race")
        verbose_name_plural = _("races")
        constraints = [natural_key("race_natural_key")]


class RaceSegment(RulebookRow):
    """A part of a race's time: how often boards are made in it, of which figures.

    ``during`` is a milestone. ``facts`` says which time a board's sums are taken over:
    "previous_hour", "previous_day", ``{"milestone": code}``, ``{"before": code}`` (until that
    milestone starts), or ``{"since": code}`` (from that milestone's start until the board's). A
    measure is ``{"sum": field, "of": "seller" | "item"}`` with ``facts`` of its own if need be,
    ``{"metric": code}`` or ``{"ratio": [two such]}``, beside which may stand ``order`` ("desc" or
    "asc"), ``weight`` and ``percentile``.
    """

    class Every(models.TextChoices):
        HOUR = "hour", _("every hour")
        DAY = "day", _("every day")
        ONCE = "once", _("once")

    class Score(models.TextChoices):
        ORDER = "order", _("one measure after the other")
        WEIGHTS = "weights", _("by weighted sum")

    race = models.CharField(_("race"), max_length=64)
    during = models.CharField(_("during"), max_length=64)
    every = models.CharField(_("boards are made"), max_length=4, choices=Every)
    facts = models.JSONField(_("figures of"), default=str)
    score = models.CharField(_("ranked"), max_length=8, choices=Score, default=Score.ORDER)
    measures = models.JSONField(_("measures"), default=list)
    # Groups (values of the race's ``group_by``) that this segment is for, or not for (G520-051).
    only_groups = models.JSONField(_("only for groups"), default=list, blank=True)
    except_groups = models.JSONField(_("not for groups"), default=list, blank=True)
    # Sellers invited to the venue by rank: how many, and how many items each (D12-131, 133, 135).
    invites = models.PositiveIntegerField(_("invites so many by rank"), null=True, blank=True)
    invited_items = models.PositiveIntegerField(_("items of each"), null=True, blank=True)
    # Invitations end with this milestone; empty: with the board's period.
    invited_until = models.CharField(_("invitations end with"), max_length=64, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("race segment")
        verbose_name_plural = _("race segments")
        constraints = [natural_key("race_segment_natural_key")]


class Board(models.Model):
    """The ranking of one race in one venue for a period, [starts_at, ends_at); never changed.

    ``measures`` tells what was ranked by, as the rulebook then had it: for each measure its label,
    unit, decimal places, order, weight, and the places of its inputs among those of the rows.
    """

    class State(models.TextChoices):
        MAKING = "making", _("being made")
        MADE = "made", _("made")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="boards", verbose_name=_("campaign")
    )
    version = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="+", verbose_name=_("rulebook version")
    )
    venue = models.ForeignKey(
        Venue, models.CASCADE, related_name="boards", verbose_name=_("venue"), db_index=False
    )
    race_code = models.CharField(_("race"), max_length=64)
    segment_code = models.CharField(_("segment"), max_length=64)
    unit = models.CharField(_("what is ranked"), max_length=8, choices=Race.Unit)
    starts_at = models.DateTimeField(_("holds from"))
    ends_at = models.DateTimeField(_("holds until before"))
    facts_from = models.DateTimeField(_("figures from"), null=True)
    facts_to = models.DateTimeField(_("figures until before"), null=True)
    measures = models.JSONField(_("measures"), default=list)
    score_places = models.PositiveSmallIntegerField(_("decimal places of scores"), default=0)
    floor_code = models.CharField(_("floor"), max_length=64, blank=True)
    places = models.PositiveIntegerField(_("places"), null=True)
    candidates = models.PositiveIntegerField(_("who took part"), default=0)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.MAKING)
    # Who makes it has until then.
    taken_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(_("made at"), null=True)
    late = models.BooleanField(_("made late"), default=False)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "race_code", "segment_code", "starts_at"],
                name="board_natural_key",
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "race_code", "starts_at"], name="board_campaign_race"),
            models.Index(fields=["campaign", "state", "starts_at"], name="board_campaign_state"),
        ]

    def __str__(self):
        return f"{self.race_code} {self.venue} {self.starts_at:%Y-%m-%d %H:%M}"


class BoardRow(models.Model):
    """A candidate's place on a board, with all that it was ranked by; never changed.

    ``input_n`` are integers scaled as the board's ``measures`` say, null where nothing is known;
    ``value_n`` is a measure's value where it is not its only input: a ratio, or a percentile.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="rows", db_index=False)
    group = models.CharField(_("group"), max_length=64, blank=True)
    place = models.PositiveIntegerField(_("rank"))
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+", db_index=False)
    # The entry by which it takes part, of several the oldest; and when the first of them was filed.
    entry_id = models.BigIntegerField(_("entry"))
    filed_at = models.DateTimeField(_("filed at"), null=True)
    score = models.BigIntegerField(_("score"), null=True)
    input_1 = models.BigIntegerField(null=True)
    input_2 = models.BigIntegerField(null=True)
    input_3 = models.BigIntegerField(null=True)
    input_4 = models.BigIntegerField(null=True)
    input_5 = models.BigIntegerField(null=True)
    input_6 = models.BigIntegerField(null=True)
    value_1 = models.BigIntegerField(null=True)
    value_2 = models.BigIntegerField(null=True)
    value_3 = models.BigIntegerField(null=True)
    value_4 = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("board row")
        verbose_name_plural = _("board rows")
        constraints = [
            models.UniqueConstraint(
                fields=["board", "group", "place"], name="board_row_natural_key"
            )
        ]
        indexes = [models.Index(fields=["board", "seller"], name="board_row_seller")]

    def __str__(self):
        return f"{self.board} {self.place}"


class Placement(models.Model):
    """Who stands in a venue (or one of its floors) for a board's period, and who no longer does.

    ``position`` is the place on the page, null for one who left; ``rank`` the place on the board,
    null for one who is not on it. ``source`` is the venue by whose entry it takes part.
    """

    class Outcome(models.TextChoices):
        PROMOTED = "promoted", _("promoted")
        KEPT = "kept", _("kept its place")
        DEMOTED = "demoted", _("demoted")
        LEFT = "left", _("no longer takes part")

    board = models.ForeignKey(Board, models.CASCADE, related_name="placements")
    group = models.CharField(_("group"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    position = models.PositiveIntegerField(_("position"), null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    pinned = models.BooleanField(_("pinned"), default=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.ForeignKey(Venue, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(
                fields=["board", "group", "position"],
                condition=models.Q(position__isnull=False),
                name="placement_natural_key",
            )
        ]
        indexes = [models.Index(fields=["board", "seller"], name="placement_seller")]

    def __str__(self):
        return f"{self.board} {self.position}"


class Pin(models.Model):
    """A position that an operator gives by hand, in [starts_at, ends_at) (D12-054)."""

    venue = models.ForeignKey(
        Venue, models.CASCADE, related_name="pins", verbose_name=_("venue"), db_index=False
    )
    race_code = models.CharField(_("race"), max_length=64)
    group = models.CharField(_("group"), max_length=64, blank=True)
    position = models.PositiveIntegerField(_("position"))
    seller = models.ForeignKey(Seller, models.CASCADE, related_name="+", verbose_name=_("seller"))
    item = models.ForeignKey(
        Item, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    pinned_at = models.DateTimeField(_("pinned at"))
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Taken off by hand; it then never held from this instant on.
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)

    class Meta:
        verbose_name = _("pinned position")
        verbose_name_plural = _("pinned positions")
        indexes = [models.Index(fields=["venue", "race_code", "starts_at"], name="pin_venue_race")]

    def __str__(self):
        return f"{self.venue} {self.position}"


class Incentive(RulebookRow):
    """What sellers get from the hour on in which a figure of the day reaches their own reference
    value (D12-120..123).

    ``measure`` is the field summed over the local day until the check, ``reaches`` the metric that
    it is compared with (>=). ``where`` is asked of the seller's entries: one must stand. Checks are
    made at every full hour that ends in the milestone ``during``; what is attained shows from then
    on in the milestone ``shown``, those first who attained it first.
    """

    measure = models.CharField(_("measure"), max_length=32)
    reaches = models.CharField(_("reaches"), max_length=80)
    where = models.JSONField(_("entries that count"), null=True, blank=True)
    during = models.CharField(_("checked during"), max_length=64)
    shown = models.CharField(_("shown during"), max_length=64)
    # Codes of resource positions (D12-123).
    slots = models.JSONField(_("resource positions"), default=list, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("incentive")
        verbose_name_plural = _("incentives")
        constraints = [natural_key("incentive_natural_key")]


class Attainment(models.Model):
    """That a seller attained an incentive on a day: when it was seen, and by which figures."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="attainments", verbose_name=_("campaign")
    )
    incentive_code = models.CharField(_("incentive"), max_length=64)
    seller = models.ForeignKey(
        Seller, models.PROTECT, related_name="attainments", verbose_name=_("seller")
    )
    day = models.DateField(_("day"))
    attained_at = models.DateTimeField(_("attained at"))
    # Scaled integers as the field and the metric have them.
    measured = models.BigIntegerField(_("measured"))
    reference = models.BigIntegerField(_("reference value"))
    places = models.PositiveSmallIntegerField(default=2)

    class Meta:
        verbose_name = _("attainment")
        verbose_name_plural = _("attainments")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "incentive_code", "seller", "day"],
                name="attainment_natural_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["campaign", "incentive_code", "attained_at"], name="attainment_order"
            )
        ]

    def __str__(self):
        return f"{self.incentive_code} {self.seller}"

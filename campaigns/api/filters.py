"""What lists of the API can be narrowed by; every filter meets an index."""

from django_filters import rest_framework as filters

from campaigns.models import (
    Board,
    BoardRow,
    Campaign,
    Entry,
    Finding,
    Invitation,
    Placement,
    SweepRun,
)
from sellers.api.decimals import ExactFilterSet


class CampaignFilter(ExactFilterSet):
    """By state and kind."""

    class Meta:
        model = Campaign
        fields = ["state", "kind"]


class EntryFilter(ExactFilterSet):
    """By campaign, venue, seller and item code, status, and time of filing."""

    campaign = filters.CharFilter("campaign__code")
    venue = filters.CharFilter("venue__code")
    seller = filters.CharFilter("seller__code")
    item = filters.CharFilter("item__code")
    status = filters.MultipleChoiceFilter(choices=Entry.Status.choices)
    filed_from = filters.IsoDateTimeFilter("submitted_at", "gte")
    filed_before = filters.IsoDateTimeFilter("submitted_at", "lt")

    class Meta:
        model = Entry
        fields = ["held"]


class InvitationFilter(ExactFilterSet):
    """By campaign, venue, seller and item code, and state."""

    campaign = filters.CharFilter("campaign__code")
    venue = filters.CharFilter("venue__code")
    seller = filters.CharFilter("seller__code")
    item = filters.CharFilter("item__code")
    state = filters.MultipleChoiceFilter(choices=Invitation.State.choices)

    class Meta:
        model = Invitation
        fields = ["kind"]


class SweepFilter(ExactFilterSet):
    """By campaign, mode and state."""

    campaign = filters.CharFilter("campaign__code")

    class Meta:
        model = SweepRun
        fields = ["mode", "state"]


class FindingFilter(ExactFilterSet):
    """By campaign, run, requirement, entry and outcome."""

    campaign = filters.CharFilter("campaign__code")
    run = filters.NumberFilter("run_id")
    entry = filters.NumberFilter("entry_id")
    requirement = filters.CharFilter("code")

    class Meta:
        model = Finding
        fields = ["outcome", "stage"]


class BoardFilter(ExactFilterSet):
    """By campaign, venue, race and segment; by when the period begins; and those that held at an
    instant, however long ago."""

    campaign = filters.CharFilter("campaign__code")
    venue = filters.CharFilter("venue__code")
    race = filters.CharFilter("race_code")
    segment = filters.CharFilter("segment_code")
    starts_from = filters.IsoDateTimeFilter("starts_at", "gte")
    starts_before = filters.IsoDateTimeFilter("starts_at", "lt")
    at = filters.IsoDateTimeFilter(method="held_at", label="An instant in the board's period.")

    class Meta:
        model = Board
        fields = ["unit", "late"]

    def held_at(self, boards, _name, at):
        """Periods are half-open."""
        return boards.filter(starts_at__lte=at, ends_at__gt=at)


class BoardRowFilter(ExactFilterSet):
    """By seller and item code; the group is asked for beside it."""

    seller = filters.CharFilter("seller__code")
    item = filters.CharFilter("item__code")

    class Meta:
        model = BoardRow
        fields = []


class PlacementFilter(ExactFilterSet):
    """By group, seller and item code, outcome; and by whether they stand, which is asked by
    default."""

    seller = filters.CharFilter("seller__code")
    item = filters.CharFilter("item__code")
    stands = filters.BooleanFilter("position", "isnull", exclude=True)

    class Meta:
        model = Placement
        fields = ["group", "outcome", "pinned"]

    def __init__(self, data=None, *args, **kwargs):
        asked = {} if data is None else data.dict()
        super().__init__({"stands": "true", **asked}, *args, **kwargs)

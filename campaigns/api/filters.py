"""What lists of the API can be narrowed by; every filter meets an index."""

from django_filters import rest_framework as filters

from campaigns.models import Campaign, Entry, Finding, Invitation, SweepRun
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

"""What the API shows of campaigns, entries, sweeps and findings."""

from rest_framework import serializers

from campaigns.models import (
    Campaign,
    Entry,
    EntryHistory,
    Finding,
    Ground,
    Invitation,
    Milestone,
    SweepRun,
)
from sellers.api.decimals import ExactModelSerializer


class CampaignSerializer(ExactModelSerializer):
    """A campaign: its titles by language, kind and state."""

    class Meta:
        model = Campaign
        fields = ["code", "title", "kind", "state"]


class MilestoneSerializer(ExactModelSerializer):
    """A dated window, [starts_at, ends_at)."""

    open = serializers.BooleanField(help_text="Whether it is open at `at`.")

    class Meta:
        model = Milestone
        fields = ["code", "kind", "title", "starts_at", "ends_at", "open"]


class WindowSerializer(serializers.Serializer):
    """A pause, [starts_at, ends_at)."""

    code = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TimelineSerializer(serializers.Serializer):
    """What is open at an instant, and the version of the rulebook in force then."""

    at = serializers.DateTimeField()
    version = serializers.IntegerField(allow_null=True)
    phases = serializers.ListField(child=serializers.CharField())
    milestones = MilestoneSerializer(many=True)
    pauses = WindowSerializer(many=True)


class CountSerializer(serializers.Serializer):
    """One count of a funnel."""

    venue = serializers.CharField(allow_null=True)
    name = serializers.CharField(help_text="`status.<status>`, `moved.<from>.<to>` or another.")
    value = serializers.IntegerField()


class GroundSerializer(ExactModelSerializer):
    """One comparison: what was measured, against what, and when that was known."""

    class Meta:
        model = Ground
        fields = [
            "path", "metric", "measured", "comparator", "threshold", "unit", "window", "known_at",
            "result",
        ]  # fmt: skip


class FindingSerializer(ExactModelSerializer):
    """A requirement or process rule that was not met, with its grounds."""

    campaign = serializers.SlugRelatedField("code", read_only=True)
    seller = serializers.SerializerMethodField()
    item = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version.number", read_only=True)
    title = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField()
    grounds = GroundSerializer(many=True)

    class Meta:
        model = Finding
        fields = [
            "id", "campaign", "entry", "registration", "run", "seller", "item", "stage", "code",
            "outcome", "action", "at", "version", "title", "remedy", "params", "grounds",
        ]  # fmt: skip

    def get_seller(self, finding) -> str:
        """The seller's code."""
        owner = finding.entry or finding.registration
        return owner.seller.code

    def get_item(self, finding) -> str | None:
        """The item's code; null for a finding on a registration."""
        return finding.entry.item.code if finding.entry else None

    def get_title(self, finding) -> dict:
        """The requirement's title by language."""
        return finding.requirement.title if finding.requirement else {}

    def get_remedy(self, finding) -> dict:
        """What the seller can do, by language."""
        return finding.requirement.remedy if finding.requirement else {}


class EntrySerializer(ExactModelSerializer):
    """One item's registration in one venue."""

    campaign = serializers.SlugRelatedField("code", read_only=True)
    venue = serializers.SlugRelatedField("code", read_only=True)
    seller = serializers.SlugRelatedField("code", read_only=True)
    item = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Entry
        fields = [
            "id", "campaign", "venue", "seller", "item", "status", "previous", "activity_price",
            "list_source", "source", "submitted_at", "decided_at", "approved_at", "at_risk_until",
            "held",
        ]  # fmt: skip


class InvitationSerializer(ExactModelSerializer):
    """A seller is invited to a venue with one item, or with any where `item` is null."""

    campaign = serializers.SlugRelatedField("code", read_only=True)
    venue = serializers.SlugRelatedField("code", read_only=True)
    seller = serializers.SlugRelatedField("code", read_only=True)
    item = serializers.SlugRelatedField("code", read_only=True, allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "campaign", "venue", "seller", "item", "kind", "items", "state", "issued_at",
            "expires_at", "seen_at", "answered_at",
        ]  # fmt: skip


class HistorySerializer(ExactModelSerializer):
    """One status change that happened."""

    cause = serializers.CharField(source="move.cause", read_only=True)

    class Meta:
        model = EntryHistory
        fields = ["from_status", "to_status", "at", "cause", "reason"]


class EntryDetailSerializer(EntrySerializer):
    """An entry with its history and every finding."""

    history = HistorySerializer(many=True)
    findings = serializers.SerializerMethodField()

    class Meta(EntrySerializer.Meta):
        fields = [*EntrySerializer.Meta.fields, "history", "findings"]

    def get_findings(self, entry) -> FindingSerializer(many=True):
        """Findings of filings and of sweeps that were not mere previews, latest first."""
        return FindingSerializer(self.context["findings"], many=True).data


class SweepSerializer(ExactModelSerializer):
    """One re-check and how far it is."""

    campaign = serializers.SlugRelatedField("code", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = SweepRun
        fields = [
            "id", "campaign", "version", "at", "mode", "scope", "state", "live", "counts",
            "trip_reason", "started_at", "finished_at", "undone_at",
        ]  # fmt: skip


class RequirementCountSerializer(serializers.Serializer):
    """How many findings a requirement has in a run."""

    code = serializers.CharField()
    outcome = serializers.CharField()
    action = serializers.CharField()
    findings = serializers.IntegerField()

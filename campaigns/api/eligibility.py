"""“Am I eligible?”: the admission's own checks over drafts that are taken away again."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from campaigns import permissions
from campaigns.eligibility.grounds import FindingDraft
from campaigns.models import Campaign, Entry
from campaigns.registering import (
    LARGEST_FILING,
    FilingRow,
    NoRulebook,
    UnreadableRequest,
    check_seller,
    preview_entries,
)
from sellers import clock


class AskedItemSerializer(serializers.Serializer):
    """One item as it would be filed."""

    item = serializers.CharField(help_text="The item's code.")
    price = serializers.CharField(allow_null=True, default=None, help_text="A decimal.")
    list_source = serializers.ChoiceField(Entry.ListSource.choices, allow_null=True, default=None)
    tools = serializers.ListField(child=serializers.CharField(), default=list)


class QuestionSerializer(serializers.Serializer):
    """Which seller asks; with a venue and items, what filing them would bring."""

    seller = serializers.CharField(help_text="The seller's code.")
    venue = serializers.CharField(required=False, help_text="The venue's code.")
    items = AskedItemSerializer(many=True, required=False, max_length=LARGEST_FILING)


class MeasuredSerializer(serializers.Serializer):
    """One comparison: measured against threshold."""

    path = serializers.CharField(source="comparison.path")
    metric = serializers.CharField(source="comparison.metric.code")
    measured = serializers.CharField(allow_null=True)
    comparator = serializers.CharField(source="comparison.op")
    threshold = serializers.CharField(allow_null=True)
    unit = serializers.CharField(source="comparison.metric.unit")
    known_at = serializers.DateTimeField(allow_null=True)
    result = serializers.BooleanField(allow_null=True)


class VerdictSerializer(serializers.Serializer):
    """A requirement's outcome: pass, fail, or hold where it cannot be answered."""

    code = serializers.CharField()
    outcome = serializers.ChoiceField(["pass", "fail", "hold"])
    title = serializers.SerializerMethodField()
    remedy = serializers.SerializerMethodField()
    grounds = MeasuredSerializer(many=True)

    def get_title(self, draft: FindingDraft) -> dict:
        """By language."""
        return draft.requirement.row.title

    def get_remedy(self, draft: FindingDraft) -> dict:
        """What the seller can do, by language."""
        return draft.requirement.row.remedy


class RefusalSerializer(serializers.Serializer):
    """A rule of the process that stands in the way."""

    code = serializers.CharField()
    params = serializers.DictField()


class ItemAnswerSerializer(serializers.Serializer):
    """What filing one item would bring."""

    line = serializers.IntegerField()
    item = serializers.CharField()
    status = serializers.CharField()
    refusals = RefusalSerializer(many=True)
    requirements = VerdictSerializer(many=True)


class AnswerSerializer(serializers.Serializer):
    """Whether the seller may join, and what filing the items would bring."""

    joined = serializers.BooleanField()
    may_join = serializers.BooleanField()
    refusals = RefusalSerializer(many=True)
    requirements = VerdictSerializer(many=True)
    items = ItemAnswerSerializer(many=True)


class EligibilityView(APIView):
    """Ask before joining or filing; nothing stays of it."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "filing"

    @extend_schema(request=QuestionSerializer, responses=AnswerSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Every requirement with what was measured, passed ones too; 404 for another's shop."""
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        question = asked.validated_data
        campaign = get_object_or_404(Campaign.objects.exclude(state="draft"), code=code)
        seller = get_object_or_404(permissions.sellers_of(request.user), code=question["seller"])
        at = clock.now()
        try:
            check = check_seller(campaign=campaign, seller=seller, at=at)
            items = []
            if question.get("items"):
                venue = get_object_or_404(campaign.venues, code=question.get("venue"))
                rows = [FilingRow(**{**row, "tools": tuple(row["tools"])})
                        for row in question["items"]]  # fmt: skip
                items = preview_entries(
                    campaign=campaign, seller=seller, venue=venue, rows=rows, at=at
                )
        except (NoRulebook, UnreadableRequest) as error:
            raise ValidationError(str(error)) from error
        answer = {
            "joined": check.joined,
            "may_join": check.may_join,
            "refusals": check.refusals,
            "requirements": check.requirements,
            "items": items,
        }
        return Response(AnswerSerializer(answer).data)

"""The views of the API. A seller sees only their own; staff what their role lets them."""

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import permissions, tallies
from campaigns.api import serializers
from campaigns.api.filters import (
    CampaignFilter,
    EntryFilter,
    FindingFilter,
    InvitationFilter,
    SweepFilter,
)
from campaigns.api.instants import requested_instant
from campaigns.models import Campaign, Entry, Finding, Invitation, SweepRun
from campaigns.rulebooks.versions import version_in_force
from campaigns.slots import open_invitations
from campaigns.timeline import pauses
from sellers.pagination import KeysetPagination

AT = OpenApiParameter(
    "at", str, description="An instant in ISO 8601; the installation's clock by default."
)


class LatestFirst(KeysetPagination):
    """Newest rows first, by key."""

    ordering = "-pk"


class ByCode(KeysetPagination):
    """In the order of codes."""

    ordering = "code"


class CampaignViewSet(viewsets.ReadOnlyModelViewSet):
    """Campaigns. People who set none up see the published ones."""

    serializer_class = serializers.CampaignSerializer
    filterset_class = CampaignFilter
    pagination_class = ByCode
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Campaign]:
        """Drafts are for staff."""
        campaigns = Campaign.objects.all()
        if permissions.may_read_everything(self.request.user):
            return campaigns
        return campaigns.exclude(state=Campaign.State.DRAFT)

    @extend_schema(parameters=[AT], responses=serializers.TimelineSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def timeline(self, request: Request, code: str) -> Response:
        """Milestones and pauses of the version in force at `at`, and what is open then."""
        at = requested_instant(request)
        version = version_in_force(self.get_object(), at)
        if version is None:
            nothing = {"at": at, "version": None, "phases": [], "milestones": [], "pauses": []}
            return Response(serializers.TimelineSerializer(nothing).data)
        milestones = list(version.milestone_set.order_by("starts_at", "position"))
        for milestone in milestones:
            milestone.open = milestone.starts_at <= at < milestone.ends_at
        found = {
            "at": at,
            "version": version.number,
            "phases": [milestone.code for milestone in milestones if milestone.open],
            "milestones": milestones,
            "pauses": pauses(version),
        }
        return Response(serializers.TimelineSerializer(found).data)

    @extend_schema(responses=serializers.CountSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def funnel(self, request: Request, code: str) -> Response:
        """Counts per venue from the tallies; nothing is counted over entries. Staff only."""
        if not permissions.may_read_everything(request.user):
            self.permission_denied(request)
        found = tallies.totals(self.get_object())
        counts = [
            {"venue": venue, "name": name, "value": value}
            for (venue, name), value in sorted(found.items(), key=lambda row: str(row[0]))
        ]
        return Response(serializers.CountSerializer(counts, many=True).data)


class EntryViewSet(viewsets.ReadOnlyModelViewSet):
    """Entries that the caller may see, newest first."""

    serializer_class = serializers.EntrySerializer
    filterset_class = EntryFilter
    pagination_class = LatestFirst

    def get_queryset(self) -> QuerySet[Entry]:
        """Drafts are nobody's business yet."""
        visible = permissions.visible_entries(self.request.user)
        related = visible.select_related("campaign", "venue", "seller", "item")
        return related.exclude(status=Entry.Status.DRAFT)

    @extend_schema(responses=serializers.EntryDetailSerializer)
    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        """One entry with its history and its findings, evidence included."""
        entry = self.get_object()
        context = {
            **self.get_serializer_context(),
            "findings": evidence(Finding.objects.filter(Q(entry=entry)).order_by("-at", "-pk")),
        }
        return Response(serializers.EntryDetailSerializer(entry, context=context).data)


class InvitationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Invitations, newest first: a seller's own that are open at `at`; for staff all of them."""

    serializer_class = serializers.InvitationSerializer
    filterset_class = InvitationFilter
    pagination_class = LatestFirst
    queryset = Invitation.objects.none()

    def get_queryset(self) -> QuerySet[Invitation]:
        """What is declined, taken back or expired is not a seller's business any more."""
        user = self.request.user
        if permissions.may_read_everything(user):
            found = Invitation.objects.all()
        else:
            at = requested_instant(self.request)
            found = open_invitations(at).filter(seller__in=permissions.sellers_of(user))
        return found.select_related("campaign", "venue", "seller", "item")

    @extend_schema(parameters=[AT])
    def list(self, request: Request, *args, **kwargs) -> Response:
        """A page of them."""
        return super().list(request, *args, **kwargs)


class SweepViewSet(viewsets.ReadOnlyModelViewSet):
    """Re-checks with their progress, newest first. Staff only."""

    serializer_class = serializers.SweepSerializer
    filterset_class = SweepFilter
    pagination_class = LatestFirst

    def get_queryset(self) -> QuerySet[SweepRun]:
        """Nothing for those who may not read everything."""
        if not permissions.may_read_everything(self.request.user):
            return SweepRun.objects.none()
        return SweepRun.objects.select_related("campaign", "version")

    @extend_schema(responses=serializers.RequirementCountSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def requirements(self, request: Request, pk: str) -> Response:
        """How many findings each requirement has in the run."""
        run = get_object_or_404(self.get_queryset(), pk=pk)
        counted = run.findings.order_by("code").values("code", "outcome", "action")
        rows = counted.annotate(findings=Count("id"))
        return Response(serializers.RequirementCountSerializer(rows, many=True).data)


class FindingViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Findings with their grounds, newest first; of previews only for staff."""

    serializer_class = serializers.FindingSerializer
    filterset_class = FindingFilter
    pagination_class = LatestFirst

    def get_queryset(self) -> QuerySet[Finding]:
        """A seller's own, or everything for those who may read it."""
        user = self.request.user
        if permissions.may_read_everything(user):
            return evidence(Finding.objects.all(), previews=True)
        own = permissions.sellers_of(user)
        mine = Q(entry__seller__in=own) | Q(entry__isnull=True, registration__seller__in=own)
        if permissions.has_role(user, permissions.REVIEWER):
            mine |= Q(entry__venue__in=permissions.reviewable_venues(user))
        return evidence(Finding.objects.filter(mine))


def evidence(findings: QuerySet[Finding], *, previews: bool = False) -> QuerySet[Finding]:
    """Findings with all that their serializer shows, in a constant number of queries."""
    if not previews:
        findings = findings.filter(Q(run__isnull=True) | Q(run__mode=SweepRun.Mode.ENFORCE))
    return findings.select_related(
        "campaign", "version", "requirement", "entry__seller", "entry__item", "registration__seller"
    ).prefetch_related("grounds")

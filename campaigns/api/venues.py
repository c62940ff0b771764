"""Venues and what is entitled to their traffic: structure, funnel, pages, the privilege feed."""

from datetime import datetime

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import funnels, permissions, privileges
from campaigns.api.instants import requested_instant
from campaigns.models import Campaign, Entry, Milestone, VenueTerms
from campaigns.rulebooks.versions import version_in_force
from campaigns.standing import Showing, badge_of, showings
from campaigns.venue_network import feeding
from sellers.api.decimals import ExactModelSerializer
from sellers.localtime import from_local
from sellers.pagination import KeysetPagination

AT = OpenApiParameter(
    "at", str, description="An instant in ISO 8601; the installation's clock by default."
)
VENUE = OpenApiParameter("venue", str, description="The venue's code.")
KIND = OpenApiParameter("kind", str, description="The kind of venue.")
UPDATED_FROM = OpenApiParameter(
    "updated_from",
    str,
    description="Only entries whose status changed at this instant or later (ISO 8601).",
)
LOST = OpenApiParameter(
    "lost",
    bool,
    description="Instead, those that were campaign items and are not any more; needs "
    "`updated_from`.",
)


class MayReadEverything(IsAuthenticated):
    """Staff whose role reads everything."""

    def has_permission(self, request, view) -> bool:
        """Operators, finance and auditors."""
        allowed = super().has_permission(request, view)
        return allowed and permissions.may_read_everything(request.user)


class WindowOfVenueSerializer(ExactModelSerializer):
    """A window of a venue, [starts_at, ends_at)."""

    class Meta:
        model = Milestone
        fields = ["code", "starts_at", "ends_at"]


class VenueSerializer(ExactModelSerializer):
    """A venue: its terms in the rulebook in force, its windows, and how it stands at `at`."""

    windows = serializers.SerializerMethodField(help_text="In which it takes items.")
    online = serializers.SerializerMethodField()
    on_sale = serializers.SerializerMethodField()
    badged = serializers.SerializerMethodField()
    is_online = serializers.SerializerMethodField()
    is_on_sale = serializers.SerializerMethodField()
    badge_now = serializers.SerializerMethodField(help_text="Texts by language; null for none.")
    fed_from = serializers.SerializerMethodField(help_text="Codes, kinds spelt out.")
    feeds = serializers.SerializerMethodField(help_text="Codes of the venues that it feeds.")

    class Meta:
        model = VenueTerms
        fields = [
            "code", "title", "kind", "group", "takes_registrations", "invitation_only",
            "review_mode", "release", "results_due", "cancellable_after_approval",
            "withdrawal_warning_hours", "late_refiles", "contact", "capacity", "placement_mode",
            "windows", "online", "on_sale", "badged", "badge", "badge_styles", "feeds_from",
            "feeds_from_kinds", "fed_from", "feeds", "is_online", "is_on_sale", "badge_now",
        ]  # fmt: skip

    @extend_schema_field(WindowOfVenueSerializer(many=True))
    def get_windows(self, terms) -> list:
        """Those that it names; else every one for items."""
        known = self.context["milestones"]
        if terms.windows:
            named = [known[code] for code in terms.windows if code in known]
        else:
            kind = Milestone.Kind.ITEM_REGISTRATION
            named = [row for row in known.values() if row.kind == kind]
        return WindowOfVenueSerializer(named, many=True).data

    @extend_schema_field(WindowOfVenueSerializer(allow_null=True))
    def get_online(self, terms) -> dict | None:
        """When its page is online; null for no limit."""
        return self._window(terms.online)

    @extend_schema_field(WindowOfVenueSerializer(allow_null=True))
    def get_on_sale(self, terms) -> dict | None:
        """When its items are on sale; null for no limit."""
        return self._window(terms.on_sale)

    @extend_schema_field(WindowOfVenueSerializer(allow_null=True))
    def get_badged(self, terms) -> dict | None:
        """When its badge shows; null for no limit."""
        return self._window(terms.badged)

    def get_is_online(self, terms) -> bool:
        """At `at`."""
        return self.context["shown"][terms.venue_id].is_online

    def get_is_on_sale(self, terms) -> bool:
        """At `at`."""
        return self.context["shown"][terms.venue_id].is_on_sale

    def get_badge_now(self, terms) -> dict[str, str] | None:
        """What its items show at `at`."""
        return self.context["shown"][terms.venue_id].badge or None

    def get_fed_from(self, terms) -> list[str]:
        """Who feeds it."""
        return [source for source, target in self.context["feeding"] if target == terms.code]

    def get_feeds(self, terms) -> list[str]:
        """Whom it feeds."""
        return [target for source, target in self.context["feeding"] if source == terms.code]

    def _window(self, code):
        found = self.context["milestones"].get(code)
        return WindowOfVenueSerializer(found).data if found else None


class VenuesView(APIView):
    """The venues of a campaign as the rulebook in force at `at` has them, in its order."""

    @extend_schema(parameters=[AT], responses=VenueSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """A campaign's venues; of a draft campaign for staff only. Empty without a rulebook."""
        campaign = visible_campaign(request, code)
        at = requested_instant(request)
        version = version_in_force(campaign, at)
        if version is None:
            return Response([])
        terms = list(version.venueterms_set.all())
        context = {
            "milestones": {row.code: row for row in version.milestone_set.all()},
            "shown": showings(campaign, at),
            "feeding": feeding(terms),
        }
        return Response(VenueSerializer(terms, many=True, context=context).data)


class StepsSerializer(serializers.Serializer):
    """Counts of entries: filed, refused and decided so far, the others as they stand now."""

    filed = serializers.IntegerField()
    refused = serializers.IntegerField()
    pending = serializers.IntegerField()
    decided = serializers.IntegerField()
    approved = serializers.IntegerField()
    at_risk = serializers.IntegerField()
    abnormal = serializers.IntegerField()
    cleared_out = serializers.IntegerField()
    left = serializers.IntegerField()


class VenueFunnelSerializer(serializers.Serializer):
    """How far the entries of a venue have come."""

    venue = serializers.CharField(source="venue.code")
    kind = serializers.CharField(help_text="Empty for a venue that the rulebook no longer has.")
    results_due = serializers.DateTimeField(source="terms.results_due", default=None)
    overdue = serializers.BooleanField(source="is_overdue")
    counts = StepsSerializer()


class VenueFunnelView(APIView):
    """The funnel by venue, from the tallies; nothing is counted over entries. Staff only."""

    permission_classes = (MayReadEverything,)

    @extend_schema(parameters=[AT], responses=VenueFunnelSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Every venue in the rulebook's order; whether results are overdue is as of `at`."""
        campaign = get_object_or_404(Campaign, code=code)
        at = requested_instant(request)
        found = funnels.by_venue(campaign, version_in_force(campaign, at), at)
        return Response(VenueFunnelSerializer(found, many=True).data)


class PrivilegeSerializer(ExactModelSerializer):
    """A campaign item: where it stands, what it shows at `at`, its prices, and since when."""

    seller = serializers.SlugRelatedField("code", read_only=True)
    item = serializers.SlugRelatedField("code", read_only=True)
    venue = serializers.SlugRelatedField("code", read_only=True)
    kind = serializers.SerializerMethodField()
    is_on_sale = serializers.SerializerMethodField()
    badge = serializers.SerializerMethodField(help_text="Texts by language; null for none.")
    campaign_price = serializers.DecimalField(
        source="activity_price", max_digits=14, decimal_places=2, allow_null=True
    )
    effective_price = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        allow_null=True,
        help_text="Of the entry by which the item stands in the campaign.",
    )
    since = serializers.DateTimeField(source="approved_at")
    updated = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = [
            "id", "seller", "item", "venue", "kind", "status", "is_on_sale", "badge",
            "campaign_price", "effective_price", "since", "updated",
        ]  # fmt: skip

    def get_kind(self, entry) -> str:
        """The venue's kind; empty where the rulebook in force does not have it."""
        showing = self._showing(entry)
        return showing.kind if showing else ""

    def get_is_on_sale(self, entry) -> bool:
        """At `at`."""
        showing = self._showing(entry)
        return bool(showing and showing.is_on_sale)

    def get_badge(self, entry) -> dict[str, str] | None:
        """What it shows at `at`."""
        return badge_of(entry, self.context["shown"]) or None

    def get_updated(self, entry) -> datetime | None:
        """When its status changed last."""
        found = entry.move.at if entry.move else entry.approved_at
        return serializers.DateTimeField().to_representation(found) if found else None

    def _showing(self, entry) -> Showing | None:
        return self.context["shown"].get(entry.venue_id)


class Privileges(generics.ListAPIView):
    """Campaign items page by page, in the order in which they were filed. Staff only."""

    permission_classes = (MayReadEverything,)
    serializer_class = PrivilegeSerializer
    pagination_class = KeysetPagination
    filter_backends = ()

    def initial(self, request, *args, **kwargs):
        """Read what shows, once for the page."""
        super().initial(request, *args, **kwargs)
        self.campaign = get_object_or_404(Campaign, code=kwargs["code"])
        self.shown = showings(self.campaign, requested_instant(request))

    def get_serializer_context(self) -> dict:
        """With what shows of each venue."""
        return {**super().get_serializer_context(), "shown": getattr(self, "shown", {})}


class PrivilegesView(Privileges):
    """Every item entitled to the campaign's traffic, wherever it stands."""

    @extend_schema(parameters=[AT, VENUE, KIND, UPDATED_FROM, LOST])
    def get(self, request: Request, *args, **kwargs) -> Response:
        """In the moment it is approved, out the moment it is cleared out, cancelled or abnormal."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Entry]:
        """Narrowed by what was asked."""
        if getattr(self, "swagger_fake_view", False):
            return Entry.objects.none()
        asked = self.request.query_params
        updated_from = _instant(asked, "updated_from")
        if asked.get("lost", "").lower() in {"1", "true", "yes"}:
            if updated_from is None:
                raise ValidationError({"updated_from": _("Say since when.")})
            found = privileges.lost(self.campaign, updated_from)
        else:
            found = privileges.privileged(self.campaign)
            if updated_from is not None:
                found = found.filter(move__at__gte=updated_from)
        if "venue" in asked:
            found = found.filter(venue=get_object_or_404(self.campaign.venues, code=asked["venue"]))
        if "kind" in asked:
            found = found.filter(venue__in=privileges.venues_of_kind(self.shown, asked["kind"]))
        return found


class VenueItemsView(Privileges):
    """The items of one venue's page; none while the page is offline."""

    @extend_schema(parameters=[AT])
    def get(self, request: Request, *args, **kwargs) -> Response:
        """Only the venue's own: an outer item is on no branch's page."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Entry]:
        """Of the venue in the address."""
        if getattr(self, "swagger_fake_view", False):
            return Entry.objects.none()
        venue = get_object_or_404(self.campaign.venues, code=self.kwargs["venue"])
        venue.campaign = self.campaign
        return privileges.on_page(venue, self.shown)


def visible_campaign(request: Request, code: str) -> Campaign:
    """The campaign of that code; a draft one only for those who read everything."""
    campaigns = Campaign.objects.all()
    if not permissions.may_read_everything(request.user):
        campaigns = campaigns.exclude(state=Campaign.State.DRAFT)
    return get_object_or_404(campaigns, code=code)


def _instant(asked, name):
    """An instant of the query, None where it is left out. Raises ValidationError."""
    text = asked.get(name)
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({name: _("Expected a time such as 2023-05-16T20:00:00.")})
    return from_local(found) if found.tzinfo is None else found

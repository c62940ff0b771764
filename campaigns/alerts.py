"""New violations of the kinds that a campaign monitors, for operators to look at (D12-143)."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Subquery

from campaigns.models import Alert, Campaign, Registration, RulebookVersion
from sellers.bulk_write import insert_from_query
from sellers.models import Violation

# How late a violation may be seen and still be news; the job runs every few minutes.
LOOKS_BACK = timedelta(days=30)
MOST_COUNTED = 1_000


def raise_alerts(*, at: datetime) -> int:
    """Alert published campaigns to the violations of their sellers; returns how many are new.

    What a campaign monitors its rulebook in force says (``campaign.monitors``). A violation that
    was known before its seller joined is no news. Repeating it changes nothing. The re-check of the
    seller follows from the mark that the feed or the operator has set.
    """
    return sum(
        insert_from_query(
            _news(version.campaign_id, monitored, at).values_list("pk", "seller"),
            Alert,
            ["violation", "seller"],
            {"campaign": version.campaign_id, "at": at},
            ignore_conflicts=True,
        )
        for version in _versions(at)
        if (monitored := version.settings.get("campaign", {}).get("monitors"))
    )


def mark_seen(alerts, *, user, at: datetime) -> int:
    """Mark the open ones of these alerts as seen; returns how many."""
    return alerts.filter(seen_at__isnull=True).update(seen_at=at, seen_by=user)


def open_alerts(campaign: Campaign) -> int:
    """How many alerts of a campaign nobody has seen, counted up to 1,000."""
    return campaign.alerts.filter(seen_at__isnull=True).order_by()[:MOST_COUNTED].count()


def _versions(at):
    """The rulebooks in force of published campaigns."""
    published = RulebookVersion.objects.filter(
        campaign=OuterRef("campaign"),
        state=RulebookVersion.State.PUBLISHED,
        effective_at__lte=at,
    ).order_by("-effective_at", "-number")
    rows = RulebookVersion.objects.filter(
        campaign__state=Campaign.State.PUBLISHED, pk=Subquery(published.values("pk")[:1])
    )
    return rows.order_by("campaign")


def _news(campaign, categories, at):
    there = "seller__registrations__"
    violations = Violation.objects.filter(
        category__in=categories,
        known_at__gt=at - LOOKS_BACK,
        known_at__lte=at,
        **{
            f"{there}campaign": campaign,
            f"{there}status": Registration.Status.JOINED,
            f"{there}joined_at__lte": F("known_at"),
        },
    )
    told = Alert.objects.filter(campaign=campaign, violation=OuterRef("pk"))
    return violations.filter(~Exists(told)).order_by("pk")

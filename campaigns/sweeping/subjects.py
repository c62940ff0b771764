"""Which entries and registrations a run looks at."""

from django.db.models import QuerySet

from campaigns.lifecycle import LIVE
from campaigns.models import Entry, Registration, SweepRun, SweepSubject

# The commonest first: PostgreSQL compares them in this order, for every entry.
_LIVE = sorted(LIVE, key=lambda status: (status != Entry.Status.APPROVED, status))


def live_entries(run: SweepRun) -> QuerySet:
    """The entries that the run evaluates."""
    entries = Entry.objects.filter(campaign=run.campaign_id, status__in=_LIVE)
    if run.is_targeted:
        subjects = SweepSubject.objects.filter(run=run)
        entries = entries.filter(pk__in=subjects.values("entry_id"))
    return entries


def joined_registrations(run: SweepRun) -> QuerySet:
    """The registrations that the run evaluates: those of the entries, in a targeted run."""
    rows = Registration.objects.filter(campaign=run.campaign_id, status=Registration.Status.JOINED)
    if run.is_targeted:
        subjects = SweepSubject.objects.filter(run=run)
        rows = rows.filter(pk__in=subjects.values("entry__registration_id"))
    return rows

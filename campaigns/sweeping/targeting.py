"""Re-checks of what a feed has just changed, and of nothing else."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.lifecycle import LIVE
from campaigns.models import Campaign, Entry, SweepRun, SweepSubject
from campaigns.sweeping.starting import begin
from sellers.models import ChangedSubject, SubjectKind

# Changed subjects that one run takes; the rest waits for the next one, a minute later.
MOST_SUBJECTS = 20_000


def take_changes(*, at: datetime) -> list[SweepRun]:
    """Start an enforcing run for every published campaign with live entries of changed subjects.

    A changed item's entries are looked at, and all of a changed seller's. The marks are cleared in
    the same transaction, so none is lost or taken twice; a mark set meanwhile stays.
    """
    with transaction.atomic():
        marks = list(
            ChangedSubject.objects.select_for_update(skip_locked=True).order_by("pk")[
                :MOST_SUBJECTS
            ]
        )
        if not marks:
            return []
        entries = _entries(marks)
        campaigns = Campaign.objects.filter(
            state=Campaign.State.PUBLISHED, pk__in=entries.order_by().values("campaign_id")
        )
        runs = [_run(campaign, at, entries) for campaign in campaigns.order_by("pk")]
        ChangedSubject.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return runs


def targeted(*, campaign: Campaign, at: datetime) -> SweepRun | None:
    """`take_changes`, and of the runs that it started the one of this campaign, if any."""
    return next((run for run in take_changes(at=at) if run.campaign_id == campaign.pk), None)


def copy_subjects(source: SweepRun, target: SweepRun) -> None:
    """Give a run the entries that another one looks at."""
    ids = SweepSubject.objects.filter(run=source).order_by("entry_id")
    SweepSubject.objects.bulk_create(
        [SweepSubject(run=target, entry_id=pk) for pk in ids.values_list("entry_id", flat=True)],
        batch_size=2000,
    )


def _entries(marks):
    items = [m.subject_id for m in marks if m.subject_kind == SubjectKind.ITEM]
    sellers = [m.subject_id for m in marks if m.subject_kind == SubjectKind.SELLER]
    return Entry.objects.filter(Q(item__in=items) | Q(seller__in=sellers), status__in=sorted(LIVE))


def _run(campaign, at, entries):
    number = SweepRun.objects.filter(campaign=campaign, at=at, is_targeted=True).count() + 1
    subjects = entries.filter(campaign=campaign).order_by("pk").values_list("pk", flat=True)

    def prepare(run):
        SweepSubject.objects.bulk_create(
            [SweepSubject(run=run, entry_id=pk) for pk in subjects], batch_size=2000
        )

    return begin(
        campaign=campaign,
        at=at,
        mode=SweepRun.Mode.ENFORCE,
        scope=f"targeted:{number}",
        shard_count=2,
        prepare=prepare,
        is_targeted=True,
    )

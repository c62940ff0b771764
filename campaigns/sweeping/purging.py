"""Removes what runs no longer need. Findings of shadow and enforcing runs are kept for good."""

from datetime import datetime, timedelta

from campaigns.models import Finding, Hit, PlannedMove, SweepRun, SweepSubject
from campaigns.sweeping.stages import OPEN_STATES
from sellers.bulk_write import delete_in_chunks
from sellers.models import FactSet, ItemSlots, SellerSlots

# A closed run's figures are in its findings; the newest statistics stay for explanations.
STATISTICS_KEPT = timedelta(days=2)
# A stopped run waits for its confirmation, and a plan shows what a night was about to do.
HITS_KEPT = timedelta(days=30)


def purge(*, now: datetime) -> dict[str, int]:
    """Delete expired previews, and old runs' hits, plans and statistics; returns rows by kind.

    ``now`` is compared with when runs were worked on, not with the instant they are about.
    """
    closed = SweepRun.objects.exclude(state__in=sorted(OPEN_STATES))
    previews = closed.filter(mode=SweepRun.Mode.PREVIEW, expires_at__lte=now)
    gone = {"previews": 0}
    for run in previews.order_by("pk"):
        _delete_rows(run)
        _delete_statistics(run)
        run.delete()
        gone["previews"] += 1
    gone["rows"] = sum(
        _delete_rows(run, findings=False)
        for run in closed.filter(finished_at__lte=now - HITS_KEPT).order_by("pk")
    )
    gone["statistics"] = sum(_delete_statistics(run) for run in _with_old_statistics(closed, now))
    return gone


def _with_old_statistics(closed, now):
    old = closed.filter(statistics__isnull=False, finished_at__lte=now - STATISTICS_KEPT)
    enforced = closed.filter(
        mode=SweepRun.Mode.ENFORCE, is_targeted=False, statistics__isnull=False
    )
    newest = dict(enforced.order_by("at").values_list("campaign_id", "pk"))
    return old.exclude(pk__in=newest.values()).select_related("statistics").order_by("pk")


def _delete_rows(run, *, findings=True):
    models = [Hit, PlannedMove, SweepSubject]
    if findings:
        models.append(Finding)
    return sum(delete_in_chunks(model.objects.filter(run=run)) for model in models)


def _delete_statistics(run):
    fact_set = run.statistics
    if fact_set is None:
        return 0
    rows = sum(
        delete_in_chunks(slots.objects.filter(fact_set=fact_set))
        for slots in (ItemSlots, SellerSlots)
    )
    FactSet.objects.filter(pk=fact_set.pk).delete()
    return rows

"""Requirements that leave an entry alone for a while, because somebody brought it back.

Without that the next night would repeat what was just undone: the fact behind it is still there.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F

from campaigns.models import Entry, Finding, RequirementHold

HOLD_FOR = timedelta(days=7)
# At risk: the time to mend it was over.
CLEARING = ("clear_out", "at_risk")


def hold_what_cleared_out(entries: Iterable[Entry], *, at: datetime) -> int:
    """Put on hold what cleared these entries out, where a re-check did, until ``at`` + 7 days.

    ``entries`` are as they were found, cleared out by their last move. A requirement of the shop is
    put on hold for the entry alone. Returns how many holds there are; the same again changes
    nothing. Three queries and an insert, however many entries.
    """
    cleared = [row for row in entries if row.status == Entry.Status.CLEARED_OUT]
    runs = dict(
        Entry.objects.filter(pk__in=[row.pk for row in cleared], move__run__isnull=False)
        .annotate(run=F("move__run"))
        .values_list("pk", "run")
    )
    registrations = {row.registration_id for row in cleared if row.pk in runs}
    failed = Finding.objects.filter(
        run__in=set(runs.values()), outcome=Finding.Outcome.FAIL, action__in=CLEARING
    )
    by_entry, by_registration = defaultdict(set), defaultdict(set)
    for run, pk, code in failed.filter(entry__in=list(runs)).values_list("run", "entry", "code"):
        by_entry[run, pk].add(code)
    shops = failed.filter(entry=None, registration__in=registrations)
    for run, pk, code in shops.values_list("run", "registration", "code"):
        by_registration[run, pk].add(code)
    holds = {
        (row.pk, code, run)
        for row in cleared
        if (run := runs.get(row.pk)) is not None
        for code in by_entry[run, row.pk] | by_registration[run, row.registration_id]
    }
    RequirementHold.objects.bulk_create(
        [
            RequirementHold(entry_id=pk, requirement_code=code, run_id=run, until=at + HOLD_FOR)
            for pk, code, run in sorted(holds)
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )
    return len(holds)

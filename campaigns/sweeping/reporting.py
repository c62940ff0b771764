"""What a run found and did, as numbers."""

from collections import Counter

from django.db.models import Count

from campaigns.models import Entry, Finding, PlannedMove, SweepRun, SweepShard
from campaigns.sweeping.deciding import RECOVERED

_P = PlannedMove.State


def evaluated(run: SweepRun) -> dict:
    """Counts of an evaluated run, kept on it beside ``SweepRun.live``.

    ``failed`` and ``held`` are findings by requirement, ``flagged`` those whose action is to flag;
    ``planned`` are moves by the status they lead to, ``recovering`` those back to approved.
    """
    found = Finding.objects.filter(run=run).order_by().values_list("code", "outcome", "action")
    failed, held, flagged = Counter(), Counter(), 0
    for code, outcome, action, number in found.annotate(number=Count("id")):
        (failed if outcome == Finding.Outcome.FAIL else held)[code] += number
        if outcome == Finding.Outcome.FAIL and action == "flag":
            flagged += number
    moves = _moves(run, [_P.PLANNED])
    return {
        "registrations": _registrations(run),
        "failed": dict(sorted(failed.items())),
        "held": dict(sorted(held.items())),
        "flagged": flagged,
        **_by_status(moves, "planned", "recovering"),
        "unconfirmed": _number(run, _P.UNCONFIRMED),
    }


def applied(run: SweepRun) -> dict:
    """Counts of what an enforcing run moved: by status, recovered ones apart, and skipped ones."""
    return {
        **_by_status(_moves(run, [_P.MOVED]), "moved", "recovered"),
        "skipped": _number(run, _P.SKIPPED),
    }


def summary(run: SweepRun) -> dict:
    """A run for a table or as JSON: what it is, its counts, and the seconds that it took."""
    seconds = None
    if run.started_at and run.finished_at:
        seconds = round((run.finished_at - run.started_at).total_seconds(), 1)
    return {
        "run": run.pk,
        "campaign": run.campaign.code,
        "at": run.at.isoformat(),
        "mode": run.mode,
        "scope": run.scope,
        "state": run.state,
        "rulebook_version": run.version.number,
        "live": run.live,
        **run.counts,
        "breaker": run.trip_reason,
        "seconds": seconds,
    }


def _registrations(run):
    done = SweepShard.objects.filter(run=run, stage="sellers").values_list("counts", flat=True)
    return sum(counts.get("registrations", 0) for counts in done)


def _moves(run, states):
    rows = PlannedMove.objects.filter(run=run, state__in=states).order_by()
    groups = rows.values_list("from_status", "to_status", "code").annotate(number=Count("id"))
    return [row for row in groups if row[0] != row[1]]


def _by_status(moves, name, recovered):
    by_status, back = Counter(), 0
    for _from_status, to_status, code, number in moves:
        if code == RECOVERED and to_status == Entry.Status.APPROVED:
            back += number
        else:
            by_status[str(to_status)] += number
    return {name: dict(sorted(by_status.items())), recovered: back}


def _number(run, state):
    return PlannedMove.objects.filter(run=run, state=state).count()

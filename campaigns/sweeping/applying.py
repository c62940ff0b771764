"""Works the planned moves of a shard off, in chunks that are each one transaction."""

from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from campaigns.holdings import lock_registrations
from campaigns.lifecycle import BADGED, PLACE_BY_SETTING, transition
from campaigns.models import Entry, GracePeriod, Move, PlannedMove, Requirement, SweepRun
from campaigns.sweeping.places import Returning, may_want_place, without_place
from campaigns.sweeping.planning import read_grace
from campaigns.sweeping.shards import Claimed, within

CHUNK = 2500

_State = PlannedMove.State


class _Planned(NamedTuple):
    """A planned move, as far as applying needs it."""

    pk: int
    entry_id: int
    revision: int
    seen_move: int | None
    grace: dict | None


def apply(run: SweepRun, shard: Claimed) -> None:
    """Make the shard's moves whose entries are still as the evaluation saw them."""
    planned = PlannedMove.objects.filter(run=run, state=_State.PLANNED).filter(
        within("order_key", shard.low, shard.high)
    )
    kinds = planned.order_by("from_status", "to_status").values_list("from_status", "to_status")
    for from_status, to_status in list(kinds.distinct()):
        same = planned.filter(from_status=from_status, to_status=to_status)
        chunks = same.order_by("order_key", "entry_id").values_list(*_Planned._fields)
        while chunk := [_Planned._make(row) for row in chunks[:CHUNK]]:
            with shard.transaction():
                moved = _move(run, chunk, from_status, to_status)
                _mark(chunk, moved)


def _move(run, chunk, from_status, to_status):
    """Move a chunk's entries; returns the ids of those that were still as seen."""
    registrations = _registrations(run, chunk, from_status, to_status)
    if registrations:
        lock_registrations(registrations.values())
    free = _unmoved(chunk)
    if registrations:
        free -= _without_place(run, registrations, free, from_status, to_status)
    revisions = {row.entry_id: row.revision for row in chunk if row.entry_id in free}
    if from_status == to_status:
        moved = _unedited(revisions)
    else:
        moved = transition(
            entries=revisions,
            from_status=from_status,
            to_status=to_status,
            cause=Move.Cause.SWEEP,
            at=run.at,
            run=run,
            reason=_reason(run),
        )
    if to_status == Entry.Status.AT_RISK:
        _start_grace(run, [row for row in chunk if row.entry_id in moved], from_status)
    elif from_status == Entry.Status.AT_RISK:
        Entry.objects.filter(pk__in=moved).update(at_risk_until=None)
    return moved


def _reason(run):
    """What the history calls each entry's move: the reason code of the requirement behind it, where
    that has one, else its own code (D12-095..102)."""
    own = Requirement.objects.filter(version=run.version_id, code=OuterRef("code"))
    planned = PlannedMove.objects.filter(run=run, entry=OuterRef("pk"))
    named = Coalesce(Subquery(own.exclude(reason="").values("reason")[:1]), F("code"))
    return Subquery(planned.annotate(named=named).values("named")[:1])


def _registrations(run, chunk, from_status, to_status):
    """Entry id to registration id, where the entries may have to find a place again."""
    if from_status not in PLACE_BY_SETTING or to_status not in BADGED:
        return {}
    if not may_want_place(run.version):
        return {}
    entries = Entry.objects.filter(pk__in=[row.entry_id for row in chunk])
    return dict(entries.values_list("pk", "registration_id"))


def _without_place(run, registrations, ids, from_status, to_status):
    """Those of the entries that would find a quota full: filing has taken the last place since."""
    returning = [Returning(pk, registrations[pk], from_status, to_status) for pk in sorted(ids)]
    return set(without_place(returning, version=run.version, at=run.at))


def _unmoved(chunk):
    """Ids of the chunk's entries that nothing has moved since the evaluation, locked.

    ``transition`` compares status and revision; an entry that went elsewhere and came back has
    both, and is told by its latest move.
    """
    rows = Entry.objects.filter(pk__in=[row.entry_id for row in chunk]).order_by("pk")
    latest = dict(rows.select_for_update(no_key=True).values_list("pk", "move_id"))
    # An entry that is gone has no latest move, which is not the same as never having moved.
    return {row.entry_id for row in chunk if latest.get(row.entry_id, 0) == row.seen_move}


def _unedited(revisions):
    latest = Entry.objects.filter(pk__in=list(revisions)).values_list("pk", "revision")
    return {pk for pk, revision in latest if revision == revisions[pk]}


def _start_grace(run, rows, from_status):
    """Write the grace periods of entries that are at risk now."""
    periods = {row.entry_id: read_grace(row.grace) for row in rows}
    old = GracePeriod.objects.filter(entry__in=list(periods))
    if from_status != Entry.Status.AT_RISK:
        old.delete()
        kept = set()
    else:
        known = list(old.values_list("pk", "entry_id", "requirement_code"))
        over = [pk for pk, entry, code in known if code not in periods[entry]]
        GracePeriod.objects.filter(pk__in=over).delete()
        kept = {(entry, code) for pk, entry, code in known}
    GracePeriod.objects.bulk_create(
        GracePeriod(entry_id=entry, requirement_code=code, since=run.at, until=until)
        for entry, grace in sorted(periods.items())
        for code, until in grace.items()
        if (entry, code) not in kept
    )
    set_deadlines(periods)


def set_deadlines(entry_ids) -> None:
    """Set ``at_risk_until`` of entries to the earliest end of their grace periods."""
    earliest = (
        GracePeriod.objects.filter(entry=OuterRef("pk"), until__isnull=False)
        .order_by("until")
        .values("until")[:1]
    )
    Entry.objects.filter(pk__in=list(entry_ids)).update(at_risk_until=Subquery(earliest))


def _mark(chunk, moved):
    for state, keys in (
        (_State.MOVED, [row.pk for row in chunk if row.entry_id in moved]),
        (_State.SKIPPED, [row.pk for row in chunk if row.entry_id not in moved]),
    ):
        if keys:
            PlannedMove.objects.filter(pk__in=keys).update(state=state)

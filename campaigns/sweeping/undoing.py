"""Takes the moves of a run back, entry by entry."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F

from campaigns import claims, notices
from campaigns.claims import DECISION, FILING, ScopeBook
from campaigns.holdings import lock_registrations
from campaigns.lifecycle import HOLDS_CLAIM, LARGEST_BATCH, transition
from campaigns.models import (
    Entry,
    EntryHistory,
    Finding,
    Move,
    Registration,
    Requirement,
    RequirementHold,
    SweepRun,
)
from campaigns.requirement_holds import HOLD_FOR
from campaigns.rulebooks.versions import version_in_force
from campaigns.sweeping.applying import set_deadlines
from campaigns.sweeping.deciding import RECOVERED, STATUS_OF
from campaigns.sweeping.places import Returning, without_place
from campaigns.sweeping.stages import OPEN_STATES
from campaigns.sweeping.starting import SweepRefused

# Entries restored in one transaction, about; a registration's stay together.
CHUNK = 1000
REASON = "undone"

# Why an entry is left as it is.
MOVED_SINCE, NOT_REGISTERED = "moved_since", "not_registered"
ALREADY_CLAIMED, QUOTA_FULL = "already_claimed", "quota_full"


@dataclass(frozen=True)
class Left:
    """An entry that is not brought back: why, and who holds its claim if that is why."""

    entry_id: int
    reason: str
    holder_id: int | None = None


@dataclass
class UndoReport:
    """What an undo did, or would do: the number of entries restored, and the others."""

    restored: int = 0
    left: list[Left] = field(default_factory=list)

    def left_by_reason(self) -> dict[str, list[Left]]:
        """The entries left as they are, by reason."""
        groups = defaultdict(list)
        for row in sorted(self.left, key=lambda row: (row.reason, row.entry_id)):
            groups[row.reason].append(row)
        return dict(groups)

    def as_dict(self) -> dict:
        """The report for JSON."""
        left = [
            {"entry": row.entry_id, "reason": row.reason, "holder": row.holder_id}
            for rows in self.left_by_reason().values()
            for row in rows
        ]
        return {"restored": self.restored, "left": left}


def undo(
    run: SweepRun,
    *,
    at: datetime,
    actor,
    dry_run: bool = False,
    hold_for: timedelta = HOLD_FOR,
) -> UndoReport:
    """Bring the entries that an enforcing run moved back to where they were.

    Only where the run made an entry's last move, the seller is still registered, and the entry's
    item and place are still free; the others are listed with the reason. What is brought back is
    left alone by the requirements that would make the same move again until ``at`` + ``hold_for``.
    ``dry_run`` only tells. May be repeated: what is undone stays so. Raises SweepRefused for a run
    that moved nothing or is still at work.
    """
    if run.mode != SweepRun.Mode.ENFORCE or run.state in OPEN_STATES:
        raise SweepRefused(f"run {run.pk} ({run.mode}, {run.state}) has no moves to take back")
    version = version_in_force(run.campaign, at) or run.version
    undoing = _Undoing(run, at, actor, version, dry_run, at + hold_for)
    report = UndoReport(left=[Left(pk, MOVED_SINCE) for pk in _moved_since(run)])
    for registrations in _registrations(run):
        undoing.restore(registrations, report)
    if not dry_run:
        notices.close(key=f"run:{run.pk}")
        SweepRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=at)
    return report


class _Undoing:
    """One undo: what stays the same from chunk to chunk."""

    def __init__(self, run, at, actor, version, dry_run, until):
        self.run, self.at, self.actor = run, at, actor
        self.dry_run, self.until = dry_run, until
        self.version = version
        self.scopes = ScopeBook(version)

    def restore(self, registration_ids, report):
        """Bring back the entries of some registrations, in one transaction."""
        with transaction.atomic():
            # As filing does: the registrations first, then their entries, then claims.
            lock_registrations(registration_ids)
            joined = set(
                Registration.objects.filter(
                    pk__in=registration_ids, status=Registration.Status.JOINED
                ).values_list("pk", flat=True)
            )
            entries = list(
                _undoable(self.run)
                .filter(registration__in=registration_ids)
                .select_for_update(of=("self",))
                .order_by("pk")
            )
            left = [
                Left(row.pk, NOT_REGISTERED) for row in entries if row.registration_id not in joined
            ]
            entries = [row for row in entries if row.registration_id in joined]
            left += self._without_place(entries)
            out = {row.entry_id for row in left}
            left += self._without_claim([row for row in entries if row.pk not in out])
            out = {row.entry_id for row in left}
            entries = [row for row in entries if row.pk not in out]
            if not self.dry_run:
                self._move_back(entries)
        report.left += left
        report.restored += len(entries)

    def _without_place(self, entries):
        returning = [Returning(e.pk, e.registration_id, e.status, e.previous) for e in entries]
        full = without_place(returning, version=self.version, at=self.at)
        return [Left(pk, QUOTA_FULL) for pk in full]

    def _without_claim(self, entries):
        wanted = {
            e.pk: self.scopes.keys(claims.subject(e), FILING, DECISION)
            for e in entries
            if e.previous in HOLDS_CLAIM and e.status not in HOLDS_CLAIM
        }
        if self.dry_run:
            held = claims.holders(key for keys in wanted.values() for key in keys)
            refused = {pk: held[k] for pk, keys in wanted.items() for k in keys if k in held}
        else:
            refused = claims.take(wanted)
        return [Left(pk, ALREADY_CLAIMED, holder.entry_id) for pk, holder in refused.items()]

    def _move_back(self, entries):
        self._hold(entries)
        groups = defaultdict(dict)
        for entry in entries:
            groups[entry.status, entry.previous][entry.pk] = entry.revision
        for (status, previous), revisions in sorted(groups.items()):
            ids = list(revisions)
            for start in range(0, len(ids), LARGEST_BATCH):
                transition(
                    entries={pk: revisions[pk] for pk in ids[start : start + LARGEST_BATCH]},
                    from_status=status,
                    to_status=previous,
                    cause=Move.Cause.UNDO,
                    at=self.at,
                    actor=self.actor,
                    run=self.run,
                    reason=REASON,
                )
            if previous == Entry.Status.AT_RISK:
                set_deadlines(ids)
            elif status == Entry.Status.AT_RISK:
                Entry.objects.filter(pk__in=ids).update(at_risk_until=None)

    def _hold(self, entries):
        """Put what would make the same moves again on hold."""
        codes = self._codes(entries)
        RequirementHold.objects.bulk_create(
            [
                RequirementHold(entry_id=pk, requirement_code=code, run=self.run, until=self.until)
                for pk, own in sorted(codes.items())
                for code in sorted(own)
            ],
            batch_size=2000,
            ignore_conflicts=True,
        )

    def _codes(self, entries):
        """Entry id to the codes that moved it, or would have made the same move.

        A history reason may be one that several requirements share; then those that the entry or
        its registration failed are meant.
        """
        ids = [entry.pk for entry in entries]
        codes = defaultdict(set)
        reasons = EntryHistory.objects.filter(entry__in=ids, move__run=self.run)
        reasons = reasons.filter(move__cause=Move.Cause.SWEEP)
        reasons = list(reasons.values_list("entry_id", "reason"))
        failed = Finding.objects.filter(run=self.run, outcome=Finding.Outcome.FAIL)
        above, own = defaultdict(list), defaultdict(list)
        registrations = {entry.registration_id for entry in entries}
        for name, owners, found in (
            ("registration", registrations, above),
            ("entry", ids, own),
        ):
            rows = failed.filter(**{f"{name}__in": owners})
            for pk, code, action in rows.values_list(f"{name}_id", "code", "action"):
                found[pk].append((code, STATUS_OF.get(action)))
        owners = {entry.pk: entry.registration_id for entry in entries}
        shared = self._shared_reasons()
        for pk, reason in reasons:
            failing = {code for code, _status in (*own[pk], *above[owners[pk]])}
            codes[pk] |= (shared[reason] & failing) if reason in shared else {reason}
        for entry in entries:
            for code, status in (*own[entry.pk], *above[entry.registration_id]):
                if status == entry.status and RECOVERED not in codes[entry.pk]:
                    codes[entry.pk].add(code)
        return codes

    def _shared_reasons(self):
        """Reason code to the requirements that have it."""
        groups = defaultdict(set)
        named = Requirement.objects.filter(version=self.run.version_id).exclude(reason="")
        for reason, code in named.values_list("reason", "code"):
            groups[reason].add(code)
        return groups


def _undoable(run):
    """Entries whose last move is one of the run's own."""
    return Entry.objects.filter(move__run=run, move__cause=Move.Cause.SWEEP)


def _moved_since(run):
    """Ids of the entries that the run moved and something else has moved since."""
    moved = EntryHistory.objects.filter(move__run=run, move__cause=Move.Cause.SWEEP)
    undone = EntryHistory.objects.filter(move__run=run, move__cause=Move.Cause.UNDO)
    later = moved.exclude(entry__move=F("move")).exclude(entry__in=undone.values("entry"))
    return sorted(later.values_list("entry_id", flat=True))


def _registrations(run) -> Iterator[list[int]]:
    """The registrations of the run's undoable entries, in groups of about `CHUNK` entries."""
    groups = _undoable(run).order_by("registration_id").values_list("registration_id")
    batch, size = [], 0
    for pk, number in list(groups.annotate(number=Count("id"))):
        batch.append(pk)
        size += number
        if size >= CHUNK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

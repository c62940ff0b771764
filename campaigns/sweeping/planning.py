"""Turns a shard's hits into findings and planned moves."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_datetime

from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import save_findings
from campaigns.lifecycle import BADGED, PLACE_BY_SETTING
from campaigns.models import (
    Entry,
    Finding,
    GracePeriod,
    Hit,
    PlannedMove,
    RequirementHold,
    SweepRun,
)
from campaigns.sweeping.deciding import Decision, Grace, Situation, decide
from campaigns.sweeping.evaluating import (
    ENTRY,
    REGISTRATION,
    STAGE,
    Look,
    batches,
    drafts_of,
    required,
)
from campaigns.sweeping.places import Returning, may_want_place, without_place
from campaigns.sweeping.shards import Claimed, within
from sellers.bulk_write import copy_rows, delete_in_chunks

# The process reason of an entry that could recover and finds no place.
QUOTA_FULL = "quota_full"


@dataclass(frozen=True)
class Checkers:
    """The checkers of a run's two bases, whose requirements the bits of hits stand for."""

    registration: Checker
    entry: Checker


def find_registrations(run: SweepRun, shard: Claimed, checker: Checker) -> None:
    """Write the findings of the shard's registrations."""
    for hits in batches(run, shard, REGISTRATION):
        drafts = drafts_of(checker, hits)
        with shard.transaction():
            _save(run, [({"registration": pk}, draft) for pk, draft in drafts])


def plan_entries(run: SweepRun, shard: Claimed, checkers: Checkers) -> None:
    """Write the findings and the planned moves of the shard's entries."""
    wants_place = may_want_place(run.version)
    decisions = _Decisions(run, checkers)
    for hits in batches(run, shard, ENTRY):
        drafts = drafts_of(checkers.entry, hits)
        moves = _moves(run, hits, decisions)
        full = _without_place(run, moves) if wants_place else {}
        with shard.transaction():
            _save(run, [({"entry": pk}, draft) for pk, draft in drafts])
            _save_full(run, full)
            _plan(run, [move for move in moves if move.entry_id not in full])


def forget(run: SweepRun, shard: Claimed) -> None:
    """Delete the shard's findings on entries and planned moves that a former attempt has left."""
    planned = PlannedMove.objects.filter(run=run)
    delete_in_chunks(planned.filter(within("order_key", shard.low, shard.high)))
    findings = Finding.objects.filter(run=run, entry__isnull=False)
    delete_in_chunks(findings.filter(within("entry__item_id", shard.low, shard.high)))


def forget_registrations(run: SweepRun, shard: Claimed) -> None:
    """Delete the shard's findings on registrations that a former attempt has left."""
    findings = Finding.objects.filter(run=run, registration__isnull=False)
    delete_in_chunks(findings.filter(within("registration__seller_id", shard.low, shard.high)))


def drop_unconfirmed(run: SweepRun) -> None:
    """Leave only the moves that the run which this one confirms had planned too."""
    confirmed = PlannedMove.objects.filter(
        run=run.confirms_id, entry=OuterRef("entry"), to_status=OuterRef("to_status")
    )
    PlannedMove.objects.filter(run=run).exclude(Exists(confirmed)).update(
        state=PlannedMove.State.UNCONFIRMED
    )


def stored_grace(grace: Grace | None) -> dict | None:
    """Grace periods as JSON."""
    if grace is None:
        return None
    return {code: until and until.isoformat() for code, until in grace.items()}


def read_grace(stored: dict) -> Grace:
    """Grace periods out of JSON."""
    return {code: until and parse_datetime(until) for code, until in stored.items()}


class _Decisions:
    """What is decided in each situation. Most entries of a shard are in one of a few."""

    def __init__(self, run, checkers):
        self._run, self._checkers, self._known = run, checkers, {}

    def of(self, status, own, above, left_alone, grace):
        """The decision for an entry of that status, its looks and its registration's."""
        key = (
            status,
            tuple((look.block, look.fails, look.holds) for look in own),
            tuple((look.block, look.fails, look.holds) for look in above),
            frozenset(left_alone),
            tuple(sorted(grace.items())),
        )
        if key not in self._known:
            situation = Situation(
                status=status,
                fails=self._asked(own, above, "fails"),
                holds=self._asked(own, above, "holds"),
                left_alone=frozenset(left_alone),
                grace=grace,
            )
            self._known[key] = decide(situation, self._run.at)
        return self._known[key]

    def _asked(self, own, above, mask):
        return [
            *required(self._checkers.registration, above, mask),
            *required(self._checkers.entry, own, mask),
        ]


def _moves(run, hits, decisions):
    """Planned moves of a batch: entry id to its hits."""
    rows = Entry.objects.filter(pk__in=list(hits)).values_list("id", "venue_id", "registration_id")
    own = {pk: (venue, registration) for pk, venue, registration in rows}
    inherited = _registration_hits(run, {registration for _venue, registration in own.values()})
    left_alone, grace = _left_alone(run, hits), _grace(hits)
    moves = []
    for pk, group in hits.items():
        if pk not in own:
            continue
        venue_id, registration_id = own[pk]
        # The first block's, if it has one: the earliest look, which applying compares with.
        seen = group[0]
        decision = decisions.of(
            seen.status,
            group,
            inherited.get(registration_id, ()),
            left_alone.get(pk, ()),
            grace.get(pk, {}),
        )
        if decision is not None:
            moves.append(_Planned(pk, venue_id, registration_id, seen, decision))
    return moves


class _Planned(NamedTuple):
    """A move to be planned."""

    entry_id: int
    venue_id: int
    registration_id: int
    seen: Look
    decision: Decision


def _plan(run, moves):
    copy_rows(
        PlannedMove,
        [
            (
                run.pk,
                entry_id,
                venue_id,
                seen.order_key,
                seen.status,
                decision.to_status,
                seen.revision,
                seen.seen_move,
                decision.code,
                stored_grace(decision.grace),
                PlannedMove.State.PLANNED,
            )
            for entry_id, venue_id, _registration_id, seen, decision in moves
        ],
        [
            "run",
            "entry",
            "venue",
            "order_key",
            "from_status",
            "to_status",
            "revision",
            "seen_move",
            "code",
            "grace",
            "state",
        ],
    )


def _registration_hits(run, ids):
    looks = defaultdict(list)
    rows = Hit.objects.filter(run=run, subject_kind=REGISTRATION, subject_id__in=ids)
    for row in rows.order_by("subject_id", "block").values_list(*Look._fields):
        looks[row[0]].append(Look._make(row))
    return looks


def _left_alone(run, hits):
    """Entry id to the requirement codes that an undo has put on hold for it."""
    codes = defaultdict(set)
    rows = RequirementHold.objects.filter(entry__in=list(hits), until__gt=run.at)
    for pk, code in rows.values_list("entry_id", "requirement_code"):
        codes[pk].add(code)
    return codes


def _grace(hits):
    """Entry id to its running grace periods."""
    at_risk = [pk for pk, group in hits.items() if group[0].status == Entry.Status.AT_RISK]
    periods = defaultdict(dict)
    rows = GracePeriod.objects.filter(entry__in=at_risk)
    for pk, code, until in rows.values_list("entry_id", "requirement_code", "until"):
        periods[pk][code] = until
    return periods


def _without_place(run, moves):
    """The entries that would come back from abnormal and find their quota full, with the quota."""
    returning = [
        Returning(move.entry_id, move.registration_id, move.seen.status, move.decision.to_status)
        for move in moves
        if move.seen.status in PLACE_BY_SETTING and move.decision.to_status in BADGED
    ]
    return without_place(returning, version=run.version, at=run.at)


def _save_full(run, full):
    common = _common(run)
    copy_rows(
        Finding,
        [
            (pk, QUOTA_FULL, Finding.Outcome.FAIL, params, *common.values())
            for pk, params in full.items()
        ],
        ["entry", "code", "outcome", "params", *common],
    )


def _save(run, drafts):
    save_findings(drafts, common=_common(run))


def _common(run):
    return {
        "campaign": run.campaign_id,
        "version": run.version_id,
        "stage": STAGE,
        "at": run.at,
        "run": run.pk,
    }

"""Turns a shard's hits into findings and planned moves."""

from collections import defaultdict
from dataclasses import dataclass

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
from campaigns.sweeping.deciding import Grace, Situation, decide
from campaigns.sweeping.evaluating import (
    CANDIDATE,
    ENTRY,
    REGISTRATION,
    STAGE,
    batches,
    drafts_of,
    required,
)
from campaigns.sweeping.places import Returning, may_want_place, without_place
from campaigns.sweeping.shards import Claimed, within
from sellers.bulk_write import delete_in_chunks

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
            _save(run, [({"registration_id": pk}, draft) for pk, draft in drafts])


def plan_entries(run: SweepRun, shard: Claimed, checkers: Checkers) -> None:
    """Write the findings and the planned moves of the shard's entries."""
    wants_place = may_want_place(run.version)
    for hits in batches(run, shard, CANDIDATE, ENTRY):
        drafts = drafts_of(checkers.entry, hits)
        moves = _moves(run, hits, checkers)
        full = _without_place(run, moves) if wants_place else {}
        with shard.transaction():
            _save(run, [({"entry_id": pk}, draft) for pk, draft in drafts])
            _save_full(run, full)
            PlannedMove.objects.bulk_create(m for m in moves if m.entry_id not in full)


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


def _moves(run, hits, checkers):
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
        above = inherited.get(registration_id, [])
        # The first is the candidate's, if there is one: the earlier look.
        seen = group[0]
        situation = Situation(
            status=seen.status,
            fails=_asked(checkers, group, above, "fails"),
            holds=_asked(checkers, group, above, "holds"),
            left_alone=frozenset(left_alone.get(pk, ())),
            grace=grace.get(pk, {}),
        )
        if (decision := decide(situation, run.at)) is not None:
            moves.append(_planned(run, pk, venue_id, seen, decision))
    return moves


def _planned(run, pk, venue_id, seen, decision):
    return PlannedMove(
        run=run,
        entry_id=pk,
        venue_id=venue_id,
        order_key=seen.order_key,
        from_status=seen.status,
        to_status=decision.to_status,
        revision=seen.revision,
        seen_move=seen.seen_move,
        code=decision.code,
        grace=stored_grace(decision.grace),
    )


def _asked(checkers, own, above, mask):
    return [
        *required(checkers.registration, above, mask),
        *required(checkers.entry, [hit for hit in own if hit.subject_kind == ENTRY], mask),
    ]


def _registration_hits(run, ids):
    hits = defaultdict(list)
    rows = Hit.objects.filter(run=run, subject_kind=REGISTRATION, subject_id__in=ids)
    for hit in rows.order_by("subject_id", "block"):
        hits[hit.subject_id].append(hit)
    return hits


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
    back = [m for m in moves if m.from_status in PLACE_BY_SETTING and m.to_status in BADGED]
    owners = Entry.objects.filter(pk__in=[move.entry_id for move in back])
    registration = dict(owners.values_list("pk", "registration_id"))
    returning = [
        Returning(m.entry_id, registration[m.entry_id], m.from_status, m.to_status) for m in back
    ]
    return without_place(returning, version=run.version, at=run.at)


def _save_full(run, full):
    Finding.objects.bulk_create(
        Finding(
            entry_id=pk,
            code=QUOTA_FULL,
            outcome=Finding.Outcome.FAIL,
            params=params,
            **_common(run),
        )
        for pk, params in full.items()
    )


def _save(run, drafts):
    save_findings(drafts, common=_common(run))


def _common(run):
    return {
        "campaign_id": run.campaign_id,
        "version": run.version,
        "stage": STAGE,
        "at": run.at,
        "run": run,
    }

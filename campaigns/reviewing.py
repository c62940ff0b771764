"""People deciding entries: approving, rejecting, reinstating.

Who may do so is asked by the callers (``permissions.may_review``). A decision is made on what the
reviewer saw: an entry edited meanwhile is left for another look.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from django.db import connection, transaction

from campaigns import claims, holdings, notices
from campaigns.admission import refresh, rulebook_at
from campaigns.claims import DECISION, FILING
from campaigns.eligibility.bound import FAIL
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.evidence import ADMISSION, save_refusals, save_requirements
from campaigns.holdings import Holdings, Wish
from campaigns.lifecycle import ENDED, PENDING, transition
from campaigns.models import Entry, Move, ReasonTemplate, Registration, VenueTerms
from campaigns.published import rows_of
from campaigns.review_work import claim_work, next_work, release_work
from campaigns.timeline import Refusal

__all__ = [
    "Decision",
    "Outcome",
    "approve",
    "claim_work",
    "next_work",
    "reinstate",
    "reject",
    "release_work",
]

CHUNK = 2000
REVIEW = "review"

_S = Entry.Status


class Outcome(StrEnum):
    """What became of one entry of a decision."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REINSTATED = "reinstated"
    # The system finds now what it did not at filing, or the claim or place is somebody else's.
    REFUSED = "refused"
    # Not, or no longer, in a status that can be decided.
    NOT_PENDING = "not_pending"
    # Edited since the reviewer saw it.
    CHANGED = "changed"
    # Another reviewer is at it.
    TAKEN = "taken"


@dataclass(frozen=True)
class Decision:
    """What became of one entry: the outcome, and why where it was refused."""

    entry_id: int
    outcome: Outcome
    findings: list[FindingDraft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def approve(*, entries: dict[int, int], at: datetime, actor) -> list[Decision]:
    """Approve pending entries; ``entries`` maps ids to the revision that the reviewer saw.

    Every entry is evaluated again. One that fails by now stays pending, with its findings kept; in
    a manual venue the reviewer's word counts. What is claimed when decided is claimed here. One
    result per id, in the order given. Raises NoRulebook.
    """
    return _in_chunks(entries, lambda chunk, key: _approve(chunk, at, actor, key))


def reject(
    *,
    entries: dict[int, int],
    at: datetime,
    actor,
    template: ReasonTemplate | None = None,
    note: str = "",
) -> list[Decision]:
    """Reject pending entries, for a template's reason, a note, or both (G520-036).

    The reason is kept with each entry as a finding. Raises ValueError without any reason.
    """
    if template is None and not note.strip():
        raise ValueError("a rejection needs a reason")
    refusal = Refusal(
        "rejected_by_reviewer",
        {
            "reason": template.code if template else "",
            "text": template.text if template else {},
            "note": note.strip(),
        },
    )
    return _in_chunks(entries, lambda chunk, key: _reject(chunk, at, actor, key, refusal))


def reinstate(*, entries: dict[int, int], at: datetime, actor) -> list[Decision]:
    """Bring ended entries back into review, the same entries (an operator's correction).

    They need their claims and places again, and a registration that stands. Raises NoRulebook.
    """
    return _in_chunks(entries, lambda chunk, key: _reinstate(chunk, at, actor, key))


def _approve(chunk, at, actor, key):
    decided, rows = _sorted_out(chunk, PENDING, at, actor)
    for version, group in _by_version(rows, at):
        found = _evaluate(version, group, at)
        manual = {
            terms.venue_id
            for terms in rows_of(version, VenueTerms)
            if terms.review_mode == VenueTerms.ReviewMode.MANUAL
        }
        failing = {
            row.pk
            for row in group
            if row.venue_id not in manual
            and any(finding.outcome == FAIL for finding in found.get(row.pk, []))
        }
        with transaction.atomic():
            standing = _locked(group, chunk, PENDING, decided)
            passing = [row for row in standing if row.pk not in failing]
            wishes = [Wish(claims.subject(row), (DECISION,), place=False) for row in passing]
            refused = _take(version, wishes, at, actor, key)
            save_requirements(
                {pk: found[pk] for pk in sorted(failing)}, owner="entry", version=version, at=at
            )
            _save(refused, version, at)
            granted = [row for row in passing if row.pk not in refused]
            _move(granted, _S.APPROVED, Move.Cause.REVIEW, at, actor, key)
        for row in standing:
            outcome = Outcome.APPROVED
            if row.pk in failing or row.pk in refused:
                outcome = Outcome.REFUSED
            decided[row.pk] = Decision(
                row.pk, outcome, found.get(row.pk, []), refused.get(row.pk, [])
            )
    return decided


def _reject(chunk, at, actor, key, refusal):
    decided, rows = _sorted_out(chunk, PENDING, at, actor)
    for version, group in _by_version(rows, at):
        with transaction.atomic():
            standing = _locked(group, chunk, PENDING, decided)
            _save({row.pk: [refusal] for row in standing}, version, at, stage=REVIEW)
            reason = refusal.params["reason"]
            _move(standing, _S.REJECTED, Move.Cause.REVIEW, at, actor, key, reason=reason)
        for row in standing:
            decided[row.pk] = Decision(row.pk, Outcome.REJECTED, refusals=[refusal])
    return decided


def _reinstate(chunk, at, actor, key):
    decided, rows = _sorted_out(chunk, ENDED, at, actor)
    for version, group in _by_version(rows, at):
        with transaction.atomic():
            standing = _locked(group, chunk, ENDED, decided)
            gone = dict(
                Registration.objects.filter(id__in={row.registration_id for row in standing})
                .exclude(status=Registration.Status.JOINED)
                .values_list("id", "status")
            )
            refused = {
                row.pk: [Refusal("not_registered", {"registration": gone[row.registration_id]})]
                for row in standing
                if row.registration_id in gone
            }
            wishes = [
                Wish(claims.subject(row), (FILING,)) for row in standing if row.pk not in refused
            ]
            refused |= _take(version, wishes, at, actor, key)
            granted = [row for row in standing if row.pk not in refused]
            _move(granted, _S.IN_REVIEW, Move.Cause.OPERATOR, at, actor, key)
        for row in standing:
            outcome = Outcome.REFUSED if row.pk in refused else Outcome.REINSTATED
            decided[row.pk] = Decision(row.pk, outcome, refusals=refused.get(row.pk, []))
    return decided


def _in_chunks(entries, decide):
    """Decide by chunks; sellers get one notice for all of them when the last is done."""
    key = f"review:{uuid4()}"
    ids, decided = list(entries), {}
    for start in range(0, len(ids), CHUNK):
        chunk = {pk: entries[pk] for pk in ids[start : start + CHUNK]}
        decided |= decide(chunk, key)
    notices.close(key=key)
    return [decided[pk] for pk in ids]


def _sorted_out(chunk, statuses, at, actor):
    """(decisions already clear, entries to decide)."""
    rows = {row.pk: row for row in Entry.objects.filter(id__in=list(chunk))}
    decided, left = {}, []
    for pk, revision in chunk.items():
        row = rows.get(pk)
        taken = row is not None and row.claimed_until is not None and row.claimed_until > at
        if row is None or row.status not in statuses:
            decided[pk] = Decision(pk, Outcome.NOT_PENDING)
        elif row.revision != revision:
            decided[pk] = Decision(pk, Outcome.CHANGED)
        elif taken and row.claimed_by_id != getattr(actor, "pk", None):
            decided[pk] = Decision(pk, Outcome.TAKEN)
        else:
            left.append(row)
    return decided, left


def _by_version(rows, at):
    """Entries by the rulebook version in force in their campaign; usually one."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.campaign_id].append(row)
    return [
        (rulebook_at(groups[campaign_id][0].campaign, at), groups[campaign_id])
        for campaign_id in sorted(groups)
    ]


def _evaluate(version, rows, at):
    facts = refresh(
        version,
        at,
        sellers={row.seller_id for row in rows},
        items={row.item_id for row in rows},
    )
    checker = Checker(version=version, stage=ADMISSION, at=at, statistics=facts)
    return checker.findings([row.pk for row in rows])


def _locked(rows, chunk, statuses, decided):
    """The rows still as the reviewer saw them, locked; the others are marked changed."""
    holdings.lock_registrations({row.registration_id for row in rows})
    current = Entry.objects.filter(id__in=[row.pk for row in rows]).order_by("id")
    if connection.features.has_select_for_update:
        current = current.select_for_update()
    seen = {
        pk: (status, revision)
        for pk, status, revision in current.values_list("id", "status", "revision")
    }
    standing = []
    for row in rows:
        status, revision = seen.get(row.pk, ("", 0))
        if status in statuses and revision == chunk[row.pk]:
            row.status = status
            standing.append(row)
        else:
            decided[row.pk] = Decision(row.pk, Outcome.CHANGED)
    return standing


def _take(version, wishes, at, actor, key):
    registrations = {wish.subject.registration_id for wish in wishes}
    held = Holdings(version=version, registrations=registrations, at=at)
    return held.take(wishes, actor=actor, notice_key=key)


def _save(refused, version, at, stage=ADMISSION):
    save_refusals(
        [({"entry": pk}, refusal) for pk, rows in refused.items() for refusal in rows],
        version=version,
        at=at,
        stage=stage,
    )


def _move(rows, to_status, cause, at, actor, key, reason=""):
    groups = defaultdict(dict)
    for row in rows:
        groups[row.status][row.pk] = row.revision
    for status, seen in sorted(groups.items()):
        transition(
            entries=seen,
            from_status=status,
            to_status=to_status,
            cause=cause,
            at=at,
            actor=actor,
            reason=reason,
            notice_key=key,
        )

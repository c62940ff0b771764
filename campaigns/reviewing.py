"""People deciding entries: approving, rejecting, taking a decision back, reinstating.

Who may do so is asked by the callers (``permissions.may_review``). A decision is made on what the
reviewer saw: an entry edited meanwhile is left for another look. In a venue that releases its
decisions together an entry keeps its status, and the decision is kept (``deciding``).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from campaigns import claims, deciding
from campaigns.admission import refresh
from campaigns.claims import DECISION, FILING
from campaigns.eligibility.bound import FAIL
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.evidence import ADMISSION, save_requirements
from campaigns.holdings import Wish
from campaigns.late_refiles import owner_only
from campaigns.lifecycle import ENDED, PENDING
from campaigns.models import Decision, Entry, Move, ReasonTemplate, RulebookVersion, VenueTerms
from campaigns.offers import offers_kept
from campaigns.prevailing import prevail
from campaigns.published import rows_of
from campaigns.review_work import claim_work, next_work, release_work
from campaigns.verdicts import (
    REVIEW,
    Case,
    Outcome,
    Result,
    barred,
    by_chunks,
    by_version,
    reasoned,
)

__all__ = [
    "Outcome",
    "Result",
    "approve",
    "claim_work",
    "next_work",
    "reinstate",
    "reject",
    "release_work",
    "take_back",
]

_S = Entry.Status


def approve(*, entries: dict[int, int], at: datetime, actor) -> list[Result]:
    """Approve pending entries; ``entries`` maps ids to the revision that the reviewer saw.

    Every entry is evaluated again. One that fails by now stays pending, with its findings kept; in
    a manual venue the reviewer's word counts. What is claimed when decided is claimed here, and
    what gives way is superseded. Where results are released together only the decision is kept. One
    result per id, in the order given. Raises NoRulebook.
    """
    return by_chunks(entries, _approve, statuses=PENDING, at=at, actor=actor)


def reject(
    *,
    entries: dict[int, int],
    at: datetime,
    actor,
    template: ReasonTemplate | None = None,
    note: str = "",
) -> list[Result]:
    """Reject pending entries, for a template's reason, a note, or both (G520-036).

    The reason is kept with each entry as a finding. Raises ValueError without any reason.
    """
    if template is None and not note.strip():
        raise ValueError("a rejection needs a reason")
    return by_chunks(
        entries,
        lambda case: _reject(case, template, note.strip()),
        statuses=PENDING,
        at=at,
        actor=actor,
    )


def take_back(*, entries: dict[int, int], at: datetime, actor) -> list[Result]:
    """Take decisions back that are not released yet: the entries are open again, and what they
    claimed by the decision is free."""
    return by_chunks(entries, _take_back, statuses=PENDING, at=at, actor=actor)


def reinstate(*, entries: dict[int, int], at: datetime, actor) -> list[Result]:
    """Bring ended entries back into review, the same entries (an operator's correction).

    They need their claims and places again, a registration that stands, and no conflict. Raises
    NoRulebook.
    """
    return by_chunks(entries, _reinstate, statuses=ENDED, at=at, actor=actor)


def evaluate(
    version: RulebookVersion, rows: Iterable[Entry], at: datetime
) -> tuple[dict[int, list[FindingDraft]], set[int]]:
    """(what the entries fail or cannot answer now, those that this keeps from approval), by id.

    In a manual venue nothing does: the reviewer's word counts.
    """
    rows = list(rows)
    facts = refresh(
        version,
        at,
        sellers={row.seller_id for row in rows},
        items={row.item_id for row in rows},
    )
    checker = Checker(version=version, stage=ADMISSION, at=at, statistics=facts)
    found = checker.findings([row.pk for row in rows])
    manual = {
        terms.venue_id
        for terms in rows_of(version, VenueTerms)
        if terms.review_mode == VenueTerms.ReviewMode.MANUAL
    }
    failing = {
        row.pk
        for row in rows
        if row.venue_id not in manual
        and any(finding.outcome == FAIL for finding in found.get(row.pk, []))
    }
    return found, failing


def _approve(case: Case):
    for version, group in by_version(case.rows(), case.at):
        found, failing = evaluate(version, group, case.at)
        waits = deciding.together(version, case.at)
        with transaction.atomic():
            standing = case.locked(group)
            refused = owner_only(version, standing, at=case.at, actor=case.actor)
            failing &= {row.pk for row in standing} - refused.keys()
            passing = [row for row in standing if row.pk not in failing | refused.keys()]
            wishes = [
                Wish(
                    claims.subject(row),
                    (DECISION,),
                    place=False,
                    released=row.venue_id not in waits,
                )
                for row in passing
            ]
            without = case.take(version, passing, wishes)
            save_requirements(
                {pk: found[pk] for pk in sorted(failing)},
                owner="entry",
                version=version,
                at=case.at,
            )
            granted = [row for row in passing if row.pk not in without]
            kept = [row for row in granted if row.venue_id in waits]
            deciding.keep(kept, verdict=Decision.Verdict.APPROVE, at=case.at, actor=case.actor)
            case.save(deciding.without_secrets(without), version)
            approved = [row for row in granted if row.venue_id not in waits]
            case.move(approved, _S.APPROVED, Move.Cause.REVIEW)
            prevail(
                approved,
                scopes=claims.ScopeBook(version),
                version=version,
                at=case.at,
                actor=case.actor,
                notice_key=case.key,
            )
        refused |= without
        for row in standing:
            outcome = Outcome.KEPT if row.venue_id in waits else Outcome.APPROVED
            if row.pk in failing or row.pk in refused:
                outcome = Outcome.REFUSED
            case.end(row.pk, outcome, found.get(row.pk, []), refused.get(row.pk, []))


def _reject(case: Case, template, note):
    refusal = reasoned("rejected_by_reviewer", template, note)
    for version, group in by_version(case.rows(), case.at):
        waits = deciding.together(version, case.at)
        with transaction.atomic():
            standing = case.locked(group)
            refused = owner_only(version, standing, at=case.at, actor=case.actor)
            passing = [row for row in standing if row.pk not in refused]
            kept = [row for row in passing if row.venue_id in waits]
            deciding.give_up_claims([row.pk for row in kept], version)
            deciding.keep(
                kept,
                verdict=Decision.Verdict.REJECT,
                at=case.at,
                actor=case.actor,
                template=template,
                note=note,
            )
            rejected = [row for row in passing if row.venue_id not in waits]
            case.save({row.pk: [refusal] for row in rejected}, version, stage=REVIEW)
            reason = refusal.params["reason"]
            case.move(rejected, _S.REJECTED, Move.Cause.REVIEW, reason=reason)
        for row in standing:
            if row.pk in refused:
                case.end(row.pk, Outcome.REFUSED, refusals=refused[row.pk])
            else:
                outcome = Outcome.KEPT if row.venue_id in waits else Outcome.REJECTED
                case.end(row.pk, outcome, refusals=[refusal])


def _take_back(case: Case):
    for version, group in by_version(case.rows(), case.at):
        with transaction.atomic():
            standing = case.locked(group)
            ids = [row.pk for row in standing]
            decided = set(Decision.objects.filter(entry__in=ids).values_list("entry_id", flat=True))
            deciding.drop(decided, version)
        for row in standing:
            case.end(row.pk, Outcome.TAKEN_BACK if row.pk in decided else Outcome.NOT_PENDING)


def _reinstate(case: Case):
    for version, group in by_version(case.rows(), case.at):
        with transaction.atomic():
            standing = case.locked(group)
            refused = barred(version, standing, becoming=_S.IN_REVIEW)
            offers = offers_kept(standing)
            wishes = [
                Wish(claims.subject(row), (FILING,), offers=tuple(offers.get(row.pk, ())))
                for row in standing
                if row.pk not in refused
            ]
            refused |= case.take(version, standing, wishes)
            granted = [row for row in standing if row.pk not in refused]
            case.move(granted, _S.IN_REVIEW, Move.Cause.OPERATOR)
        case.end_all(standing, Outcome.REINSTATED, refused)

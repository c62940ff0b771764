"""People taking live entries off, and bringing cleared-out ones back (D12-096, 101, 105, 106, 144).

Who may do so is asked by the callers (``permissions.may_operate``, ``permissions.may_restore``).
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from campaigns import claims
from campaigns.claims import DECISION, FILING
from campaigns.evidence import save_refusals
from campaigns.holdings import Wish
from campaigns.lifecycle import LIVE
from campaigns.models import Entry, Move, ReasonTemplate, VenueTerms
from campaigns.offers import offers_kept
from campaigns.prevailing import prevail
from campaigns.published import rows_of
from campaigns.requirement_holds import hold_what_cleared_out
from campaigns.slots import Slots, slots_of
from campaigns.timeline import Refusal
from campaigns.verdicts import Case, Outcome, Result, barred, by_chunks, by_version, reasoned

CLEARED_OUT = "cleared_out_by_operator"
STAGE, ACTION = "clear_out", "clear_out"
RESTORED = "restored"

_S = Entry.Status


def clear_out(
    *, entries: dict[int, int], reason: ReasonTemplate, note: str = "", at: datetime, actor
) -> list[Result]:
    """Clear live entries out; ``entries`` maps ids to the revision that the person saw.

    The reason's code is kept in the history, its text and the note with each entry as a finding,
    and every seller gets one notice. One result per id, in the order given: ``cleared_out``, or why
    not. Raises ValueError for a reason of another use.
    """
    if reason.use != ReasonTemplate.Use.CLEAR_OUT:
        raise ValueError(f"{reason.code} is not a reason for clear-outs")
    refusal = reasoned(CLEARED_OUT, reason, note)
    return by_chunks(
        entries,
        lambda case: clear_case(case, reason.code, dict.fromkeys(case.seen, refusal)),
        statuses=LIVE,
        at=at,
        actor=actor,
        what="clear_out",
    )


def clear_case(case: Case, code: str, refusals: Mapping[int, Refusal]) -> None:
    """Clear a chunk out for a reason's code, each entry with its own refusal as evidence."""
    for version, group in by_version(case.rows(), case.at):
        with transaction.atomic():
            standing = case.locked(group)
            case.move(standing, _S.CLEARED_OUT, Move.Cause.OPERATOR, reason=code)
            save_refusals(
                [({"entry": row.pk}, refusals[row.pk]) for row in standing],
                version=version,
                at=case.at,
                stage=STAGE,
                action=ACTION,
            )
        for row in standing:
            case.end(row.pk, Outcome.CLEARED_OUT, refusals=[refusals[row.pk]])


def restore(*, entries: dict[int, int], at: datetime, actor) -> list[Result]:
    """Bring cleared-out entries back as approved, the same entries (D12-106).

    They need a registration that stands, their claims and places, no conflict, and where items are
    filed by invitation an open one or a free choice, as a filing does (D12-075). Requirements are
    for whoever restores to judge: what cleared them out leaves them alone for a week. One result
    per id, in the order given. Raises NoRulebook.
    """
    return by_chunks(
        entries, _restore, statuses={_S.CLEARED_OUT}, at=at, actor=actor, what="restore"
    )


def _restore(case: Case):
    for version, group in by_version(case.rows(), case.at):
        with transaction.atomic():
            standing = case.locked(group)
            refused = barred(version, standing, becoming=_S.APPROVED)
            refused |= _without_place(case, version, [r for r in standing if r.pk not in refused])
            granted = [row for row in standing if row.pk not in refused]
            hold_what_cleared_out(granted, at=case.at)
            case.move(
                granted,
                _S.APPROVED,
                Move.Cause.OPERATOR,
                reason=RESTORED,
                notice_cause=RESTORED,
            )
            prevail(
                granted,
                scopes=claims.ScopeBook(version),
                version=version,
                at=case.at,
                actor=case.actor,
                notice_key=case.key,
            )
        case.end_all(standing, Outcome.RESTORED, refused)


def _without_place(case, version, rows) -> dict[int, list[Refusal]]:
    """Take the claims and places of entries that come back; the entries refused, and why."""
    held = case.holdings(version, rows)
    by_invitation = {
        terms.venue_id: terms.code
        for terms in rows_of(version, VenueTerms)
        if terms.invitation_only
    }
    asked = [
        row for row in rows if row.venue_id in by_invitation and row.source == Entry.Source.SELLER
    ]
    slots = slots_of(by_invitation, asked, held.quotas, case.at) if asked else Slots()
    offers = offers_kept([row for row in rows if row not in asked]) | slots.invited
    before = {row.pk: row.slot_source for row in asked}
    slots.store(asked)
    wishes = [
        Wish(
            claims.subject(row),
            (FILING, DECISION),
            choices=slots.choices.get(row.pk, ()),
            offers=tuple(offers.get(row.pk, ())),
        )
        for row in rows
        if row.pk not in slots.refused
    ]
    refused = slots.refused | held.take(wishes, actor=case.actor, notice_key=case.key)
    back = {row.pk for row in asked} - refused.keys()
    slots.settle([row for row in asked if row.pk in back], back, held.chosen, held.used)
    slots.put_back([row for row in asked if row.pk in refused], before)
    slots.accept({pk: offer for pk, offer in held.used.items() if pk in back}, case.at)
    return refused

"""Rounds that sellers pass once in a campaign: pre-selections and exams (D12-046, 047, 057, 081).

Requirements ask for them with ``[registration.rounds_passed, contains, CODE]``, which looks at what
is kept here: passed in [passed_at, ended_at).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns import notices, sheets, timeline
from campaigns.models import Campaign, Registration, Round, RoundResult, RulebookVersion
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Refusal
from sellers.bulk_write import insert_rows
from sellers.feeds.problems import Problem

# Columns of an uploaded table of results.
SELLER, RESULT, NOTE = "seller", "result", "note"
# What sellers' notices call it, and what they say of a pass that is over.
DECIDED, ENDED = "round_decided", "ended"
CHUNK = 2_000
_LONGEST_NOTE = RoundResult._meta.get_field("note").max_length

_S = RoundResult.State


@dataclass(frozen=True)
class RoundStanding:
    """A round as it stands for a registration: its result so far, whether the seller may apply now,
    and when that begins or ended."""

    round: Round
    result: RoundResult | None
    may_apply: bool
    shut: dict | None

    def passed(self, at: datetime) -> bool:
        """Whether it is passed at the instant."""
        result = self.result
        if result is None or result.passed_at is None or result.passed_at > at:
            return False
        return result.ended_at is None or at < result.ended_at


@dataclass(frozen=True)
class Recorded:
    """What came of bringing results in: how many changed, how many were so already, and the lines
    left out."""

    changed: int
    same: int
    problems: list[Problem] = field(default_factory=list)


def standings(
    registration: Registration, *, version: RulebookVersion, at: datetime
) -> list[RoundStanding]:
    """Every round of the version as it stands for a registration, in rulebook order; 3 queries."""
    rounds = list(version.round_set.all())
    results = {row.code: row for row in RoundResult.objects.filter(registration=registration)}
    windows = timeline.milestone_windows(version, [code for row in rounds for code in row.windows])
    found = []
    for row in rounds:
        own = [windows[code] for code in row.windows if code in windows]
        shut = timeline.shut(own, at)
        result = results.get(row.code)
        may = row.kind == Round.Kind.PRESELECTION and shut is None and _may_apply(result, own, at)
        found.append(RoundStanding(row, result, may, shut))
    return found


def apply(
    *, registration: Registration, code: str, version: RulebookVersion, at: datetime
) -> Refusal | None:
    """Apply for a pre-selection in one of its windows; None, or why not.

    Codes: ``unknown_round`` (also for an exam, into which nobody applies), ``round_closed`` with
    ``opens_at`` or ``closed_at``, ``round_decided``, ``not_registered``, ``campaign_suspended``.
    Who has applied stays so. Who failed in an earlier window may apply in a later one.
    """
    found = next(
        (
            row
            for row in standings(registration, version=version, at=at)
            if row.round.code == code and row.round.kind == Round.Kind.PRESELECTION
        ),
        None,
    )
    if found is None:
        return Refusal("unknown_round", {"round": code})
    if version.campaign.state != Campaign.State.PUBLISHED:
        return Refusal("campaign_suspended")
    if registration.status != Registration.Status.JOINED:
        return Refusal("not_registered", {"registration": registration.status})
    if found.shut is not None:
        return Refusal("round_closed", {"round": code, **found.shut})
    if found.result is not None and found.result.state == _S.APPLIED:
        return None
    if not found.may_apply:
        return Refusal("round_decided", {"round": code, "state": found.result.state})
    RoundResult.objects.get_or_create(
        registration=registration, code=code, defaults={"state": _S.APPLIED, "applied_at": at}
    )
    RoundResult.objects.filter(
        registration=registration, code=code, state=_S.FAILED, decided_at__lt=at
    ).update(state=_S.APPLIED, applied_at=at, decided_at=None, decided_by=None, note="")
    return None


def decide(
    *, results: QuerySet[RoundResult], passed: bool, at: datetime, actor, note: str = ""
) -> int:
    """Pass or fail those who have applied, or correct a failure into a pass; returns how many.

    Who has passed stays so: see ``end``. Every seller gets one notice of all of theirs.
    """
    with transaction.atomic():
        decided = _decide(results, passed, at, actor, note)
        _tell(decided, key=_run(), at=at)
    return len(decided)


def end(*, results: QuerySet[RoundResult], at: datetime, actor, note: str = "") -> int:
    """What was passed is passed no longer, from the instant on; returns how many. Told as by
    ``decide``."""
    with transaction.atomic():
        ended = _end(results, at, actor, note)
        _tell(ended, key=_run(), at=at)
    return len(ended)


def record(
    *,
    campaign: Campaign,
    code: str,
    rows: Iterable[tuple[int, str, bool, str]],
    at: datetime,
    actor=None,
    run: str = "",
) -> Recorded:
    """Bring results of a round in: (line, seller code, passed, note), at most a few thousand.

    The same results again change nothing. A pass counts from when it was first recorded; a failure
    after it ends it. Sellers who have not joined are named and left out. Those whose result changes
    get one notice each, also where several calls are of one ``run``.
    """
    rows = list(rows)
    joined = Registration.objects.filter(campaign=campaign, status=Registration.Status.JOINED)
    ids = dict(
        joined.filter(seller__code__in={row[1] for row in rows}).values_list("seller__code", "id")
    )
    problems, wanted = [], {}
    for line, seller, passed, note in rows:
        if seller not in ids:
            problems.append(Problem(line, SELLER, seller, _("no such seller has joined")))
        elif seller in wanted and wanted[seller] != (passed, note):
            problems.append(Problem(line, SELLER, seller, _("another line says otherwise")))
        else:
            wanted[seller] = (passed, note)
    # A row for each; who is there already keeps theirs.
    insert_rows(
        RoundResult,
        [(ids[seller], code, _S.APPLIED) for seller in sorted(wanted)],
        ["registration", "code", "state"],
    )
    groups = {}
    for seller, outcome in wanted.items():
        groups.setdefault(outcome, []).append(ids[seller])
    with transaction.atomic():
        changed = []
        for (passed, note), members in sorted(groups.items()):
            results = RoundResult.objects.filter(registration__in=members, code=code)
            changed += _record(results, passed, at, actor, note)
        _tell(changed, key=run or _run(), at=at)
    number = len(changed)
    return Recorded(number, len(rows) - len(problems) - number, problems)


def record_from(path: Path, *, campaign: Campaign, code: str, at: datetime, actor=None) -> Recorded:
    """Bring the results of a CSV in: columns ``seller``, ``result`` (passed or failed), ``note``.

    Raises FeedError for a file that cannot be read as a table.
    """
    problems, changed, same, run = [], 0, 0, _run()
    known = (SELLER, RESULT, NOTE)
    for lines in sheets.batches(path, needed=known[:2], known=known, problems=problems):
        rows = []
        for line, cells in lines:
            result, note = cells[RESULT].lower(), cells.get(NOTE, "")
            if result not in (_S.PASSED, _S.FAILED):
                problems.append(Problem(line, RESULT, cells[RESULT], _("is not passed or failed")))
            elif len(note) > _LONGEST_NOTE:
                text = _("is longer than %(most)d characters") % {"most": _LONGEST_NOTE}
                problems.append(Problem(line, NOTE, note[:80], text))
            else:
                rows.append((line, cells[SELLER], result == _S.PASSED, note))
        part = record(campaign=campaign, code=code, rows=rows, at=at, actor=actor, run=run)
        changed, same = changed + part.changed, same + part.same
        problems += part.problems
    return Recorded(changed, same, sorted(problems))


def _record(results, passed, at, actor, note):
    if passed:
        ended = results.filter(state=_S.PASSED, ended_at__isnull=False)
        again = _settle(
            ended, at, actor, note, told=_S.PASSED, state=_S.PASSED, passed_at=at, ended_at=None
        )
        return again + _decide(results, True, at, actor, note)
    return _end(results, at, actor, note) + _decide(results, False, at, actor, note)


def _decide(results, passed, at, actor, note):
    if passed:
        rows = results.filter(state__in=[_S.APPLIED, _S.FAILED])
        now = {"state": _S.PASSED, "passed_at": at, "ended_at": None}
    else:
        rows = results.filter(state=_S.APPLIED)
        now = {"state": _S.FAILED, "passed_at": None, "ended_at": None}
    return _settle(rows, at, actor, note, told=now["state"], **now)


def _end(results, at, actor, note):
    rows = results.filter(state=_S.PASSED, ended_at__isnull=True)
    return _settle(rows, at, actor, note, told=ENDED, ended_at=at)


def _settle(rows, at, actor, note, *, told, **values):
    """Give results the values under their locks; each with what its seller is told of it."""
    rows = rows.select_related("registration").order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    found = list(rows)
    for start in range(0, len(found), CHUNK):
        ids = [row.pk for row in found[start : start + CHUNK]]
        RoundResult.objects.filter(pk__in=ids).update(
            decided_at=at, decided_by=actor, note=note, **values
        )
    return [(row, str(told), note) for row in found]


def _tell(changed, *, key, at):
    """One notice for each seller and campaign of what was decided, result and remark of the last.

    One decision gives all of a seller's rounds the same.
    """
    by_campaign = {}
    for row, result, note in changed:
        own = by_campaign.setdefault(row.registration.campaign_id, {})
        told = own.setdefault(row.registration.seller_id, {"round": []})
        told["round"].append(row.code)
        told |= {"result": result, "reason": note}
    for campaign in Campaign.objects.filter(pk__in=by_campaign).order_by("pk"):
        version = version_in_force(campaign, at)
        rows = version.round_set.values_list("code", "title") if version else ()
        titles = {code: title or code for code, title in rows}
        notices.tell(
            {
                seller: {**told, "round": [titles.get(code, code) for code in told["round"]]}
                for seller, told in by_campaign[campaign.pk].items()
            },
            cause=DECIDED,
            key=f"{key}:{campaign.pk}",
            at=at,
            campaign=campaign,
        )


def _run():
    return f"rounds:{uuid4().hex}"


def _may_apply(result, windows, at):
    """Whether a seller with this result may apply in the window that is open: not yet applied, or
    failed before it began."""
    if result is None:
        return True
    begun = max(window.starts_at for window in windows if at in window)
    return result.state == _S.FAILED and result.decided_at < begun

"""What happened, counted from what is stored: history for moves, findings for reasons."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from campaigns.models import (
    Campaign,
    Entry,
    EntryHistory,
    Finding,
    Move,
    Registration,
    RegistrationHistory,
    SweepRun,
)
from campaigns.rulebooks.versions import version_in_force

WIDTH = 72
FAIL = Finding.Outcome.FAIL
_S = Entry.Status
_R = Registration.Status


@dataclass
class Outcome:
    """The numbers of a campaign so far. Counters are by reason, a requirement's or a process's.

    An entry refused for two reasons counts for both. `standing` is by status, now.
    """

    at: datetime
    joined: int = 0
    sellers_refused: Counter = field(default_factory=Counter)
    sellers_left: int = 0
    filed: int = 0
    refused: int = 0
    refused_by: Counter = field(default_factory=Counter)
    reviewed: int = 0
    approved: int = 0
    turned_down: int = 0
    nights: int = 0
    targeted: int = 0
    tripped: int = 0
    cleared_out: Counter = field(default_factory=Counter)
    abnormal: Counter = field(default_factory=Counter)
    unpublished: Counter = field(default_factory=Counter)
    recovered: int = 0
    republished: int = 0
    flagged: Counter = field(default_factory=Counter)
    withdrawn: int = 0
    void: int = 0
    standing: Counter = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)


def outcome(campaign: Campaign, at: datetime) -> Outcome:
    """Count a campaign's registrations, entries, findings and moves up to now."""
    found = Outcome(at)
    _sellers(found, campaign)
    _filing(found, campaign)
    _nights(found, campaign)
    version = version_in_force(campaign, at)
    if version is not None:
        titles = version.requirement_set.values_list("code", "title")
        found.titles = {code: title.get("en", "") for code, title in titles}
    return found


def _sellers(found: Outcome, campaign: Campaign) -> None:
    history = RegistrationHistory.objects.filter(registration__campaign=campaign)
    found.joined = history.filter(to_status=_R.JOINED).count()
    found.sellers_left = history.filter(from_status=_R.JOINED).exclude(to_status=_R.JOINED).count()
    refusals = Finding.objects.filter(
        campaign=campaign, stage="admission", outcome=FAIL, entry=None, filing=None
    ).filter(registration__status=_R.REJECTED)
    found.sellers_refused = _by(refusals, "code", "registration")


def _filing(found: Outcome, campaign: Campaign) -> None:
    entries = Entry.objects.filter(campaign=campaign).exclude(status=_S.DRAFT)
    found.filed = entries.count()
    found.standing = Counter(
        dict(entries.order_by().values_list("status").annotate(number=Count("id")))
    )
    history = EntryHistory.objects.filter(entry__campaign=campaign)
    refused = history.filter(to_status=_S.REJECTED, move__cause=Move.Cause.FILING)
    found.refused = refused.count()
    found.refused_by = _by(
        Finding.objects.filter(
            campaign=campaign,
            stage="admission",
            outcome=FAIL,
            filing__isnull=False,
            entry__isnull=False,
        ),
        "code",
        "entry",
    )
    decided = history.filter(move__cause=Move.Cause.REVIEW)
    found.turned_down = decided.filter(to_status=_S.REJECTED).count()
    found.approved = (
        history.filter(
            to_status=_S.APPROVED, move__cause__in=[Move.Cause.REVIEW, Move.Cause.FILING]
        )
        .values("entry")
        .distinct()
        .count()
    )
    found.withdrawn = history.filter(to_status=_S.WITHDRAWN).count()
    found.void = history.filter(to_status=_S.VOID).count()


def _nights(found: Outcome, campaign: Campaign) -> None:
    runs = SweepRun.objects.filter(campaign=campaign, mode=SweepRun.Mode.ENFORCE)
    found.targeted = runs.filter(is_targeted=True).count()
    found.nights = runs.filter(is_targeted=False).count()
    found.tripped = runs.exclude(trip_reason={}).count()
    swept = EntryHistory.objects.filter(entry__campaign=campaign, move__cause=Move.Cause.SWEEP)
    found.cleared_out = _reasons(swept.filter(to_status=_S.CLEARED_OUT))
    found.abnormal = _reasons(swept.filter(to_status=_S.ABNORMAL))
    found.unpublished = _reasons(swept.filter(to_status=_S.UNPUBLISHED))
    away = Q(from_status__in=[_S.ABNORMAL, _S.AT_RISK, _S.UNPUBLISHED])
    found.recovered = swept.filter(away, to_status=_S.APPROVED).count()
    found.republished = EntryHistory.objects.filter(
        away, entry__campaign=campaign, to_status=_S.APPROVED, move__cause=Move.Cause.SELLER
    ).count()
    flags = Finding.objects.filter(
        campaign=campaign, run__mode=SweepRun.Mode.ENFORCE, outcome=FAIL, action="flag"
    )
    found.flagged = _by(flags.filter(entry__isnull=False), "code", "entry")
    found.flagged += _by(flags.filter(entry=None), "code", "registration")


def _by(findings, column: str, subject: str) -> Counter:
    """Different subjects by a column's values."""
    groups = findings.order_by().values_list(column)
    return Counter(dict(groups.annotate(number=Count(subject, distinct=True))))


def _reasons(history) -> Counter:
    groups = history.order_by().values_list("reason")
    return Counter(dict(groups.annotate(number=Count("id"))))


def table(found: Outcome) -> str:
    """Return the numbers as a table for a terminal."""
    pending = found.standing[_S.SUBMITTED] + found.standing[_S.IN_REVIEW]
    lines = [
        _line("Sellers joined", found.joined),
        *_reason_lines("Sellers refused", found.sellers_refused, found.titles),
        _line("Sellers that left again", found.sellers_left),
        "",
        _line("Items filed", found.filed),
        *_reason_lines("  refused at filing", found.refused_by, found.titles, found.refused),
        _line("  approved", found.approved),
        _line("  rejected by the reviewer", found.turned_down),
        _line("  waiting for the reviewer", pending),
        _line("  withdrawn", found.withdrawn),
        _line("  void with their registration", found.void),
        "",
        _line("Nights re-checked", found.nights),
        _line("Re-checks at once, after a change", found.targeted),
        _line("Re-checks that the breaker stopped", found.tripped),
        *_reason_lines("  cleared out", found.cleared_out, found.titles),
        *_reason_lines("  turned abnormal", found.abnormal, found.titles),
        *_reason_lines("  publication withdrawn", found.unpublished, found.titles),
        _line("  recovered by themselves", found.recovered),
        _line("  published again by the seller", found.republished),
        *_reason_lines("  flagged, left where they are", found.flagged, found.titles),
        "",
        *(
            _line(f"Now {_S(status).label}", number)
            for status, number in sorted(found.standing.items(), key=lambda pair: -pair[1])
        ),
    ]
    return "\n".join(lines)


def _reason_lines(
    label: str, reasons: Counter, titles: dict[str, str], total: int | None = None
) -> list[str]:
    """A total, and a line for each reason; without a total, the sum."""
    indent = " " * (len(label) - len(label.lstrip()) + 4)
    lines = [_line(label, reasons.total() if total is None else total)]
    for code, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        title = titles.get(code) or code.replace("_", " ")
        name = title if title == code.replace("_", " ") else f"{code} {title}"
        lines.append(_line(indent + name, number))
    return lines


def shortened(label: str, room: int) -> str:
    """A label in so many columns, aligned also where it is wider than its letters."""
    shown = label if _width(label) <= room else label[: room - 1] + "…"
    return shown + " " * max(1, room - _width(shown))


def _line(label: str, number: int) -> str:
    """A label and its number."""
    return f"{shortened(label, WIDTH)}{number:>8,}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)

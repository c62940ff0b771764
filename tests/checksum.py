"""The state of campaigns as natural keys and business columns, to compare two databases.

Surrogate ids, wall-clock times, attempts and the cutting into shards and chunks are left out: two
runs that came to the same end have the same rows here, however they got there.
"""

import hashlib
import json
from collections import Counter

from campaigns.models import (
    Claim,
    Entry,
    EntryHistory,
    Finding,
    GracePeriod,
    Hit,
    Notice,
    NoticeLine,
    PlannedMove,
    Registration,
    RegistrationHistory,
    RequirementHold,
    SweepRun,
    Tally,
    TallyDelta,
)
from sellers.models import ItemSlots, SellerSlots
from sellers.models.facts import SLOTS

ENTRY = ("campaign__code", "venue__code", "item__code", "submitted_at")
REGISTRATION = ("campaign__code", "seller__code", "created_at")
GROUND = (
    "path",
    "metric",
    "measured",
    "comparator",
    "threshold",
    "unit",
    "window",
    "known_at",
    "result",
)
RUN = ("campaign__code", "at", "mode", "scope")


def rows() -> dict[str, list[str]]:
    """Every table's rows as sorted JSON texts."""
    found = {name: sorted(map(_text, read())) for name, read in _TABLES.items()}
    found["tallies"] = sorted(_text([*key, value]) for key, value in _tallies().items() if value)
    return found


def checksums() -> dict[str, str]:
    """A digest of each table of `rows`."""
    return {
        name: hashlib.sha256("\n".join(texts).encode()).hexdigest()
        for name, texts in rows().items()
    }


def _text(values):
    return json.dumps(list(values), default=str, sort_keys=True, ensure_ascii=False)


def _below(prefix, names):
    return [f"{prefix}__{name}" for name in names]


def _entries():
    return Entry.objects.values_list(
        *ENTRY,
        "status",
        "previous",
        "revision",
        "activity_price",
        "decided_at",
        "approved_at",
        "at_risk_until",
        "held",
        "move__cause",
        "move__at",
        *_below("move__run", RUN),
    )


def _registrations():
    return Registration.objects.values_list(*REGISTRATION, "status", "previous", "revision")


def _claims():
    # A scope holds ids ("venue:7"): its kind, and whose the claim is, say as much.
    for scope, *others in Claim.objects.values_list(
        "scope", "subject_kind", *_below("entry", ENTRY)
    ):
        yield [scope.partition(":")[0], *others]


def _entry_history():
    return EntryHistory.objects.values_list(
        *_below("entry", ENTRY),
        "from_status",
        "to_status",
        "at",
        "reason",
        "move__cause",
        "move__at",
        "move__actor__username",
        *_below("move__run", RUN),
    )


def _registration_history():
    return RegistrationHistory.objects.values_list(
        *_below("registration", REGISTRATION), "from_status", "to_status", "at", "reason"
    )


def _findings():
    findings = Finding.objects.prefetch_related("grounds").select_related(
        "campaign",
        "version",
        "run__campaign",
        "entry__campaign",
        "entry__venue",
        "entry__item",
        "registration__campaign",
        "registration__seller",
    )
    for finding in findings:
        grounds = sorted(
            _text([getattr(ground, name) for name in GROUND]) for ground in finding.grounds.all()
        )
        yield [
            finding.campaign.code,
            finding.version.number,
            _natural(finding.run, RUN),
            _natural(finding.entry, ENTRY),
            _natural(finding.registration, REGISTRATION),
            finding.stage,
            finding.code,
            finding.outcome,
            finding.action,
            finding.at,
            finding.params,
            grounds,
        ]


def _natural(row, names):
    if row is None:
        return None
    values = []
    for name in names:
        value = row
        for part in name.split("__"):
            value = getattr(value, part)
        values.append(value)
    return values


def _notices():
    return Notice.objects.values_list(
        "seller__code", "campaign__code", "cause", "state", "at", *_below("run", RUN)
    )


def _notice_lines():
    return NoticeLine.objects.values_list(
        "notice__seller__code",
        "notice__cause",
        *_below("notice__run", RUN),
        *_below("entry", ENTRY),
        "from_status",
        "to_status",
    )


def _grace_periods():
    return GracePeriod.objects.values_list(
        *_below("entry", ENTRY), "requirement_code", "since", "until"
    )


def _requirement_holds():
    return RequirementHold.objects.values_list(
        *_below("entry", ENTRY), "requirement_code", *_below("run", RUN), "until"
    )


def _plan():
    return PlannedMove.objects.values_list(
        *_below("run", RUN),
        *_below("entry", ENTRY),
        "venue__code",
        "from_status",
        "to_status",
        "revision",
        "code",
        "grace",
        "state",
    )


def _hits():
    names = {
        "entry": dict(Entry.objects.values_list("id", "item__code")),
        "registration": dict(Registration.objects.values_list("id", "seller__code")),
    }
    hits = Hit.objects.values_list(
        "subject_kind", "subject_id", *_below("run", RUN), "block", "fails", "holds", "status"
    )
    for kind, pk, *others in hits:
        yield [kind, names.get(kind, names["entry"])[pk], *others]


def _runs():
    return SweepRun.objects.values_list(
        *RUN,
        "version__number",
        "state",
        "stage",
        "live",
        "counts",
        "trip_reason",
        "undone_at",
        *_below("confirms", RUN),
    )


def _slots(model, subject):
    columns = [f"{kind}_{n:02}" for kind, count in SLOTS.items() for n in range(1, count + 1)]
    return lambda: model.objects.values_list(
        "fact_set__kind", "fact_set__as_of", f"{subject}__code", "known_at", *columns
    )


def _tallies():
    """Folded and unfolded counts together: a job may fold them at any moment."""
    key = ("campaign__code", "venue__code", "name", "day")
    totals = Counter()
    for *names, value in Tally.objects.values_list(*key, "value"):
        totals[tuple(names)] += value
    for *names, value in TallyDelta.objects.values_list(*key, "delta"):
        totals[tuple(names)] += value
    return totals


_TABLES = {
    "entries": _entries,
    "registrations": _registrations,
    "claims": _claims,
    "entry history": _entry_history,
    "registration history": _registration_history,
    "findings": _findings,
    "notices": _notices,
    "notice lines": _notice_lines,
    "grace periods": _grace_periods,
    "requirement holds": _requirement_holds,
    "planned moves": _plan,
    "hits": _hits,
    "runs": _runs,
    "item slots": _slots(ItemSlots, "item"),
    "seller slots": _slots(SellerSlots, "seller"),
}

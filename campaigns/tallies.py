"""Counts that follow every move, so that no page has to count entries.

A move writes changes (``TallyDelta``); a job folds them into ``Tally`` rows. Names:
``status.<status>`` is how many entries stand there, ``moved.<from>.<to>`` how many went that way,
``refused.<code>`` how many rows of filings failed a requirement or a rule of the process,
``registration.<status>`` how many registrations stand there. Summed over the days. Drafts stand
nowhere: they come without a move.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, Entry, Filing, Finding, Move, Registration, Tally, TallyDelta
from sellers.bulk_write import Given, Prepared, copy_rows
from sellers.localtime import local_date

FOLD_CHUNK = 5000
# Keys that one statement updates.
KEYS_AT_ONCE = 100


def count_move(*, batch: Move, from_status: str, to_status: str, at: datetime) -> None:
    """Write the changes of the entries that ``batch`` moved, per venue, on the local day of ``at``.

    An undo takes its move back instead of counting a second one.
    """
    day = local_date(at)
    deltas = []
    for campaign_id, venue_id, number in _moved_entries().rows(move=batch.pk):
        changes = {f"status.{from_status}": -number, f"status.{to_status}": number}
        if batch.cause == Move.Cause.UNDO:
            changes[f"moved.{to_status}.{from_status}"] = -number
        else:
            changes[f"moved.{from_status}.{to_status}"] = number
        changes.pop(f"status.{Entry.Status.DRAFT}", None)
        deltas += [(campaign_id, venue_id, name, day, delta) for name, delta in changes.items()]
    _write(deltas)


def count_refusals(*, filing: Filing, at: datetime) -> None:
    """Write how many rows of a filing failed, by code; call it once for each filing."""
    day = local_date(at)
    failed = _failed_rows().rows(filing=filing.pk, registration=filing.registration_id)
    _write(
        (filing.venue.campaign_id, filing.venue_id, f"refused.{code}", day, number)
        for code, number in failed
    )


def count_registration_move(*, batch: Move, from_status: str, to_status: str, at: datetime) -> None:
    """Write the changes of the registrations that ``batch`` moved."""
    day = local_date(at)
    _write(
        (campaign_id, None, f"registration.{status}", day, sign * number)
        for campaign_id, number in _moved_registrations().rows(move=batch.pk)
        for status, sign in ((from_status, -1), (to_status, 1))
        if status != Registration.Status.DRAFT
    )


def _write(deltas):
    """Write changes: (campaign, venue, name, day, delta)."""
    copy_rows(TallyDelta, list(deltas), ["campaign", "venue", "name", "day", "delta"])


@cache
def _moved_entries():
    moved = Entry.objects.filter(move=Given("move", BigIntegerField())).order_by()
    return Prepared(moved.values_list("campaign_id", "venue_id").annotate(number=Count("id")))


@cache
def _moved_registrations():
    moved = Registration.objects.filter(move=Given("move", BigIntegerField())).order_by()
    return Prepared(moved.values_list("campaign_id").annotate(number=Count("id")))


@cache
def _failed_rows():
    filing = Given("filing", BigIntegerField())
    failed = Finding.objects.filter(
        Q(entry__in=Entry.objects.filter(filing=filing).values("id"))
        | Q(registration=Given("registration", BigIntegerField()), entry=None),
        filing=filing,
        outcome=Finding.Outcome.FAIL,
    )
    return Prepared(failed.order_by().values_list("code").annotate(number=Count("id")))


def totals(campaign: Campaign) -> dict[tuple[str | None, str], int]:
    """A campaign's counts by (venue code, name), written changes included; zeros left out.

    The venue is None for what has none. Reads the tallies, never the entries.
    """
    sums = Counter()
    for model, value in ((Tally, "value"), (TallyDelta, "delta")):
        rows = model.objects.filter(campaign=campaign).order_by()
        for venue, name, total in rows.values_list("venue__code", "name").annotate(
            total=Sum(value)
        ):
            sums[venue, name] += total
    return {key: total for key, total in sums.items() if total}


def standing(statuses: Iterable[str]) -> Combinable:
    """An expression over campaigns: how many of a campaign's entries stand in the statuses, written
    changes included. For lists of campaigns, which so ask once."""
    names = sorted(f"status.{status}" for status in statuses)
    parts = [
        Coalesce(Subquery(_summed(model, field, names)), 0)
        for model, field in ((Tally, "value"), (TallyDelta, "delta"))
    ]
    return parts[0] + parts[1]


def _summed(model, field, names):
    """The sum of a campaign's rows of these names, as a query of one row."""
    rows = model.objects.filter(campaign=OuterRef("pk"), name__in=names).order_by()
    return rows.values("campaign").values_list(Sum(field, output_field=BigIntegerField()))


def fold(*, limit: int = 100_000) -> int:
    """Add written changes to the tallies and remove them; returns how many were folded.

    A chunk is added and removed in one transaction, so repeating, running twice at once or being
    killed counts nothing twice and loses nothing.
    """
    folded = 0
    while folded < limit:
        number = _fold_chunk(min(FOLD_CHUNK, limit - folded))
        if not number:
            break
        folded += number
    return folded


def _fold_chunk(size):
    with transaction.atomic():
        rows = TallyDelta.objects.order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        rows = list(
            rows.values_list("id", "campaign_id", "venue_id", "name", "day", "delta")[:size]
        )
        sums = Counter()
        for _pk, *key, delta in rows:
            sums[tuple(key)] += delta
        for keys in _parts(sorted(sums, key=str)):
            _add({key: sums[key] for key in keys})
        TallyDelta.objects.filter(id__in=[row[0] for row in rows]).delete()
    return len(rows)


def _add(sums):
    """Add sums to the tallies of their keys (campaign, venue, name, day), made where missing."""
    found = _tallies(sums)
    Tally.objects.bulk_create(
        [
            Tally(campaign_id=campaign, venue_id=venue, name=name, day=day)
            for campaign, venue, name, day in sums
            if (campaign, venue, name, day) not in found
        ],
        ignore_conflicts=True,
    )
    changes = {pk: sums[key] for key, pk in _tallies(sums).items() if sums[key]}
    if changes:
        cases = [When(pk=pk, then=Value(delta)) for pk, delta in changes.items()]
        Tally.objects.filter(pk__in=changes).update(
            value=F("value") + Case(*cases, default=Value(0), output_field=BigIntegerField())
        )


def _tallies(keys):
    """Key to id of the tallies that exist."""
    rows = Tally.objects.filter(
        campaign__in={key[0] for key in keys},
        name__in={key[2] for key in keys},
        day__in={key[3] for key in keys},
    )
    found = {
        (campaign, venue, name, day): pk
        for pk, campaign, venue, name, day in rows.values_list(
            "id", "campaign_id", "venue_id", "name", "day"
        )
    }
    return {key: found[key] for key in keys if key in found}


def _parts(keys):
    return [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]

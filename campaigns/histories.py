"""History rows of the status changes that a move made; written by ``lifecycle`` alone."""

from datetime import datetime
from functools import cache

from django.db.models import BigIntegerField, CharField, DateTimeField
from django.db.models.expressions import Combinable

from campaigns.models import Entry, EntryHistory, Move, Registration, RegistrationHistory
from sellers.bulk_write import Given, PreparedInsert, insert_from_query


def write_entries(*, batch: Move, at: datetime, reason: str | Combinable) -> None:
    """One history row for every entry whose latest move is ``batch``; ``reason`` is a code, or an
    expression that gives each entry its own."""
    _write(Entry, EntryHistory, "entry", batch, at, reason)


def write_registrations(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every registration whose latest move is ``batch``."""
    _write(Registration, RegistrationHistory, "registration", batch, at, reason)


def _write(model, history, owner, batch, at, reason):
    if isinstance(reason, str):
        _statement(model, history, owner).run(move=batch.pk, at=at, reason=reason)
        return
    rows = model.objects.filter(move=batch).order_by("id").annotate(own_reason=reason)
    insert_from_query(
        rows.values_list("id", "previous", "status", "own_reason"),
        history,
        [owner, "from_status", "to_status", "reason"],
        {"move": batch.pk, "at": at},
        at_once=True,
    )


@cache
def _statement(model, history, owner):
    """The insert of the history of a move all of whose rows have one reason."""
    rows = model.objects.filter(move=Given("move", BigIntegerField())).order_by("id")
    return PreparedInsert(
        rows.values_list("id", "previous", "status"),
        history,
        [owner, "from_status", "to_status"],
        {
            "move": Given("move", BigIntegerField()),
            "at": Given("at", DateTimeField()),
            "reason": Given("reason", CharField()),
        },
    )

"""History rows of the status changes that a move made; written by ``lifecycle`` alone."""

from datetime import datetime

from django.db.models.expressions import Combinable

from campaigns.models import Entry, EntryHistory, Move, Registration, RegistrationHistory
from sellers.bulk_write import insert_from_query


def write_entries(*, batch: Move, at: datetime, reason: str | Combinable) -> None:
    """One history row for every entry whose latest move is ``batch``; ``reason`` is a code, or an
    expression that gives each entry its own."""
    _write(Entry, EntryHistory, "entry", batch, at, reason)


def write_registrations(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every registration whose latest move is ``batch``."""
    _write(Registration, RegistrationHistory, "registration", batch, at, reason)


def _write(model, history, owner, batch, at, reason):
    columns = {owner: "id", "from_status": "previous", "to_status": "status"}
    constants = {"move": batch.pk, "at": at}
    rows = model.objects.filter(move=batch).order_by("id")
    if isinstance(reason, str):
        constants["reason"] = reason
    else:
        rows = rows.annotate(own_reason=reason)
        columns["reason"] = "own_reason"
    insert_from_query(
        rows.values_list(*columns.values()), history, list(columns), constants, at_once=True
    )

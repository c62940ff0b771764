"""History rows of the status changes that a move made; written by ``lifecycle`` alone."""

from datetime import datetime

from campaigns.models import Entry, EntryHistory, Move, Registration, RegistrationHistory
from sellers.bulk_write import insert_from_query


def write_entries(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every entry whose latest move is ``batch``."""
    _write(Entry, EntryHistory, "entry", batch, at, reason)


def write_registrations(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every registration whose latest move is ``batch``."""
    _write(Registration, RegistrationHistory, "registration", batch, at, reason)


def _write(model, history, owner, batch, at, reason):
    insert_from_query(
        model.objects.filter(move=batch).order_by("id").values_list("id", "previous", "status"),
        history,
        [owner, "from_status", "to_status"],
        {"move": batch.pk, "at": at, "reason": reason},
    )

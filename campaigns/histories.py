"""History rows of the status changes that a move made; written by ``lifecycle`` alone."""

from datetime import datetime

from campaigns.models import Entry, EntryHistory, Move, Registration, RegistrationHistory

CHUNK = 2000


def write_entries(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every entry whose latest move is ``batch``."""
    _write(Entry, EntryHistory, "entry_id", batch, at, reason)


def write_registrations(*, batch: Move, at: datetime, reason: str) -> None:
    """One history row for every registration whose latest move is ``batch``."""
    _write(Registration, RegistrationHistory, "registration_id", batch, at, reason)


def _write(model, history, owner, batch, at, reason):
    rows = model.objects.filter(move=batch).order_by("id")
    history.objects.bulk_create(
        [
            history(
                **{owner: pk},
                move=batch,
                from_status=previous,
                to_status=status,
                at=at,
                reason=reason,
            )
            for pk, previous, status in rows.values_list("id", "previous", "status")
        ],
        batch_size=CHUNK,
    )

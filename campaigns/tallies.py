"""Counts that follow every move, so that no page has to count entries.

A move writes changes (``TallyDelta``); a job folds them into ``Tally`` rows. Names:
``status.<status>`` is how many entries stand there, ``moved.<from>.<to>`` how many went that way,
``registration.<status>`` how many registrations stand there. Summed over the days.
"""

from datetime import datetime

from django.db.models import Count

from campaigns.models import Entry, Move, Registration, TallyDelta
from sellers.localtime import local_date


def count_move(*, batch: Move, from_status: str, to_status: str, at: datetime) -> None:
    """Write the changes of the entries that ``batch`` moved, per venue, on the local day of ``at``.

    An undo takes its move back instead of counting a second one.
    """
    day = local_date(at)
    deltas = []
    groups = Entry.objects.filter(move=batch).order_by().values_list("campaign_id", "venue_id")
    for campaign_id, venue_id, number in groups.annotate(number=Count("id")):
        changes = {f"status.{from_status}": -number, f"status.{to_status}": number}
        if batch.cause == Move.Cause.UNDO:
            changes[f"moved.{to_status}.{from_status}"] = -number
        else:
            changes[f"moved.{from_status}.{to_status}"] = number
        deltas += [
            TallyDelta(campaign_id=campaign_id, venue_id=venue_id, name=name, day=day, delta=delta)
            for name, delta in changes.items()
        ]
    TallyDelta.objects.bulk_create(deltas)


def count_registration_move(*, batch: Move, from_status: str, to_status: str, at: datetime) -> None:
    """Write the changes of the registrations that ``batch`` moved."""
    day = local_date(at)
    groups = Registration.objects.filter(move=batch).order_by().values_list("campaign_id")
    TallyDelta.objects.bulk_create(
        TallyDelta(
            campaign_id=campaign_id, name=f"registration.{status}", day=day, delta=sign * number
        )
        for campaign_id, number in groups.annotate(number=Count("id"))
        for status, sign in ((from_status, -1), (to_status, 1))
    )

"""Whether entries that come back, by themselves or by an undo, still find a place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.lifecycle import HOLDS_PLACE, PLACE_BY_SETTING
from campaigns.models import Quota, RulebookVersion
from campaigns.published import rows_of
from campaigns.quotas import QuotaBook


@dataclass(frozen=True)
class Returning:
    """An entry on its way from one status to another."""

    entry_id: int
    registration_id: int
    from_status: str
    to_status: str


def may_want_place(version: RulebookVersion) -> bool:
    """Whether a recovering entry has to find a place: a quota takes it from abnormal ones."""
    return not all(quota.abnormal_keeps_place for quota in rows_of(version, Quota))


def without_place(
    returning: Iterable[Returning], *, version: RulebookVersion, at: datetime
) -> dict[int, dict]:
    """The entries (ids) that find a quota full, each with ``{"quota", "ceiling", "used"}``.

    The first to come take what is left. An entry that holds its place already wants none. Lock the
    registrations first where the answer must hold until the end of a transaction.
    """
    returning = list(returning)
    book = QuotaBook(
        version=version, registrations={row.registration_id for row in returning}, at=at
    )
    if not returning or not book.quotas:
        return {}
    places = book.places()
    counted = book.counted_ids(row.entry_id for row in returning)
    taken, refused = Counter(), {}
    for row in returning:
        wanted = [
            place
            for place in places[row.registration_id]
            if row.entry_id in counted[place.quota.code] and _wants(row, place.quota)
        ]
        for place in wanted:
            used = place.used + taken[row.registration_id, place.quota.code]
            if place.ceiling is not None and used >= place.ceiling:
                refused[row.entry_id] = {
                    "quota": place.quota.code,
                    "ceiling": place.ceiling,
                    "used": used,
                }
                break
        else:
            taken.update((row.registration_id, place.quota.code) for place in wanted)
    return refused


def _wants(row, quota):
    holding = HOLDS_PLACE if quota.abnormal_keeps_place else HOLDS_PLACE - PLACE_BY_SETTING
    return row.to_status in holding and row.from_status not in holding

"""Reviewers taking pending entries to work on, so that two do not do the same."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from campaigns.lifecycle import PENDING
from campaigns.models import Entry

WORK_LASTS = timedelta(minutes=30)


def claim_work(*, entries: Iterable[int], user, at: datetime) -> set[int]:
    """Take pending entries (ids) to review for half an hour; returns those that are the user's.

    By compare-and-set: of two reviewers only one gets an entry.
    """
    ids = list(entries)
    free = Q(claimed_by=None) | Q(claimed_until__lte=at) | Q(claimed_by=user)
    until = at + WORK_LASTS
    pending = Entry.objects.filter(id__in=ids, status__in=PENDING)
    pending.filter(free).update(claimed_by=user, claimed_until=until)
    mine = pending.filter(claimed_by=user, claimed_until=until)
    return set(mine.values_list("id", flat=True))


def next_work(*, queue: QuerySet[Entry], user, at: datetime, count: int = 20) -> list[int]:
    """Take the next unclaimed entries of a queue (a queryset in the order of work); their ids."""
    free = Q(claimed_by=None) | Q(claimed_until__lte=at)
    taken = []
    while len(taken) < count:
        pending = queue.filter(free, status__in=PENDING)
        ids = list(pending.values_list("id", flat=True)[: count - len(taken)])
        if not ids:
            break
        mine = claim_work(entries=ids, user=user, at=at)
        taken += [pk for pk in ids if pk in mine]
    return taken


def release_work(*, entries: Iterable[int], user) -> int:
    """Give entries (ids) back that the user took to review; returns how many."""
    mine = Entry.objects.filter(id__in=list(entries), claimed_by=user)
    return mine.update(claimed_by=None, claimed_until=None)

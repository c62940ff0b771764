"""Many movers of the same entries at once, each entry moved by one of them."""

import time
from collections import Counter
from random import Random
from threading import Event

import pytest
from django.db import transaction

from campaigns.lifecycle import transition
from campaigns.models import Entry, EntryHistory, Move, TallyDelta
from campaigns.reviewing import approve, claim_work, reject
from campaigns.withdrawing import withdraw_registration
from tests.factories import (
    FILED,
    EntryFactory,
    RegistrationFactory,
    UserFactory,
    open_campaign,
)
from tests.races.together import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened():
    return open_campaign()


def test_each_entry_is_moved_once_and_nobody_deadlocks(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entries = EntryFactory.create_batch(60, registration=registration, venue=opened.venue)
    chance = Random(520)
    targets = ["cleared_out", "void", "abnormal", "unpublished", "withdrawn"]

    def mover(number):
        some = chance.sample(entries, 40)

        def move():
            return transition(
                entries={entry.pk: 1 for entry in some},
                from_status="approved",
                to_status=targets[number % len(targets)],
                cause=Move.Cause.OPERATOR,
                at=FILED,
            )

        return move

    moved = at_once(*(mover(number) for number in range(20)))
    times = Counter(pk for ids in moved for pk in ids)
    assert set(times.values()) == {1}
    untouched = set(Entry.objects.filter(status="approved").values_list("id", flat=True))
    assert set(times) == {entry.pk for entry in entries} - untouched
    assert EntryHistory.objects.count() == len(times)
    counted = TallyDelta.objects.filter(name="status.approved").values_list("delta", flat=True)
    assert -sum(counted) == len(times)


def test_of_two_reviewers_one_decides(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entries = [
        EntryFactory(registration=registration, venue=opened.venue, status="in_review")
        for _ in range(10)
    ]
    seen = {entry.pk: 1 for entry in entries}
    one, other = UserFactory.create_batch(2)
    yes, no = at_once(
        lambda: approve(entries=seen, at=FILED, actor=one),
        lambda: reject(entries=seen, at=FILED, actor=other, note="no"),
    )
    for first, second in zip(yes, no, strict=True):
        decided = {first.outcome, second.outcome} & {"approved", "rejected"}
        status = Entry.objects.get(pk=first.entry_id).status
        assert decided == {status}
    assert EntryHistory.objects.count() == 10


def test_of_two_reviewers_one_gets_the_work(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    ids = [
        EntryFactory(registration=registration, venue=opened.venue, status="in_review").pk
        for _ in range(10)
    ]
    users = UserFactory.create_batch(8)
    shares = at_once(
        *(lambda user=user: claim_work(entries=ids, user=user, at=FILED) for user in users)
    )
    assert sorted(pk for share in shares for pk in share) == sorted(ids)


def test_a_registration_is_withdrawn_while_its_entries_move(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entries = EntryFactory.create_batch(30, registration=registration, venue=opened.venue)

    def sweep():
        return transition(
            entries={entry.pk: 1 for entry in reversed(entries)},
            from_status="approved",
            to_status="cleared_out",
            cause=Move.Cause.SWEEP,
            at=FILED,
        )

    _none, swept = at_once(
        lambda: withdraw_registration(registration=registration, at=FILED, actor=None), sweep
    )
    statuses = Counter(Entry.objects.values_list("status", flat=True))
    assert statuses["cleared_out"] == len(swept)
    assert statuses["void"] == 30 - len(swept)


def test_an_entry_that_a_sweep_is_just_moving_ends_with_its_registration(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entry = EntryFactory(registration=registration, venue=opened.venue)
    moved = Event()

    def sweep():
        with transaction.atomic():
            transition(
                entries={entry.pk: 1},
                from_status="approved",
                to_status="abnormal",
                cause=Move.Cause.SWEEP,
                at=FILED,
            )
            moved.set()
            time.sleep(0.5)  # the withdrawal runs into the move that is not committed yet

    def withdraw():
        assert moved.wait(60)
        return withdraw_registration(registration=registration, at=FILED, actor=None)

    assert at_once(sweep, withdraw) == [None, None]
    entry.refresh_from_db()
    steps = entry.history.order_by("id").values_list("from_status", "to_status")
    assert list(steps) == [("approved", "abnormal"), ("abnormal", "void")]

"""Decisions of people: approving, rejecting, reinstating, and taking work."""

from datetime import timedelta

import pytest
from django.db.models import F

from campaigns import reviewing, verdicts
from campaigns.models import Claim, Entry, Finding, Notice, ReasonTemplate
from campaigns.review_work import WORK_LASTS, claim_work, next_work, release_work
from campaigns.reviewing import Outcome, approve, reinstate, reject
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    EntryFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

# Decisions are not bound by the registration window.
AT = local("2023-05-22 10:00")


@pytest.fixture
def opened():
    return open_campaign(review_mode="system_then_manual")


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


@pytest.fixture
def reviewer():
    return UserFactory()


def pending(registration, opened, status="in_review", **kwargs):
    return EntryFactory(registration=registration, venue=opened.venue, status=status, **kwargs)


def seen(*entries):
    return {entry.pk: entry.revision for entry in entries}


def outcomes(decisions):
    return [decision.outcome for decision in decisions]


@pytest.mark.parametrize("status", Entry.Status.values)
def test_only_pending_entries_are_decided(opened, registration, reviewer, status):
    for decide, done in (
        (lambda e: approve(entries=seen(e), at=AT, actor=reviewer), "approved"),
        (lambda e: reject(entries=seen(e), at=AT, actor=reviewer, note="no"), "rejected"),
    ):
        entry = pending(registration, opened, status=status)
        (decision,) = decide(entry)
        entry.refresh_from_db()
        if status in {"submitted", "in_review"}:
            assert (decision.outcome, entry.status) == (done, done)
            assert (entry.decided_at, entry.move.actor, entry.move.cause) == (
                AT,
                reviewer,
                "review",
            )
        else:
            assert (decision.outcome, entry.status) == (Outcome.NOT_PENDING, status)


def test_a_result_for_each_in_the_order_given(opened, registration, reviewer):
    good, ended = pending(registration, opened), pending(registration, opened, status="void")
    edited = pending(registration, opened, revision=2)
    taken = pending(registration, opened, claimed_by=UserFactory(), claimed_until=AT + timedelta(1))
    mine = pending(registration, opened, claimed_by=reviewer, claimed_until=AT + timedelta(1))
    over = pending(registration, opened, claimed_by=UserFactory(), claimed_until=AT)
    wanted = {0: 1, edited.pk: 1, **seen(taken, mine, ended, over, good)}
    decisions = approve(entries=wanted, at=AT, actor=reviewer)
    assert [(d.entry_id, d.outcome) for d in decisions] == [
        (0, "not_pending"),
        (edited.pk, "changed"),
        (taken.pk, "taken"),
        (mine.pk, "approved"),
        (ended.pk, "not_pending"),
        (over.pk, "approved"),
        (good.pk, "approved"),
    ]


@pytest.mark.parametrize("decide", ["approve", "reject"])
def test_an_entry_edited_while_it_is_decided_is_left(
    opened, registration, reviewer, monkeypatch, decide
):
    """The seller changes the price after the reviewer's click was read."""
    entry, other = pending(registration, opened), pending(registration, opened)
    by_version = reviewing.by_version

    def edited_first(rows, at):
        Entry.objects.filter(pk=entry.pk).update(revision=F("revision") + 1)
        return by_version(rows, at)

    monkeypatch.setattr(reviewing, "by_version", edited_first)
    arguments = {"entries": seen(entry, other), "at": AT, "actor": reviewer}
    if decide == "reject":
        arguments["note"] = "no"
    decisions = getattr(reviewing, decide)(**arguments)
    assert decisions[0].outcome == Outcome.CHANGED
    assert decisions[1].outcome != Outcome.CHANGED
    entry.refresh_from_db()
    assert (entry.status, entry.findings.count()) == ("in_review", 0)


def test_what_fails_by_now_is_not_approved(opened, registration, reviewer):
    RequirementFactory(version=opened.version, code="ship")
    good = pending(registration, opened)
    bad = pending(
        registration, opened, item=ItemFactory(seller=registration.seller, ship_time_hours=49)
    )
    decisions = approve(entries=seen(good, bad), at=AT, actor=reviewer)
    assert outcomes(decisions) == ["approved", "refused"]
    assert [finding.code for finding in decisions[1].findings] == ["ship"]
    bad.refresh_from_db()
    assert bad.status == "in_review"
    finding = bad.findings.get()
    assert (finding.code, finding.at, finding.grounds.get().measured) == ("ship", AT, "49")
    assert not good.findings.exists()


@pytest.mark.parametrize(("missing", "outcome"), [("hold", "approved"), ("fail", "refused")])
def test_a_reviewer_answers_what_the_system_cannot(
    opened, registration, reviewer, missing, outcome
):
    RequirementFactory(version=opened.version, code="ship", missing=missing)
    item = ItemFactory(seller=registration.seller, ship_time_hours=None)
    entry = pending(registration, opened, item=item, held=True)
    assert outcomes(approve(entries=seen(entry), at=AT, actor=reviewer)) == [outcome]
    entry.refresh_from_db()
    assert entry.held == (outcome == "refused")


def test_in_a_manual_venue_the_reviewers_word_counts(opened, registration, reviewer):
    RequirementFactory(version=opened.version, code="ship")
    manual = VenueTermsFactory(version=opened.version, code="manual", review_mode="manual")
    item = ItemFactory(seller=registration.seller, ship_time_hours=49)
    entry = EntryFactory(
        registration=registration, venue=manual.venue, item=item, status="in_review"
    )
    (decision,) = approve(entries=seen(entry), at=AT, actor=reviewer)
    assert decision.outcome == Outcome.APPROVED
    assert [finding.code for finding in decision.findings] == ["ship"]


def test_a_claim_of_the_decision_is_taken_by_the_first(opened, registration, reviewer):
    ClaimScopeFactory(version=opened.version, code="one", taken="decision")
    QuotaFactory(version=opened.version, ceiling=1)
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    first = pending(registration, opened)
    second = EntryFactory(
        registration=registration, venue=branch, item=first.item, status="in_review"
    )
    decisions = approve(entries=seen(second, first), at=AT, actor=reviewer)
    assert outcomes(decisions) == ["approved", "refused"]
    assert [refusal.code for refusal in decisions[1].refusals] == ["already_claimed"]
    assert decisions[1].refusals[0].params["entry"] == second.pk
    first.refresh_from_db()
    assert first.status == "in_review"
    # It still holds its own venue's.
    assert Claim.objects.filter(entry=first).count() == 1
    assert Claim.objects.filter(entry=second).count() == 2
    assert first.findings.get().code == "already_claimed"


def test_a_rejection_keeps_its_reason(opened, registration, reviewer):
    template = ReasonTemplate.objects.create(
        code="poor_picture", text={"en": "The picture is poor", "zh-hans": "主图质量差"}
    )
    entry = pending(registration, opened)
    (decision,) = reject(
        entries=seen(entry), at=AT, actor=reviewer, template=template, note=" blurred "
    )
    assert decision.outcome == Outcome.REJECTED
    entry.refresh_from_db()
    assert (entry.status, entry.history.get().reason) == ("rejected", "poor_picture")
    finding = entry.findings.get()
    assert (finding.code, finding.stage, finding.at) == ("rejected_by_reviewer", "review", AT)
    assert finding.params == {
        "reason": "poor_picture",
        "text": {"en": "The picture is poor", "zh-hans": "主图质量差"},
        "note": "blurred",
    }
    assert not Claim.objects.exists()


def test_a_rejection_needs_a_reason(opened, registration, reviewer):
    entry = pending(registration, opened)
    with pytest.raises(ValueError, match="needs a reason"):
        reject(entries=seen(entry), at=AT, actor=reviewer, note="  ")
    entry.refresh_from_db()
    assert entry.status == "in_review"


def test_a_seller_gets_one_notice_for_many_decisions(opened, registration, reviewer, monkeypatch):
    monkeypatch.setattr(verdicts, "CHUNK", 2)
    entries = [pending(registration, opened) for _ in range(5)]
    approve(entries=seen(*entries), at=AT, actor=reviewer)
    notice = Notice.objects.get()
    assert (notice.cause, notice.state, notice.lines.count()) == ("approved", "ready", 5)


def test_an_operator_brings_the_same_entry_back(opened, registration, reviewer):
    QuotaFactory(version=opened.version, ceiling=1)
    entry, second = (pending(registration, opened, status="rejected") for _ in range(2))
    decisions = reinstate(entries=seen(entry, second), at=AT, actor=reviewer)
    assert outcomes(decisions) == ["reinstated", "refused"]
    assert [refusal.code for refusal in decisions[1].refusals] == ["quota_full"]
    entry.refresh_from_db()
    assert (entry.status, entry.move.cause) == ("in_review", "operator")
    assert Claim.objects.get().entry == entry
    second.refresh_from_db()
    assert second.status == "rejected"


@pytest.mark.parametrize("status", ["approved", "in_review", "draft"])
def test_only_ended_entries_are_reinstated(opened, registration, reviewer, status):
    entry = pending(registration, opened, status=status)
    assert outcomes(reinstate(entries=seen(entry), at=AT, actor=reviewer)) == ["not_pending"]


def test_nothing_is_reinstated_under_a_registration_that_ended(opened, reviewer):
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status="withdrawn"
    )
    entry = pending(registration, opened, status="void")
    (decision,) = reinstate(entries=seen(entry), at=AT, actor=reviewer)
    assert [refusal.code for refusal in decision.refusals] == ["not_registered"]
    entry.refresh_from_db()
    assert entry.status == "void"


def test_the_number_of_queries_does_not_grow(
    opened, registration, reviewer, django_assert_max_num_queries
):
    RequirementFactory(version=opened.version, code="ship")
    ClaimScopeFactory(version=opened.version, code="one", taken="decision")

    def count(number):
        entries = [pending(registration, opened) for _ in range(number)]
        with django_assert_max_num_queries(90) as captured:
            approve(entries=seen(*entries), at=AT, actor=reviewer)
        return len(captured)

    assert count(1) == count(3) == count(30)


def test_of_two_reviewers_one_gets_the_work(opened, registration, reviewer):
    other = UserFactory()
    entries = [pending(registration, opened) for _ in range(3)]
    ids = [entry.pk for entry in entries]
    assert claim_work(entries=ids[:2], user=reviewer, at=AT) == set(ids[:2])
    assert claim_work(entries=ids, user=other, at=AT) == {ids[2]}
    # One's own claim is renewed, another's can be had when it is over.
    assert claim_work(entries=ids, user=reviewer, at=AT + timedelta(minutes=1)) == set(ids[:2])
    late = AT + WORK_LASTS
    assert claim_work(entries=ids, user=reviewer, at=late - timedelta(seconds=1)) == set(ids[:2])
    assert claim_work(entries=ids, user=reviewer, at=late) == set(ids)


def test_only_pending_entries_are_work(opened, registration, reviewer):
    entry = pending(registration, opened, status="approved")
    assert claim_work(entries=[entry.pk], user=reviewer, at=AT) == set()


def test_the_next_work_is_what_nobody_has_in_the_queues_order(opened, registration, reviewer):
    entries = [
        pending(registration, opened, submitted_at=FILED - timedelta(hours=number))
        for number in range(5)
    ]
    claim_work(entries=[entries[4].pk], user=UserFactory(), at=AT)
    queue = Entry.objects.filter(venue=opened.venue).order_by("submitted_at", "id")
    first = next_work(queue=queue, user=reviewer, at=AT, count=2)
    assert first == [entries[3].pk, entries[2].pk]
    assert next_work(queue=queue, user=reviewer, at=AT, count=20) == [entries[1].pk, entries[0].pk]
    assert next_work(queue=queue, user=reviewer, at=AT) == []


def test_work_is_given_back(opened, registration, reviewer):
    mine, other = pending(registration, opened), pending(registration, opened)
    claim_work(entries=[mine.pk], user=reviewer, at=AT)
    claim_work(entries=[other.pk], user=UserFactory(), at=AT)
    assert release_work(entries=[mine.pk, other.pk], user=reviewer) == 1
    assert Entry.objects.filter(claimed_by=None).get() == mine
    assert Finding.objects.count() == 0

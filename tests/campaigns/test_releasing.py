"""Results published together: decisions kept, released, taken back, and what falls in between."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import overdue, releasing, verdicts
from campaigns.lifecycle import transition_registrations
from campaigns.models import (
    Claim,
    ClaimScope,
    Decision,
    Entry,
    EntryHistory,
    Finding,
    Notice,
    ReasonTemplate,
    Release,
)
from campaigns.registering import reprice_entry, withdraw_entry
from campaigns.reviewing import Outcome, approve, reject, take_back
from campaigns.tasks import release_results, work_release
from sellers.models import Item
from tests.factories import (
    ClaimScopeFactory,
    EntryFactory,
    RegistrationFactory,
    RequirementFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-22 10:00")
DUE = local("2023-05-30 23:59:59")
BRANCH = {"kind": "branch", "review_mode": "system_then_manual", "release": "together"}


@pytest.fixture
def opened():
    """Branches a and b that publish together and an outer venue; a branch takes over from it."""
    opened = open_campaign(**BRANCH, results_due=DUE)
    ClaimScopeFactory(
        version=opened.version,
        code="place",
        taken=ClaimScope.Taken.DECISION,
        venue_kinds=["branch", "outer"],
        takeovers=[["branch", "outer"]],
        first_prevails=True,
    )
    return opened


@pytest.fixture
def other(opened):
    return VenueTermsFactory(version=opened.version, code="b", results_due=DUE, **BRANCH).venue


@pytest.fixture
def outer(opened):
    return VenueTermsFactory(version=opened.version, code="outer", kind="outer").venue


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


@pytest.fixture
def reviewer():
    return UserFactory()


@pytest.fixture
def file(opened, registration):
    def pending(venue=None, status="in_review", **fields):
        fields.setdefault("registration", registration)
        return EntryFactory(venue=venue or opened.venue, status=status, **fields)

    return pending


@pytest.fixture
def yes(reviewer):
    def approving(*entries, at=AT):
        return outcomes(approve(entries=seen(*entries), at=at, actor=reviewer))

    return approving


def seen(*entries):
    return {row.pk: row.revision for row in Entry.objects.filter(pk__in=[e.pk for e in entries])}


def outcomes(results):
    return [result.outcome for result in results]


def status(*entries):
    return [Entry.objects.get(pk=entry.pk).status for entry in entries]


def holder(entry):
    rows = Claim.objects.filter(scope__endswith=":place", subject_id=entry.item_id)
    return rows.values_list("entry", "displaced").first()


def test_a_decision_is_kept_and_nothing_of_it_shows(opened, file, yes, reviewer):
    first, second = file(), file()
    assert yes(first) == [Outcome.KEPT]
    assert outcomes(reject(entries=seen(second), at=AT, actor=reviewer, note="no")) == ["kept"]
    first.refresh_from_db()
    assert (first.status, first.decided_at, first.move) == ("in_review", None, None)
    assert status(second) == ["in_review"]
    assert (Notice.objects.count(), Finding.objects.count(), EntryHistory.objects.count()) == (
        0,
        0,
        0,
    )
    kept = Decision.objects.order_by("id").values_list("entry", "verdict", "note", "decided_by")
    assert list(kept) == [
        (first.pk, "approve", "", reviewer.pk),
        (second.pk, "reject", "no", reviewer.pk),
    ]
    # The claim of the decision is taken, so that no other decision has it.
    assert holder(first) == (first.pk, None)
    assert holder(second) is None


def test_a_release_carries_out_what_was_decided_with_one_notice_each(
    opened, file, yes, reviewer, monkeypatch
):
    monkeypatch.setattr(releasing, "CHUNK", 2)
    template = ReasonTemplate.objects.create(code="blur", text={"en": "Blurred"})
    good, bad, open_one = [file() for _ in range(3)], file(), file()
    elsewhere = file(
        registration=RegistrationFactory(campaign=opened.campaign, version=opened.version)
    )
    yes(*good, elsewhere)
    reject(entries=seen(bad), at=AT, actor=reviewer, template=template, note="twice")
    operator = UserFactory()
    later = AT + timedelta(hours=1)

    done = releasing.release(campaign=opened.campaign, at=later, actor=operator)

    assert done.counts == {"approved": 4, "rejected": 1}
    assert (done.actor, done.finished_at) == (operator, later)
    assert status(*good, elsewhere, bad, open_one) == ["approved"] * 4 + ["rejected", "in_review"]
    assert not Decision.objects.exists()
    notices = Notice.objects.order_by("seller").values_list("seller", "cause", "state")
    assert list(notices) == [
        (good[0].seller_id, "results", "ready"),
        (elsewhere.seller_id, "results", "ready"),
    ]
    assert Notice.objects.get(seller=bad.seller).lines.count() == 4
    bad.refresh_from_db()
    assert (bad.move.actor, bad.history.get().reason, bad.decided_at) == (reviewer, "blur", later)
    finding = bad.findings.get()
    assert (finding.code, finding.params["note"], finding.at) == (
        "rejected_by_reviewer",
        "twice",
        later,
    )
    # Again: nothing is left to do.
    again = releasing.release(campaign=opened.campaign, at=later, actor=operator)
    assert (again.counts, Notice.objects.count()) == ({}, 2)


def test_what_fails_by_now_goes_back_to_the_queue(opened, file, yes):
    RequirementFactory(version=opened.version, code="ship")
    good, bad = file(), file()
    yes(good, bad)
    Item.objects.filter(pk=bad.item_id).update(ship_time_hours=49)
    assert releasing.preview(campaign=opened.campaign, at=AT, evaluated=True).returned == 1
    done = releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert done.counts == {"approved": 1, "returned": 1}
    assert status(good, bad) == ["approved", "in_review"]
    assert bad.findings.get().code == "ship"
    assert (holder(good), holder(bad)) == ((good.pk, None), None)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("change", ["price", "withdrawn", "void", "rejected"])
def test_a_change_of_the_entry_ends_its_decision(opened, file, yes, reviewer, change):
    entry = file()
    yes(entry)
    if change == "price":
        assert reprice_entry(entry=entry, price=Decimal("80"), at=AT, actor=None).accepted
    elif change == "withdrawn":
        assert withdraw_entry(entry=entry, at=AT, actor=None) is None
    elif change == "void":
        transition_registrations(
            registrations={entry.registration_id: 1},
            from_status="joined",
            to_status="void",
            cause="operator",
            at=AT,
        )
    else:
        # Once the results were due a decision is told at once.
        assert outcomes(reject(entries=seen(entry), at=DUE, actor=reviewer, note="no")) == [
            "rejected"
        ]
    assert not Decision.objects.exists()
    assert holder(entry) is None
    done = releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert done.counts == {}
    expected = "in_review" if change == "price" else change
    assert status(entry) == [expected]


def test_an_edit_that_nobody_noticed_ends_it_at_the_release(opened, file, yes):
    entry = file()
    yes(entry)
    Entry.objects.update(revision=2)
    assert releasing.preview(campaign=opened.campaign, at=AT).changed == 1
    done = releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert (done.counts, status(entry), holder(entry)) == ({"changed": 1}, ["in_review"], None)


def test_a_decision_is_changed_and_taken_back(opened, file, yes, reviewer):
    entry = file()
    yes(entry)
    reject(entries=seen(entry), at=AT, actor=reviewer, note="no")
    assert (Decision.objects.get().verdict, holder(entry)) == ("reject", None)
    yes(entry)
    assert (Decision.objects.get().verdict, holder(entry)) == ("approve", (entry.pk, None))
    assert outcomes(take_back(entries=seen(entry), at=AT, actor=reviewer)) == ["taken_back"]
    assert (Decision.objects.exists(), holder(entry), status(entry)) == (False, None, ["in_review"])
    assert outcomes(take_back(entries=seen(entry), at=AT, actor=reviewer)) == ["not_pending"]


def test_the_second_decision_for_an_item_is_refused_and_superseded_at_the_release(
    opened, file, yes, other, reviewer
):
    first = file()
    second = file(other, item=first.item)
    yes(first)
    (result,) = approve(entries=seen(second), at=AT, actor=reviewer)
    assert (result.outcome, result.refusals[0].params["entry"]) == ("refused", first.pk)
    # The holder's decision is no seller's business yet.
    assert (status(second), second.findings.count()) == (["in_review"], 0)

    releasing.release(campaign=opened.campaign, at=AT, actor=None)

    assert status(first, second) == ["approved", "superseded"]
    finding = second.findings.get()
    assert (finding.code, finding.params) == (
        "superseded_by",
        {"entry": first.pk, "venue": "main"},
    )
    assert Notice.objects.get(cause="superseded").lines.get().entry == second
    # Whoever decides it now learns the same.
    (result,) = approve(entries=seen(second), at=AT, actor=reviewer)
    assert (result.outcome, result.refusals[0].params["entry"]) == ("refused", first.pk)


def test_the_outer_entry_stays_live_until_the_release(opened, file, yes, outer, reviewer):
    old = file(outer, "in_review")
    yes(old)
    assert status(old) == ["approved"]
    new = file(item=old.item)
    assert yes(new) == ["kept"]
    assert (status(old, new), holder(old)) == (["approved", "in_review"], (new.pk, old.pk))
    # Taken back, the outer entry has its claim again.
    take_back(entries=seen(new), at=AT, actor=reviewer)
    assert holder(old) == (old.pk, None)
    yes(new)
    done = releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert done.counts == {"approved": 1}
    assert (status(old, new), holder(old)) == (["superseded", "approved"], (new.pk, None))


def test_a_pending_outer_entry_gives_way_at_the_release_too(opened, file, yes, outer):
    new = file()
    old = file(outer, item=new.item)
    yes(new)
    assert status(old) == ["in_review"]
    releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert status(old, new) == ["superseded", "approved"]


def test_an_outer_entry_that_ended_meanwhile_gets_nothing_back(opened, file, yes, outer, reviewer):
    old = file(outer)
    yes(old)
    new = file(item=old.item)
    yes(new)
    withdraw_entry(entry=Entry.objects.get(pk=old.pk), at=AT, actor=None)
    take_back(entries=seen(new), at=AT, actor=reviewer)
    assert (status(old), holder(old)) == (["withdrawn"], None)


def test_an_outer_approval_does_not_end_a_branch_that_waits(opened, file, yes, outer):
    waiting = file()
    old = file(outer, item=waiting.item)
    yes(old)
    assert status(old, waiting) == ["approved", "in_review"]


def test_a_release_that_was_killed_goes_on_with_the_same_notice(opened, file, yes, monkeypatch):
    monkeypatch.setattr(releasing, "CHUNK", 2)
    entries = [file() for _ in range(5)]
    yes(*entries)
    carry_out, chunks = releasing._carry_out, []

    def killed(*arguments):
        if len(chunks) == 1:
            raise KeyboardInterrupt
        chunks.append(1)
        carry_out(*arguments)

    monkeypatch.setattr(releasing, "_carry_out", killed)
    with pytest.raises(KeyboardInterrupt):
        releasing.release(campaign=opened.campaign, at=AT, actor=None)
    assert status(*entries).count("approved") == 2
    assert Notice.objects.get().state == "open"
    monkeypatch.setattr(releasing, "_carry_out", carry_out)
    (row,) = releasing.work_due(AT)
    assert row.counts == {"approved": 5}
    assert (Notice.objects.get().state, Notice.objects.get().lines.count()) == ("ready", 5)
    assert Release.objects.count() == 1


@pytest.mark.parametrize(("seconds", "released"), [(-1, False), (0, True)])
def test_results_are_published_by_themselves_when_they_are_due(
    opened, file, yes, monkeypatch, seconds, released
):
    entry = file()
    yes(entry)
    monkeypatch.setattr("campaigns.tasks.clock.now", lambda: DUE + timedelta(seconds=seconds))
    release_results()
    release_results()
    assert status(entry) == ["approved" if released else "in_review"]
    assert Notice.objects.count() == int(released)


def test_an_operators_release_is_worked_on_by_a_worker(opened, file, yes, monkeypatch):
    entry = file()
    yes(entry)
    row = releasing.start(campaign=opened.campaign, at=AT, actor=None, venue=opened.venue)
    assert releasing.start(campaign=opened.campaign, at=AT, actor=None, venue=opened.venue) == row
    monkeypatch.setattr("campaigns.tasks.clock.now", lambda: AT)
    work_release(row.pk)
    work_release(row.pk)
    row.refresh_from_db()
    assert (status(entry), row.counts, row.scope) == (
        ["approved"],
        {"approved": 1},
        f"venue:{opened.venue.pk}",
    )


def test_a_preview_counts_by_venue(opened, file, yes, other, reviewer):
    yes(file(), file(), file(other))
    reject(entries=seen(file()), at=AT, actor=reviewer, note="no")
    file()
    found = releasing.preview(campaign=opened.campaign, at=AT)
    assert (found.approve, found.reject, found.open, found.changed) == (3, 1, 1, 0)
    assert found.by_venue == {"b": {"approve": 1}, "main": {"approve": 2, "reject": 1}}
    of_one = releasing.preview(campaign=opened.campaign, at=AT, venue=other)
    assert (of_one.approve, of_one.reject, of_one.open) == (1, 0, 0)


@pytest.mark.parametrize(("seconds", "expected"), [(-1, 0), (0, 2)])
def test_what_waits_after_the_results_were_due_is_overdue(opened, file, other, seconds, expected):
    file(), file(), file(status="approved")
    at = DUE + timedelta(seconds=seconds)
    assert overdue.overdue(Entry.objects.all(), at).count() == expected
    venues = [opened.venue.pk, other.pk]
    assert overdue.count_by_venue(venues, at) == {opened.venue.pk: expected, other.pk: 0}


def test_the_number_of_queries_does_not_grow(opened, file, yes, django_assert_max_num_queries):
    RequirementFactory(version=opened.version, code="ship")

    def count(number):
        entries = [file() for _ in range(number)]
        yes(*entries)
        with django_assert_max_num_queries(120) as captured:
            releasing.release(campaign=opened.campaign, at=AT, actor=None)
        assert status(*entries) == ["approved"] * number
        return len(captured)

    assert count(1) == count(3) == count(30)
    assert verdicts.CHUNK == releasing.CHUNK

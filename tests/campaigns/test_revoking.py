"""Permissions taken back: at once, once, whatever is going on, and lifted again."""

from datetime import timedelta

import pytest

from campaigns import revocations, revoking
from campaigns.models import Claim, Entry, Notice, ReasonTemplate, Registration, Revocation
from campaigns.registering import FilingRow, check_seller, file_entries, join
from campaigns.reviewing import approve
from campaigns.revoking import lift, reach, revoke
from tests.factories import (
    EntryFactory,
    ItemFactory,
    RegistrationFactory,
    UserFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")
LIVE = ["approved", "at_risk", "abnormal", "unpublished"]


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


@pytest.fixture
def reason():
    return ReasonTemplate.objects.create(
        code="odd_orders", use="revocation", text={"en": "Odd orders", "zh-hans": "订单异常"}
    )


@pytest.fixture
def act(opened, registration, reason):
    def revoking_now(**changes):
        arguments = {
            "campaign": opened.campaign,
            "seller": registration.seller,
            "reason": reason,
            "note": "orders 1 to 9",
            "at": AT,
            "actor": UserFactory(),
        }
        return revoke(**{**arguments, **changes})

    return revoking_now


def statuses(entries):
    return [Entry.objects.get(pk=entry.pk).status for entry in entries]


def test_everything_of_the_shop_goes_at_once_with_one_notice(opened, registration, act):
    entries = [
        EntryFactory(registration=registration, venue=opened.venue, status=status)
        for status in [*LIVE, "submitted", "in_review", "rejected"]
    ]
    other = EntryFactory(campaign=opened.campaign, venue=opened.venue)
    before = reach(opened.campaign, registration.seller)
    assert (before.live, before.pending, before.joined) == (4, 2, True)
    row = act()
    assert statuses(entries) == ["cleared_out"] * 4 + ["void", "void", "rejected"]
    registration.refresh_from_db()
    assert (registration.status, registration.history.get().reason) == ("void", "odd_orders")
    assert {entry.history.get().reason for entry in entries[:6]} == {"odd_orders"}
    assert Entry.objects.get(pk=entries[0].pk).move.actor == row.actor
    assert entries[0].findings.get().params == {
        "reason": "odd_orders",
        "text": {"en": "Odd orders", "zh-hans": "订单异常"},
        "note": "",
    }
    assert Claim.objects.values_list("entry", flat=True).get() == other.pk
    notice = Notice.objects.get()
    assert (notice.cause, notice.state, notice.lines.count()) == ("permission_revoked", "ready", 6)
    assert statuses([other]) == ["approved"]


def test_while_it_stands_nothing_is_taken_in(opened, registration, act):
    row = act()
    joined = join(campaign=opened.campaign, seller=registration.seller, at=AT, actor=None)
    assert (joined.joined, [f.code for f in joined.findings]) == (False, ["permission_revoked"])
    check = check_seller(campaign=opened.campaign, seller=registration.seller, at=AT)
    assert [refusal.code for refusal in check.refusals] == ["permission_revoked"]
    item = ItemFactory(seller=registration.seller)
    registration.refresh_from_db()

    def file(key, registration):
        result = file_entries(
            registration=registration,
            venue=opened.venue,
            rows=[FilingRow(item.code, "80")],
            at=AT,
            actor=None,
            key=key,
        )
        return {finding.code for finding in result.rows[0].findings}

    assert file("one", registration) == {"not_registered", "permission_revoked"}
    assert lift(revocation=row, at=AT, actor=None)
    assert not lift(revocation=row, at=AT, actor=None)
    assert revocations.refusals(opened.campaign, registration.seller) == []
    again = join(campaign=opened.campaign, seller=registration.seller, at=AT, actor=None)
    assert again.joined
    assert file("two", again.registration) == set()


def test_repeating_finishes_under_the_row_that_stands(opened, registration, act, monkeypatch):
    monkeypatch.setattr(revoking, "CHUNK", 2)
    entries = EntryFactory.create_batch(5, registration=registration, venue=opened.venue)
    chunk, done = revoking._Revoking._clear_out_chunk, []

    def killed(self):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(1)
        return chunk(self)

    monkeypatch.setattr(revoking._Revoking, "_clear_out_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        act()
    assert statuses(entries).count("cleared_out") == 2
    # What refuses stands already.
    assert revocations.refusals(opened.campaign, registration.seller)
    monkeypatch.setattr(revoking._Revoking, "_clear_out_chunk", chunk)
    act(at=AT + timedelta(minutes=1))
    act(at=AT + timedelta(minutes=2))
    assert statuses(entries) == ["cleared_out"] * 5
    assert (Revocation.objects.count(), Notice.objects.get().lines.count()) == (1, 5)
    assert [entry.history.count() for entry in entries] == [1] * 5


def test_a_pending_entry_of_the_shop_cannot_be_approved_any_more(opened, registration, act):
    entry = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    act()
    (result,) = approve(entries={entry.pk: 1}, at=AT, actor=None)
    assert result.outcome == "not_pending"


def test_lifting_can_bring_the_registration_back(opened, registration, act):
    row = act()
    lift(revocation=row, at=AT, actor=None, bring_back=True)
    registration.refresh_from_db()
    assert registration.status == Registration.Status.JOINED
    assert Revocation.objects.get().lifted_at == AT


def test_the_reason_must_be_for_it(act):
    wrong = ReasonTemplate.objects.create(code="blur", use="rejection")
    with pytest.raises(ValueError, match="blur is not a reason"):
        act(reason=wrong)
    assert not Revocation.objects.exists()

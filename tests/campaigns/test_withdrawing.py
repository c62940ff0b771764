"""Taking entries and registrations back."""

import pytest
from django.db.models import F

from campaigns import withdrawing
from campaigns.models import Claim, Entry, Notice, Registration
from campaigns.withdrawing import withdraw_entries, withdraw_entry, withdraw_registration
from tests.factories import (
    EntryFactory,
    RegistrationFactory,
    VenueTermsFactory,
    VersionFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")
PENDING = ["submitted", "in_review"]
LIVE = ["approved", "at_risk", "abnormal", "unpublished"]


def entry_in(opened, status="approved"):
    return EntryFactory(
        campaign=opened.campaign, version=opened.version, venue=opened.venue, status=status
    )


def code(refusal):
    return refusal.code if refusal else None


@pytest.mark.parametrize("cancellable", [True, False])
@pytest.mark.parametrize("status", Entry.Status.values)
def test_a_seller_withdraws_what_the_venue_lets_go(status, cancellable):
    opened = open_campaign(cancellable_after_approval=cancellable)
    entry = entry_in(opened, status)
    refusal = withdraw_entry(entry=entry, at=AT, actor=None)
    if status in PENDING or (status in LIVE and cancellable):
        expected = None
    elif status in LIVE:
        expected = "not_cancellable"
    else:
        expected = "already_ended"
    assert code(refusal) == expected
    entry.refresh_from_db()
    assert entry.status == ("withdrawn" if expected is None else status)
    assert Claim.objects.filter(entry=entry).exists() == (expected == "not_cancellable")
    # Sellers are not told what they did themselves.
    assert not Notice.objects.exists()


def test_an_operator_withdraws_from_any_venue():
    opened = open_campaign(cancellable_after_approval=False)
    entry = entry_in(opened)
    assert withdraw_entry(entry=entry, at=AT, actor=None, cause="operator") is None
    assert Notice.objects.get().cause == "withdrawn"


def test_the_terms_in_force_now_count():
    opened = open_campaign(cancellable_after_approval=False)
    entry = entry_in(opened)
    second = VersionFactory(campaign=opened.campaign, number=2, effective_at=AT)
    VenueTermsFactory(version=second, code="main", cancellable_after_approval=True)
    before = local("2023-05-12 09:59:59")
    assert code(withdraw_entry(entry=entry, at=before, actor=None)) == "not_cancellable"
    assert withdraw_entry(entry=entry, at=AT, actor=None) is None


def test_those_that_cannot_go_do_not_keep_the_others(monkeypatch):
    monkeypatch.setattr(withdrawing, "LARGEST_BATCH", 2)
    opened = open_campaign()
    entries = [entry_in(opened, status) for status in ("approved", "void", "submitted", "at_risk")]
    refused = withdraw_entries(entries=[0, *(entry.pk for entry in entries)], at=AT, actor=None)
    assert {pk: refusal.code for pk, refusal in refused.items()} == {
        0: "unknown_entry",
        entries[1].pk: "already_ended",
    }
    statuses = [Entry.objects.get(pk=entry.pk).status for entry in entries]
    assert statuses == ["withdrawn", "void", "withdrawn", "withdrawn"]


def test_an_entry_that_moves_meanwhile_is_told(monkeypatch):
    opened = open_campaign()
    entry = entry_in(opened)
    kept = withdrawing.kept_venues

    def edited_first(*args):
        Entry.objects.filter(pk=entry.pk).update(revision=F("revision") + 1)
        return kept(*args)

    monkeypatch.setattr(withdrawing, "kept_venues", edited_first)
    assert code(withdraw_entry(entry=entry, at=AT, actor=None)) == "changed"


def test_a_registration_takes_its_entries_with_it():
    opened = open_campaign()
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entries = [
        EntryFactory(registration=registration, venue=opened.venue, status=status)
        for status in [*PENDING, *LIVE, "rejected"]
    ]
    assert withdraw_registration(registration=registration, at=AT, actor=None) is None
    registration.refresh_from_db()
    assert registration.status == "withdrawn"
    statuses = [Entry.objects.get(pk=entry.pk).status for entry in entries]
    assert statuses == ["void"] * 6 + ["rejected"]
    assert not Notice.objects.exists()
    again = withdraw_registration(registration=registration, at=AT, actor=None)
    assert code(again) == "not_registered"


def test_a_registration_does_not_get_round_a_venue_that_keeps_its_entries():
    opened = open_campaign(cancellable_after_approval=False)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entry = EntryFactory(registration=registration, venue=opened.venue)
    refusal = withdraw_registration(registration=registration, at=AT, actor=None)
    assert (refusal.code, refusal.params) == ("not_cancellable", {"venue": "main"})
    ended = withdraw_registration(registration=registration, at=AT, actor=None, cause="operator")
    assert ended is None
    registration.refresh_from_db()
    entry.refresh_from_db()
    assert (registration.status, entry.status) == ("void", "void")
    causes = Notice.objects.order_by("cause").values_list("cause", flat=True)
    assert list(causes) == ["registration_void", "void"]


def test_pending_entries_do_not_keep_a_registration():
    opened = open_campaign(cancellable_after_approval=False)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    assert withdraw_registration(registration=registration, at=AT, actor=None) is None


@pytest.mark.parametrize("status", sorted(set(Registration.Status.values) - {"joined"}))
def test_only_a_joined_registration_is_withdrawn(status):
    registration = RegistrationFactory(campaign=open_campaign().campaign, status=status)
    refusal = withdraw_registration(registration=registration, at=AT, actor=None)
    assert (refusal.code, refusal.params) == ("not_registered", {"registration": status})

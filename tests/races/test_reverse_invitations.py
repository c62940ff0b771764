"""Many filings at once under one invitation won by rank."""

from collections import Counter
from threading import Barrier

import pytest

from campaigns import holdings
from campaigns.models import Entry, Finding, Invitation
from tests.factories import (
    FILED,
    InvitationFactory,
    ItemFactory,
    MilestoneFactory,
    RegistrationFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.races.test_last_places import file_at_once
from tests.times import local

FILINGS, ITEMS = 12, 2


@pytest.fixture
def world():
    """A shop invited with two items to a branch whose window is over."""
    opened = open_campaign()
    MilestoneFactory(
        version=opened.version,
        code="over",
        kind="other",
        starts_at=local("2023-04-25"),
        ends_at=local("2023-04-26"),
    )
    venue = VenueTermsFactory(version=opened.version, code="branch", windows=["over"]).venue
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    InvitationFactory(
        venue=venue, seller=registration.seller, kind=Invitation.Kind.REVERSE, items=ITEMS
    )
    assert local("2023-04-26") <= FILED
    return venue, registration, ItemFactory.create_batch(FILINGS, seller=registration.seller)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_filings_at_once_leave_as_many_as_it_is_good_for(world):
    venue, registration, items = world
    results = file_at_once(registration, venue, items)
    assert Counter(row.status for result in results for row in result.rows) == {
        "approved": ITEMS,
        "rejected": FILINGS - ITEMS,
    }
    stands = Entry.objects.filter(status="approved", slot_source="reverse_invitation")
    assert stands.count() == ITEMS
    codes = Finding.objects.values_list("code", flat=True)
    assert Counter(codes) == {"invitation_used": FILINGS - ITEMS}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_get_in(world, monkeypatch):
    """The test above can fail: the lock is what makes it pass."""
    venue, registration, items = world
    monkeypatch.setattr(holdings, "lock_registrations", lambda ids: None)
    # All look before any of them is committed.
    look, barrier = holdings.Holdings.plan, Barrier(FILINGS, timeout=60)

    def look_together(self, wishes):
        plan = look(self, wishes)
        barrier.wait()
        return plan

    monkeypatch.setattr(holdings.Holdings, "plan", look_together)
    file_at_once(registration, venue, items)
    assert Entry.objects.filter(status="approved").count() > ITEMS

"""Invitations taken back: sellers are told once for each venue."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns import uninviting
from campaigns.models import Invitation, Notice
from campaigns.notice_texts import sentences, todo
from campaigns.uninviting import revoke
from tests.factories import (
    FILED,
    InvitationFactory,
    ItemFactory,
    SellerFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def opened():
    opened = open_campaign(invitation_only=True)
    opened.version.venueterms_set.update(title={"en": "Outer venue", "zh-hans": "外场"})
    return opened


def told():
    rows = Notice.objects.order_by("seller", "id")
    return list(rows.values_list("seller", "cause", "state"))


def test_a_seller_is_told_once_for_each_venue_with_the_items(opened):
    second = VenueTermsFactory(version=opened.version, code="second", title={}).venue
    one, two = SellerFactory.create_batch(2)
    for title in ("Tea", "Pot"):
        item = ItemFactory(seller=one, title=title)
        InvitationFactory(venue=opened.venue, seller=one, item=item)
    InvitationFactory(venue=second, seller=one, item=None)
    InvitationFactory(venue=opened.venue, seller=two, item=None)
    InvitationFactory(venue=opened.venue, seller=SellerFactory(), state="declined")

    counts = [revoke(Invitation.objects.all(), at=FILED, note=" no stock ") for _again in "12"]

    assert counts == [4, 0]
    assert told() == [
        (one.pk, "invitation_revoked", "ready"),
        (one.pk, "invitation_revoked", "ready"),
        (two.pk, "invitation_revoked", "ready"),
    ]
    assert [sentences(notice) for notice in Notice.objects.order_by("seller", "id")] == [
        [
            "Outer venue no longer invites your shop.",
            "Items no longer invited: Tea, Pot.",
            "Reason: no stock",
        ],
        ["second no longer invites your shop.", "Reason: no stock"],
        ["Outer venue no longer invites your shop.", "Reason: no stock"],
    ]
    notice = Notice.objects.first()
    assert (notice.campaign, notice.at) == (opened.campaign, FILED)
    assert todo(notice) == "Entries that were filed under it stay."
    with override("zh-hans"):
        assert "外场" in sentences(notice)[0]


@pytest.mark.parametrize(("expires_at", "number"), [(FILED, 0), (FILED + SECOND, 1), (None, 1)])
def test_nothing_is_told_of_one_that_had_expired(opened, expires_at, number):
    InvitationFactory(venue=opened.venue, expires_at=expires_at)
    assert revoke(Invitation.objects.all(), at=FILED) == 1
    assert len(told()) == number


def test_a_long_list_of_items_is_cut(opened, monkeypatch):
    monkeypatch.setattr(uninviting, "MOST_NAMED", 2)
    seller = SellerFactory()
    for title in "ABC":
        InvitationFactory(
            venue=opened.venue, seller=seller, item=ItemFactory(seller=seller, title=title)
        )
    revoke(Invitation.objects.all(), at=FILED)
    assert Notice.objects.get().params["items"] == ["A", "B", "…"]


def test_the_number_of_queries_is_that_of_one(opened):
    counts = []
    for number in (1, 3, 60):
        rows = InvitationFactory.create_batch(number, venue=opened.venue)
        with CaptureQueriesContext(connection) as captured:
            revoke(Invitation.objects.filter(pk__in=[row.pk for row in rows]), at=FILED)
        counts.append(len(captured))
    assert Notice.objects.count() == 64
    assert len(set(counts)) == 1

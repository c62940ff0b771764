"""Who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from campaigns import permissions
from campaigns.models import Entry
from tests.factories import (
    AgencyFactory,
    EntryFactory,
    MembershipFactory,
    SellerFactory,
    UserFactory,
    VenueAssignmentFactory,
    VenueFactory,
)

pytestmark = pytest.mark.django_db


def staff(role, **kwargs):
    user = UserFactory(is_staff=True, **kwargs)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


ACTIONS = ("may_operate", "may_read_everything", "may_pay", "may_audit")


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("operator", {"may_operate", "may_read_everything", "may_audit"}),
        ("reviewer", set()),
        ("finance", {"may_read_everything", "may_pay"}),
        ("auditor", {"may_read_everything", "may_audit"}),
    ],
)
def test_each_role_may_what_its_row_says(role, expected):
    user = staff(role)
    assert {name for name in ACTIONS if getattr(permissions, name)(user)} == expected


def test_an_inactive_user_may_nothing():
    user = staff("operator", is_active=False)
    seller = MembershipFactory(user=user).seller
    entry = EntryFactory(seller=seller)
    assert not any(getattr(permissions, name)(user) for name in ACTIONS)
    assert not permissions.may_review(user, entry.venue)
    assert not permissions.may_file(user, seller)
    assert not permissions.may_see_seller(user, seller)
    assert not permissions.visible_entries(user).exists()


def test_a_superuser_may_everything_of_the_staff():
    user = UserFactory(is_superuser=True)
    assert all(getattr(permissions, name)(user) for name in ACTIONS)
    assert permissions.may_review(user, VenueFactory())


def test_a_reviewer_decides_only_in_assigned_venues():
    user = staff("reviewer")
    mine, other = EntryFactory(), EntryFactory()
    VenueAssignmentFactory(user=user, venue=mine.venue)
    assert permissions.may_review(user, mine.venue)
    assert not permissions.may_review(user, other.venue)
    assert permissions.may_see_entry(user, mine)
    assert not permissions.may_see_entry(user, other)
    assert list(permissions.reviewable_venues(user)) == [mine.venue]


def test_an_assignment_without_the_role_gives_nothing():
    user = UserFactory()
    venue = VenueAssignmentFactory(user=user).venue
    assert not permissions.may_review(user, venue)


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_readers_do_not_review(role):
    user = staff(role)
    entry = EntryFactory()
    assert permissions.may_see_entry(user, entry)
    assert not permissions.may_review(user, entry.venue)


def test_a_membership_reaches_its_seller_only():
    user = UserFactory()
    mine, other = SellerFactory.create_batch(2)
    MembershipFactory(user=user, seller=mine)
    assert permissions.may_file(user, mine)
    assert permissions.may_see_seller(user, mine)
    assert not permissions.may_file(user, other)
    assert not permissions.may_see_seller(user, other)
    entry = EntryFactory(seller=mine)
    EntryFactory(seller=other)
    assert list(permissions.visible_entries(user)) == [entry]


def test_a_membership_may_be_for_looking_only():
    membership = MembershipFactory(can_file=False)
    assert permissions.may_see_seller(membership.user, membership.seller)
    assert not permissions.may_file(membership.user, membership.seller)


def test_an_agency_acts_for_its_sellers():
    agency = AgencyFactory()
    mine = SellerFactory(agency=agency)
    alone = SellerFactory()
    user = MembershipFactory(seller=None, agency=agency).user
    assert list(permissions.sellers_of(user)) == [mine]
    assert permissions.may_file(user, mine)
    assert not permissions.may_file(user, alone)


def test_somebody_not_logged_in_may_nothing():
    nobody = AnonymousUser()
    entry = EntryFactory()
    assert not permissions.may_operate(nobody)
    assert not permissions.may_review(nobody, entry.venue)
    assert not permissions.may_file(nobody, entry.seller)
    assert not permissions.visible_entries(nobody).exists()
    assert Entry.objects.exists()

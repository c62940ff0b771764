"""Roles: which kinds of thing each may touch."""

import pytest
from django.contrib.auth.models import Group

from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER, ROLES
from config.roles import sync_roles
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    sync_roles()

    def with_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    return with_role


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("campaigns.view_campaign", {OPERATOR, REVIEWER, FINANCE, AUDITOR}),
        ("campaigns.change_campaign", {OPERATOR}),
        ("campaigns.delete_campaign", set()),
        ("campaigns.change_entry", {OPERATOR, REVIEWER}),
        ("campaigns.add_entry", set()),
        ("campaigns.view_sweeprun", {OPERATOR, AUDITOR}),
        ("campaigns.change_requirement", {OPERATOR}),
        ("campaigns.add_requirementwaiver", {OPERATOR}),
        ("campaigns.change_finding", set()),
        ("campaigns.change_racesegment", {OPERATOR}),
        ("campaigns.view_board", {OPERATOR, AUDITOR}),
        ("campaigns.add_pin", {OPERATOR}),
        ("campaigns.delete_pin", set()),
        ("sellers.view_seller", {OPERATOR, REVIEWER, FINANCE, AUDITOR}),
        ("sellers.change_seller", set()),
        ("sellers.view_factchange", {OPERATOR, AUDITOR}),
        ("sellers.view_user", set()),
    ],
)
def test_a_role_may_touch_only_what_is_its_own(staff, permission, roles):
    assert {role for role in ROLES if staff(role).has_perm(permission)} == roles


def test_syncing_again_takes_back_what_was_added_by_hand(staff):
    group = Group.objects.get(name=REVIEWER)
    group.permissions.add(*Group.objects.get(name=OPERATOR).permissions.all())

    counts = sync_roles()

    assert group.permissions.count() == counts[REVIEWER]

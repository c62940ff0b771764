"""The side bar: every model that somebody may see is in it once, work first."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns.permissions import OPERATOR, REVIEWER
from config.navigation import navigation
from config.roles import sync_roles
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def shown(rf, role):
    """The links of somebody with a role by group, and all that the admin has for them."""
    sync_roles()
    request = rf.get("/admin/")
    request.user = UserFactory(is_staff=True)
    request.user.groups.add(Group.objects.get(name=role))
    groups = {
        group["title"]: [item["link"] for item in group["items"]] for group in navigation(request)
    }
    links = [
        model["admin_url"] for app in admin.site.get_app_list(request) for model in app["models"]
    ]
    return groups, links


@pytest.mark.parametrize("role", [OPERATOR, REVIEWER])
def test_nothing_is_left_out_and_nothing_named_twice(rf, role):
    groups, links = shown(rf, role)

    found = sorted(link for group in groups.values() for link in group)
    # The races are below the campaigns, and show what shops sell.
    races = [reverse("admin:campaigns_campaign_all_races")] if role == OPERATOR else []
    assert found == sorted([*links, *races])
    assert next(iter(groups.values()))[0] == "/admin/campaigns/entry/"


def test_an_empty_group_is_not_shown(rf):
    groups, _links = shown(rf, OPERATOR)

    assert all(groups.values())

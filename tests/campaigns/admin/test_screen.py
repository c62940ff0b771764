"""The address of a data screen without a login: operators make it and withdraw it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns import screen_keys
from campaigns.permissions import AUDITOR, OPERATOR, REVIEWER
from config.roles import sync_roles
from tests.factories import UserFactory, open_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    sync_roles()
    return open_campaign().campaign


@pytest.fixture
def as_role(client):
    def log_in(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return log_in


def address(campaign):
    return reverse("admin:campaigns_campaign_screen", args=[campaign.pk])


def test_an_operator_makes_an_address_and_withdraws_it(campaign, as_role):
    client = as_role(OPERATOR)
    assert client.get(address(campaign)).context["address"] == ""

    client.post(address(campaign), {"act": "renew"})

    made = client.get(address(campaign))
    link = made.context["address"]
    assert "no-store" in made["Cache-Control"]
    campaign.refresh_from_db()
    assert link.startswith(f"http://testserver/screen/{campaign.code}/?key=")
    client.logout()
    assert client.get(link).status_code == 200
    as_role(OPERATOR).post(address(campaign), {"act": "withdraw"})
    client.logout()
    assert client.get(link).status_code == 403
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize("role", [AUDITOR, REVIEWER])
def test_nobody_else_sees_the_address(campaign, as_role, role):
    screen_keys.renew(campaign)
    client = as_role(role)
    assert client.get(address(campaign)).status_code == 403
    assert client.post(address(campaign), {"act": "renew"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "opens", "gives"),
    [(OPERATOR, True, True), (AUDITOR, True, False), (REVIEWER, False, False)],
)
def test_the_campaigns_page_leads_to_the_screen(campaign, as_role, role, opens, gives):
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    text = as_role(role).get(page).content.decode()
    assert (f'href="/screen/{campaign.code}/"' in text) == opens
    assert (f'href="{address(campaign)}"' in text) == gives

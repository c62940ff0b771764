"""Who sees a data screen, and how its feed says that nothing is new."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import screen_keys
from campaigns.models import Campaign
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER
from config.roles import sync_roles
from sellers import clock
from tests.campaigns.sales_world import AT, SalesWorld
from tests.factories import CampaignFactory, MembershipFactory, UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    sync_roles()
    return SalesWorld()


@pytest.fixture
def as_role(client):
    def log_in(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return log_in


def page(campaign):
    return f"/screen/{campaign.code}/"


def feed(campaign):
    return f"{page(campaign)}data.json"


def opened(campaign):
    """A new address' key."""
    screen_keys.renew(campaign)
    return {"key": screen_keys.token_of(campaign)}


@pytest.mark.parametrize("role", [OPERATOR, AUDITOR])
def test_staff_who_may_see_it(world, as_role, role):
    client = as_role(role)
    assert client.get(page(world.campaign)).status_code == 200
    answer = client.get(feed(world.campaign))
    assert answer.json()["campaign"]["code"] == world.campaign.code
    assert answer["Cache-Control"] == "private, no-cache"
    assert client.get("/screen/nowhere/").status_code == 404


@pytest.mark.parametrize("role", [REVIEWER, FINANCE])
def test_staff_who_may_not(world, as_role, role):
    client = as_role(role)
    assert client.get(page(world.campaign)).status_code == 403
    assert client.get(feed(world.campaign)).status_code == 403
    assert client.get("/screen/nowhere/").status_code == 403


def test_a_seller_may_not_nor_a_role_without_the_staff(world, client):
    client.force_login(MembershipFactory().user)
    assert client.get(page(world.campaign)).status_code == 403
    user = UserFactory(is_staff=False)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    assert client.get(feed(world.campaign)).status_code == 403


def test_a_stranger_is_sent_to_the_login_and_told_nothing(world, client):
    for address in (page(world.campaign), "/screen/nowhere/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login/?next={address}"
        refused = client.get(f"{address}data.json")
        assert (refused.status_code, refused.json()) == (403, {"error": "login"})


def test_an_address_with_a_key_opens_its_own_campaign_alone(world, client):
    key = opened(world.campaign)
    other = CampaignFactory()
    opened(other)

    for address in (page(world.campaign), feed(world.campaign)):
        answer = client.get(address, key)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
    assert client.get(feed(other), key).status_code == 403
    assert client.get("/screen/nowhere/", key).status_code == 403
    assert client.get("/admin/", key).status_code == 302


def test_a_key_is_void_once_withdrawn_or_renewed(world, client):
    first = opened(world.campaign)
    second = opened(world.campaign)
    assert client.get(feed(world.campaign), first).status_code == 403
    assert client.get(feed(world.campaign), second).status_code == 200
    screen_keys.withdraw(world.campaign)
    assert client.get(feed(world.campaign), second).status_code == 403
    assert screen_keys.token_of(world.campaign) == ""


def test_a_key_cannot_be_made_without_the_secret(world, client, settings):
    key = opened(world.campaign)["key"]
    plain = world.campaign.screen_key
    for forged in (plain, f"{plain}:", f"{plain}:x", key[:-1], key.swapcase(), ""):
        assert client.get(feed(world.campaign), {"key": forged}).status_code == 403
    settings.SECRET_KEY = "another" * 10
    assert client.get(feed(world.campaign), {"key": key}).status_code == 403


def test_nothing_new_is_told_without_a_body(world, as_role):
    client = as_role(OPERATOR)
    item = world.item("a")
    world.add_up(AT)
    first = client.get(feed(world.campaign))

    again = client.get(feed(world.campaign), headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Paddock-At"] == again["Paddock-At"] == AT.isoformat()
    world.sold(item, "2023-05-17 13:00", "5.00")
    world.add_up("2023-05-17 14:05:30")
    changed = client.get(feed(world.campaign), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["sales"]["amount"] == "5.00"


def test_time_alone_changes_nothing(world, as_role, monkeypatch):
    client = as_role(OPERATOR)
    first = client.get(feed(world.campaign))
    monkeypatch.setattr(clock, "now", lambda: local("2023-05-17 14:05:15"))
    later = client.get(feed(world.campaign), headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 304
    assert later["Paddock-At"] == local("2023-05-17 14:05:15").isoformat()


# A published rulebook is remembered outside a transaction.
@pytest.mark.django_db(transaction=True)
def test_a_refresh_is_at_most_twelve_queries(world, as_role):
    client = as_role(OPERATOR)
    world.race()
    world.segment()
    world.seller("a")
    world.add_up(AT)
    world.make(AT)
    client.get(feed(world.campaign))
    with CaptureQueriesContext(connection) as found:
        assert client.get(feed(world.campaign)).status_code == 200
    assert len(found) <= 12


def test_only_looking_is_allowed(world, as_role):
    assert as_role(OPERATOR).post(page(world.campaign)).status_code == 405


def test_the_address_may_say_the_language(world, client):
    key = opened(world.campaign)
    chinese = client.get(page(world.campaign), {**key, "language": "zh-hans"})
    assert '<html lang="zh-hans">' in chinese.content.decode()
    assert chinese["Content-Language"] == "zh-hans"
    unknown = client.get(page(world.campaign), {**key, "language": "tlh"})
    assert '<html lang="en">' in unknown.content.decode()


def test_the_page_keeps_to_the_strict_policy(world, client):
    answer = client.get(page(world.campaign), opened(world.campaign))
    text = answer.content.decode()
    policy = [part.strip() for part in answer["Content-Security-Policy"].split(";")]
    assert "script-src 'self'" in policy
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text


def test_the_screen_asks_as_often_as_the_setting_says(world, client, settings):
    settings.SCREEN_SECONDS = 77
    text = client.get(page(world.campaign), opened(world.campaign)).content.decode()
    assert 'data-seconds="77"' in text


def test_the_job_adds_up(world):
    from campaigns import tasks

    world.sold(world.item("a"), "2023-05-17 13:00", "5.00")
    tasks.roll_up_sales()
    campaign = Campaign.objects.get(pk=world.campaign.pk)
    assert campaign.sales.rolled_up_at == AT
    assert campaign.hours.get(hour=local("2023-05-17 13:00")).clean_amount == 5

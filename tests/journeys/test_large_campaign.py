"""An operator at work in a campaign of 85 venues: its page, its draft, its resource positions."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from campaigns.models import SlotAllotment
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from sellers import clock
from tests.factories import UserFactory
from tests.large_campaign import filled, large_campaign
from tests.times import local

pytestmark = pytest.mark.browser

PASSWORD = "eighty-five-venues"


@pytest.fixture
def campaign(live_server, monkeypatch):
    """On the first day on which branches' results are overdue."""
    monkeypatch.setattr(clock, "now", lambda: local("2015-12-01 09:00"))
    sync_roles()
    found = large_campaign()
    filled(found)
    user = UserFactory(username="operator", password=make_password(PASSWORD), is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    return found


def test_an_operator_finds_a_venue_among_many(visitor, campaign):
    visitor.log_in("operator", PASSWORD)
    visitor.go(f"/admin/campaigns/campaign/{campaign.pk}/change/")
    page = visitor.page

    branch = page.locator("#funnel tr", has_text="branch-07")
    assert not branch.is_visible()
    assert page.locator(".paddock-time-row .now").count() == 26
    assert page.locator(".paddock-network:visible").count() == 3
    page.fill("[data-find='#funnel']", "branch-07")
    assert branch.first.is_visible()
    assert not page.locator("#funnel tr", has_text="presale-01").is_visible()
    page.fill("[data-find='#funnel']", "")
    page.locator("[data-fold-all]").click()
    assert page.locator("#funnel tr", has_text="affiliate-27").is_visible()
    visitor.look()
    page.locator("#timeline .paddock-more summary").click()
    page.locator("#venues .paddock-more summary").click()
    visitor.look()

    page.locator('.paddock-network:visible a[href="#kind-1"]').click()
    assert page.locator("#kind-1").is_visible()
    visitor.press('.paddock-sort[href="?order=-pending#entries"]')
    assert page.locator('th[aria-sort="descending"]').count() == 1
    visitor.press("#funnel .kind .number a")
    assert "/admin/campaigns/entry/" in page.url


def test_the_page_is_accessible_in_the_dark(visitor, campaign):
    visitor.page.emulate_media(color_scheme="dark")
    visitor.log_in("operator", PASSWORD)
    visitor.go(f"/admin/campaigns/campaign/{campaign.pk}/change/")

    assert visitor.page.locator("html.dark").count() == 1


def test_an_operator_edits_venues_as_a_table(visitor, campaign):
    draft = new_draft(campaign)
    visitor.log_in("operator", PASSWORD)
    visitor.go(f"/admin/campaigns/rulebookversion/{draft.pk}/change/")
    page = visitor.page
    page.fill("[data-find='#sections']", "affiliate-03")
    assert page.locator("#venueterms tr", has_text="affiliate-03").is_visible()
    visitor.look()
    visitor.go(f"/admin/campaigns/rulebookversion/{draft.pk}/venues/")
    codes = [terms.code for terms in draft.venueterms_set.all()]
    lines = "\n".join(f"{code},{50 if code == 'main' else ''}" for code in codes)

    wrong = lines.replace("\nmain,50", "\nmain,many")
    page.fill("textarea[name=text]", f"code,capacity\n{wrong}")
    visitor.press("#main form .paddock-button")
    assert page.locator("[role=alert]").count() == 1
    page.fill("textarea[name=text]", f"code,capacity\n{lines}")
    visitor.press("#main form .paddock-button")
    visitor.press("#main form .paddock-button")

    assert draft.venueterms_set.get(code="main").capacity == 50


def test_an_operator_plans_positions(visitor, campaign):
    visitor.log_in("operator", PASSWORD)
    visitor.go(f"/admin/campaigns/campaign/{campaign.pk}/slots/")
    page = visitor.page
    visitor.press('.paddock-free[href*="slot=belt&first=2015-11-25"]')
    page.fill("input[name=last]", "2015-11-30")
    visitor.press("#allot .paddock-button")

    assert SlotAllotment.objects.filter(campaign=campaign, slot_code="belt").count() == 6
    page.locator("input[name=allotted]").first.check()
    visitor.press("button[value=take_back]")
    assert SlotAllotment.objects.count() == 5

"""An operator's day in Double 12: 34 branches whose results are overdue, 10,000 entries to look at.

With PICTURES set to a folder, pictures of some pages are kept there.
"""

import os
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from campaigns import releasing
from campaigns.models import (
    CancellationRequest,
    Decision,
    Delivery,
    Entry,
    Invitation,
    Release,
    Revocation,
)
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from sellers import clock
from tests.factories import MembershipFactory, UserFactory
from tests.full_desk import AT, full_desk

pytestmark = pytest.mark.browser

PASSWORD = "ten-thousand-entries"
FOLDER = os.environ.get("PICTURES")
QUEUE = "/admin/campaigns/entry/"


@pytest.fixture
def desk(live_server, monkeypatch):
    """The desk, an operator, and somebody of the first shop."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    sync_roles()
    user = UserFactory(username="operator", password=make_password(PASSWORD), is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    found = full_desk(user)
    shop = UserFactory(username="shop", password=make_password(PASSWORD))
    MembershipFactory(seller=found.seller, user=shop)
    return found


def keep(visitor, name, height=900):
    """Keep a picture of what the window shows, if pictures are asked for."""
    if not FOLDER:
        return
    width = visitor.page.viewport_size["width"]
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    visitor.page.set_viewport_size({"width": width, "height": height})
    visitor.page.screenshot(path=f"{FOLDER}/{name}-{visitor.language}-{width}.png")


def choose_all(visitor):
    """Tick every entry of the page; what is below the window's edge stands under a bar there."""
    visitor.page.locator('input[name="_selected_action"]').evaluate_all(
        """boxes => boxes.forEach((box) => {
            box.checked = true;
            box.dispatchEvent(new Event("change", { bubbles: true }));
        })"""
    )


def act(visitor, name):
    """Choose what to do with the ticked ones."""
    visitor.page.locator('select[name="action"]').first.select_option(name, force=True)
    with visitor.page.expect_navigation():
        visitor.page.locator("#changelist-form").evaluate("form => form.requestSubmit()")
    visitor.look()


def confirm(visitor):
    """Say yes."""
    visitor.press(".paddock-confirm button[type=submit]")


def test_an_operator_looks_and_decides(visitor, desk):
    campaign = f"/admin/campaigns/campaign/{desk.campaign.pk}"
    visitor.log_in("operator", PASSWORD)

    # What is overdue stands on the campaign's page, and leads to the entries.
    visitor.go(f"{campaign}/change/")
    keep(visitor, "campaign", 1250)
    visitor.page.locator("#venues").scroll_into_view_if_needed()
    keep(visitor, "network")
    assert visitor.page.locator(".paddock-facts .bad").inner_text() == "34"
    visitor.press('.paddock-facts a[href*="queue=overdue"]')
    assert "/entry/?queue=overdue" in visitor.page.url

    # The queue of one venue: taken, approved together, one rejected with a reason.
    women = desk.campaign.venues.get(code="women")
    visitor.go(f"{QUEUE}?queue=open&venue_code=women")
    keep(visitor, "queue")
    choose_all(visitor)
    act(visitor, "take")
    taken = Entry.objects.filter(claimed_by__username="operator")
    ids = list(taken.values_list("pk", flat=True))
    assert len(ids) == 50
    assert set(taken.values_list("venue", flat=True)) == {women.pk}
    visitor.go(f"{QUEUE}?queue=mine")
    choose_all(visitor)
    act(visitor, "reject")
    assert visitor.page.locator("table .number").first.inner_text() == "50"
    confirm(visitor)
    # A reason is needed.
    assert Entry.objects.filter(pk__in=ids, status="in_review").count() == 50
    visitor.page.locator('select[name="template"]').select_option(index=1)
    visitor.page.fill('textarea[name="note"]', "Please send another one. 请更换图片。")
    confirm(visitor)
    # Results were due, so that there is nothing to wait for.
    assert Entry.objects.filter(pk__in=ids, status="rejected").count() == 50
    visitor.go(f"{QUEUE}?queue=open&venue_kind=presale")
    assert visitor.page.locator('input[name="_selected_action"]').count() == 50
    choose_all(visitor)
    act(visitor, "approve")
    visitor.press(".paddock-confirm a.plain")
    assert "venue_kind=presale" in visitor.page.url

    # The evidence of a refusal: measured and threshold.
    visitor.go(f"{QUEUE}{desk.refused.pk}/change/")
    keep(visitor, "evidence")
    assert all(figure in visitor.text() for figure in ("91.00", "85.00", "D12-038"))

    # Publishing the results: numbers, a way back, then a worker does it.
    visitor.go(f"{campaign}/change/")
    visitor.page.goto(f"{visitor.address}{campaign}/release/")
    visitor.look()
    keep(visitor, "release")
    visitor.press(".paddock-confirm a.plain")
    assert visitor.page.url.endswith(f"{campaign}/change/")
    visitor.go(f"{campaign}/release/")
    confirm(visitor)
    releasing.work(Release.objects.get(), at=AT)
    visitor.go("/admin/campaigns/release/")
    assert not Decision.objects.exists()


def test_an_operator_answers_shops(visitor, desk):
    visitor.log_in("operator", PASSWORD)

    # Requests to cancel: refused with a reason.
    visitor.go("/admin/campaigns/cancellationrequest/")
    visitor.page.locator('input[name="_selected_action"]').first.check()
    act(visitor, "refuse")
    visitor.page.fill('[name="note"]', "Too late 太晚了")
    confirm(visitor)
    assert CancellationRequest.objects.filter(granted=False).count() == 1

    # Alerts, and deliveries that failed.
    visitor.go("/admin/campaigns/alert/")
    visitor.go("/admin/campaigns/delivery/?state__exact=failed")
    choose_all(visitor)
    act(visitor, "retry_failed")
    confirm(visitor)
    assert not Delivery.objects.filter(state="failed").exists()

    # The quota desk, and the permission taken back with what that means.
    registration = f"/admin/campaigns/registration/{desk.registration.pk}"
    visitor.go(f"{registration}/change/")
    visitor.go(f"{registration}/revoke/")
    assert desk.seller.name.split()[0] in visitor.page.locator("h1").last.inner_text()
    visitor.page.locator('select[name="template"]').select_option(index=1)
    confirm(visitor)
    assert Revocation.objects.get().seller == desk.seller
    assert not desk.seller.entries.filter(status__in=["in_review", "approved"]).exists()

    # The invitation desk: one good line, one bad one.
    visitor.go("/admin/campaigns/invitation/")
    keep(visitor, "invitations")
    visitor.go("/admin/campaigns/invitation/upload/")
    outer = desk.campaign.venues.get(code="outer")
    visitor.page.locator('select[name="venue"]').select_option(str(outer.pk))
    visitor.page.fill('input[name="source"]', "operators’ choice")
    visitor.page.locator('input[type="file"]').first.set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": b"seller\nshop-003\nnobody\n"}
    )
    visitor.press("#main form button[type=submit]")
    assert "nobody" in visitor.text()
    assert Invitation.objects.get(source="operators’ choice").seller.code == "shop-003"

    # Venues as a table, and the plan of positions.
    draft = new_draft(desk.campaign)
    visitor.go(f"/admin/campaigns/rulebookversion/{draft.pk}/venues/")
    codes = [terms.code for terms in draft.venueterms_set.all()]
    lines = "\n".join(f"{code},{90 if code == 'women' else ''}" for code in codes)
    visitor.page.fill("textarea[name=text]", f"code,capacity\n{lines}")
    visitor.press("#main form .paddock-button")
    visitor.press("#main form .paddock-button")
    assert draft.venueterms_set.get(code="women").capacity == 90
    visitor.go(f"/admin/campaigns/campaign/{desk.campaign.pk}/slots/")
    visitor.go("/admin/campaigns/venue/")


def test_a_shop_finds_its_way_among_eighty_six_venues(visitor, desk):
    home = f"/seller/{desk.seller.pk}"
    campaign = f"{home}/campaigns/{desk.campaign.code}"
    visitor.log_in("shop", PASSWORD)

    visitor.go(f"{campaign}/")
    keep(visitor, "seller-campaign", 844)
    venues = visitor.page.locator("#venues ~ details .asks > li")
    assert venues.count() == 86
    assert not venues.first.is_visible()
    visitor.page.fill('input[name="q"]', "presale_bags")
    visitor.press('form[role="search"] button')
    assert venues.count() == 1
    assert venues.first.is_visible()
    visitor.go(f"{campaign}/items/")
    assert visitor.page.locator(".rows a:visible").count() == 1
    visitor.go(f"{campaign}/items/?q=nowhere")
    assert visitor.page.locator(".rows a").count() == 0
    for page in ("rounds", "places", "tools", "leave", "tools/cashback"):
        visitor.go(f"{campaign}/{page}/")
    for page in ("entries", "invitations", "inbox", "channels"):
        visitor.go(f"{home}/{page}/")
    refused = desk.seller.entries.filter(status="rejected").first()
    visitor.go(f"{home}/entries/{refused.pk}/")
    approved = desk.seller.entries.filter(status="approved", venue__code__startswith="presale")
    visitor.go(f"{home}/entries/{approved.first().pk}/")


def test_a_shop_reads_why_it_was_refused(visitor, desk):
    MembershipFactory(seller=desk.refused.seller, user__username="other",
                      user__password=make_password(PASSWORD))  # fmt: skip
    visitor.log_in("other", PASSWORD)
    visitor.go(f"/seller/{desk.refused.seller_id}/entries/{desk.refused.pk}/")
    keep(visitor, "seller-refused", 844)
    assert all(figure in visitor.text() for figure in ("91.00", "85.00"))

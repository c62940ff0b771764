"""Every seller page with much and with nothing on it: it fits, and nothing bars anybody.

With PICTURES set to a folder, pictures of some pages are kept there.
"""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password

from campaigns.drafts import FilingRow
from campaigns.lifecycle import transition
from campaigns.models import Entry, Finding, Ground, Move
from campaigns.registering import file_entries, join
from tests.factories import (
    AgencyFactory,
    CategoryFactory,
    FilingFactory,
    ItemFactory,
    ListPriceFactory,
    MembershipFactory,
    SellerFactory,
    SweepRunFactory,
    UserFactory,
)
from tests.journeys.conftest import NOW
from tests.times import local

pytestmark = pytest.mark.browser

PASSWORD = "a-shop-of-my-own"
LONG = "Silk-lined leather handbag with a brass clasp, hand-stitched, autumn 2023 真皮手提包"
TITLES = (LONG, "Rose face cream 玫瑰面霜", "Evening candle 香薰蜡烛", "Gift box 礼盒")
FOLDER = os.environ.get("PICTURES")


@pytest.fixture
def user(season):
    return UserFactory(username="moon", password=make_password(PASSWORD))


@pytest.fixture
def busy(season, user):
    """A shop with 60 items, filed twice, with entries in every status and notices."""
    seller = SellerFactory(
        code="S1", name="Moonlight Gifts 月光礼品店", growth_level=6, operating_score=Decimal("90")
    )
    MembershipFactory(seller=seller, user=user)
    category = CategoryFactory(code="handbags", name="Handbags", name_zh="手提包")
    for number in range(60):
        item = ItemFactory(
            seller=seller, category=category, code=f"IT-{number:03}",
            title=TITLES[number % 4], recommended=number % 3 == 0,
            list_price=Decimal(f"{number + 20}.50"),
            first_listed_at=local("2023-05-01"),
        )  # fmt: skip
        ListPriceFactory(item=item, price=item.list_price)
    registration = join(campaign=season, seller=seller, at=NOW, actor=user).registration
    venue = season.venues.get()
    rows = [
        FilingRow(
            f"IT-{number:03}",
            Decimal(f"{number + 20}.00") if number % 5 else Decimal("999.00"),
            tools=("cross_shop_reduction",) if number % 4 else (),
        )
        for number in range(24)
    ]
    file_entries(registration=registration, venue=venue, rows=rows, at=NOW, actor=user, key="first")
    pending = list(Entry.objects.filter(status="in_review").order_by("pk"))
    _move(pending, "approved", Move.Cause.REVIEW)
    goals = ("abnormal", "unpublished", "at_risk", "cleared_out")
    run = SweepRunFactory(campaign=season, version=registration.version, at=NOW)
    for entry, goal in zip(pending, goals, strict=False):
        entry.refresh_from_db()
        _finding(entry, run)
        _move([entry], goal, Move.Cause.SWEEP, run=run)
    Entry.objects.filter(status="at_risk").update(at_risk_until=local("2023-05-12 02:00"))
    _move(list(Entry.objects.filter(status="approved")[:1]), "withdrawn", Move.Cause.OPERATOR)
    seller.notices.update(state="sent")
    return seller


def _move(entries, to_status, cause, run=None):
    for entry in entries:
        transition(
            entries={entry.pk: entry.revision}, from_status=entry.status, to_status=to_status,
            cause=cause, at=NOW, run=run, reason="G520-038" if run else "",
        )  # fmt: skip


def _finding(entry, run):
    finding = Finding.objects.create(
        campaign=entry.campaign, registration=entry.registration, entry=entry, run=run,
        requirement=entry.version.requirement_set.get(code="G520-038"), version=entry.version,
        stage="recheck", code="G520-038", outcome="fail", action="abnormal", at=NOW,
    )  # fmt: skip
    Ground.objects.create(
        finding=finding, path="require", metric="item.ship_time_hours", measured="72",
        comparator="<=", threshold="48", unit="hours", known_at=NOW, result=False,
    )  # fmt: skip


def keep(visitor, name):
    """Keep a picture of the page, if pictures are asked for."""
    if not FOLDER:
        return
    width = visitor.page.viewport_size["width"]
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    visitor.page.set_viewport_size({"width": width, "height": 1000 if width > 500 else 844})
    path = f"{FOLDER}/seller-{name}-{visitor.language}-{width}.png"
    visitor.page.screenshot(path=path)


def test_a_busy_shop(visitor, busy, season):
    visitor.log_in("moon", PASSWORD)
    home = f"/seller/{busy.pk}"
    venue = f"{home}/campaigns/{season.code}/venues/{season.venues.get().code}"
    keep(visitor, "campaigns")
    for name, path in (
        ("campaign", f"{home}/campaigns/{season.code}/"),
        ("place", f"{home}/campaigns/{season.code}/places/stock_list/"),
        ("leave", f"{home}/campaigns/{season.code}/leave/"),
        ("entries", f"{home}/entries/"),
        ("inbox", f"{home}/inbox/"),
        ("notice", f"{home}/inbox/{busy.notices.latest('pk').pk}/"),
        ("choose", f"{venue}/items/?entered=no"),
        ("csv", f"{venue}/csv/"),
    ):
        visitor.go(path)
        keep(visitor, name)

    # A table with faults.
    visitor.page.fill("textarea", "item,price,list\nIT-040,abc,\nNOBODY,5,x\n")
    visitor.press("main form .btn-primary")
    keep(visitor, "faults")

    # The prices, with a fault and with a check.
    visitor.go(f"{venue}/items/?entered=no&q=candle")
    for box in visitor.page.locator('tbody input[type="checkbox"]').all()[:6]:
        box.check()
    visitor.press('button[value="go"]')
    visitor.page.locator("input.price").first.fill("abc")
    visitor.press('.bar button[value="check"]')
    assert visitor.page.locator('[aria-invalid="true"]').count() == 1
    visitor.page.locator("input.price").first.fill("999")
    visitor.page.locator('input[name="tools"]').check()
    visitor.press('.bar button[value="check"]')
    keep(visitor, "prices")
    visitor.press('.bar button[value="file"]')
    keep(visitor, "result")


def test_every_kind_of_entry(visitor, busy, season):
    visitor.log_in("moon", PASSWORD)
    home = f"/seller/{busy.pk}"
    seen = set()
    for pk, status in Entry.objects.order_by("pk").values_list("pk", "status"):
        if status in seen:
            continue
        seen.add(status)
        visitor.go(f"{home}/entries/{pk}/")
        if status == "abnormal":
            keep(visitor, "entry")
        if status in {"approved", "abnormal"}:
            visitor.go(f"{home}/entries/{pk}/price/")
            visitor.page.fill("#price", "0")
            visitor.press("main form .btn-primary")
        if status == "unpublished":
            visitor.go(f"{home}/entries/{pk}/publish/")
        visitor.go(f"{home}/entries/withdraw/?entry={pk}")
    assert seen == {
        "approved", "abnormal", "unpublished", "at_risk", "cleared_out", "rejected", "withdrawn",
    }  # fmt: skip


def test_choosing_all_on_a_page(visitor, busy, season):
    """The box over the list, and how many are chosen."""
    visitor.log_in("moon", PASSWORD)
    visitor.go(f"/seller/{busy.pk}/entries/?status=group:running")
    boxes = visitor.page.locator('tbody input[type="checkbox"]')
    count = visitor.page.locator("[data-pick-count]")
    if visitor.page.locator("[data-pick-all]").is_visible():
        visitor.page.locator("[data-pick-all]").check()
    else:
        for box in boxes.all():
            box.check()
    assert count.inner_text().endswith(f" {boxes.count()}")
    visitor.press('.bar button[class*="btn"]')
    assert str(boxes.count() or "") in visitor.text()


def test_a_shop_with_nothing(visitor, user, season):
    seller = MembershipFactory(user=user, seller=SellerFactory(name="New")).seller
    visitor.log_in("moon", PASSWORD)
    home = f"/seller/{seller.pk}"
    for path in ("campaigns/", "entries/", "entries/?q=x", "inbox/", "inbox/?only=unread"):
        visitor.go(f"{home}/{path}")
    registration = join(campaign=season, seller=seller, at=NOW, actor=user).registration
    venue = season.venues.get()
    visitor.go(f"{home}/campaigns/{season.code}/venues/{venue.code}/items/")
    visitor.go(f"{home}/campaigns/{season.code}/places/stock_list/")
    filing = FilingFactory(registration=registration, venue=venue)
    visitor.go(f"{home}/filings/{filing.pk}/")


def test_an_agency_and_an_account_without_a_shop(visitor, user, season):
    visitor.log_in("moon", PASSWORD)
    visitor.go("/seller/shops/?q=x")
    agency = AgencyFactory()
    MembershipFactory(user=user, seller=None, agency=agency)
    sellers = [SellerFactory(agency=agency, name=f"Shop {number}") for number in range(60)]
    visitor.go("/seller/shops/")
    visitor.press('a[rel="next"]')
    visitor.go(f"/seller/{sellers[0].pk}/campaigns/{season.code}/join/")
    visitor.page.click("summary")
    visitor.look()
    visitor.press('.panel a[href="/seller/shops/"]')


@pytest.mark.parametrize("path", ["/nowhere/", "/seller/999999/"])
def test_a_page_that_is_not_there(visitor, user, season, path):
    visitor.log_in("moon", PASSWORD)
    visitor.page.goto(f"{visitor.address}{path}")
    # The browser itself remarks on the status.
    visitor.complaints = [text for text in visitor.complaints if "404" not in text]
    visitor.look()


def test_the_account_pages(visitor, user, season):
    visitor.log_in("moon", PASSWORD)
    visitor.go("/accounts/password/")
    visitor.page.fill('input[name="old_password"]', "wrong")
    visitor.press("main .btn-primary")
    visitor.go("/accounts/forgotten/")

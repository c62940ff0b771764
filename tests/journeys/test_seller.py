"""A seller joins, files, is refused with measured value and threshold, fixes it, is approved."""

from decimal import Decimal

import pytest
from django.contrib.auth.hashers import make_password

from campaigns import reviewing
from campaigns.models import Entry, Registration
from tests.factories import (
    CategoryFactory,
    ItemFactory,
    ListPriceFactory,
    MembershipFactory,
    SellerFactory,
    UserFactory,
)
from tests.journeys.conftest import NOW
from tests.times import local

pytestmark = pytest.mark.browser

PASSWORD = "a-shop-of-my-own"
SAID = {
    "en": {
        "not_met": "Shop-DingTalk is activated by the main account, or DingTalk is bound",
        "unbound": "Messenger bound no needed: yes",
        "met": "All 4 requirements are met.",
        "refused": "Campaign price 88.01 CNY needed: at most 88.00 CNY",
        "since": "lowest list price, from 19 May 2023, 00:00",
        "tool": "Promotion tools none needed: with 20 off every 200 across shops",
        "passes": "All of them pass",
        "waiting": "in review",
        "approved": "approved",
        "news": "Entries approved",
    },
    "zh-hans": {
        "not_met": "已由主账号激活店铺钉钉，或已绑定钉钉",
        "unbound": "已绑定钉钉 否 要求：是",
        "met": "全部 4 项要求均已满足。",
        "refused": "活动价 88.01 CNY 要求：不高于 88.00 CNY",
        "since": "最低标价，自 2023年5月19日 00:00 起",
        "tool": "优惠玩法 无 要求：包含 跨店每满200减20",
        "passes": "全部可通过",
        "waiting": "审核中",
        "approved": "已通过",
        "news": "报名已通过",
    },
}


@pytest.fixture
def shop(season):
    """A shop that does not meet one thing yet, with an item whose list price will drop."""
    seller = SellerFactory(code="S1", name="Moonlight Gifts 月光礼品店", dingtalk_bound=False)
    user = UserFactory(username="moon", password=make_password(PASSWORD))
    MembershipFactory(seller=seller, user=user)
    category = CategoryFactory(code="handbags", name="Handbags", name_zh="手提包")
    drop = local("2023-05-19")
    for code, title in (("BAG-1", "Leather handbag 真皮手提包"), ("BAG-2", "Canvas tote 帆布包")):
        item = ItemFactory(
            seller=seller, category=category, code=code, title=title,
            first_listed_at=local("2023-05-01"),
        )  # fmt: skip
        ListPriceFactory(item=item, ends_at=drop)
        ListPriceFactory(item=item, starts_at=drop, price=Decimal("88.00"), known_at=NOW)
    return seller


def test_from_joining_to_approval(visitor, shop, season):
    said = SAID[visitor.language]
    home = f"/seller/{shop.pk}"
    visitor.log_in("moon", PASSWORD)

    # Before joining: what is not met, with the shop's own figure.
    assert said["not_met"] in visitor.text()
    visitor.press("article .btn-primary")
    assert said["unbound"] in visitor.text()

    # Joining all the same is refused with the same words; then the shop binds its messenger.
    visitor.press(f'a[href="{home}/campaigns/{season.code}/join/"]')
    visitor.press("main form .btn")
    assert said["unbound"] in visitor.text()
    assert not Registration.objects.filter(status="joined").exists()
    shop.dingtalk_bound = True
    shop.save()
    visitor.go(f"{home}/campaigns/{season.code}/join/")
    visitor.press("main form .btn-primary")
    assert said["met"] in visitor.text()
    assert Registration.objects.filter(seller=shop, status="joined").exists()

    # Two items; the price that passes is filled in, with its reason.
    visitor.press(f'a[href="{home}/campaigns/{season.code}/items/"]')
    for box in visitor.page.locator('tbody input[type="checkbox"]').all():
        box.check()
    visitor.press('button[value="go"]')
    assert said["since"] in visitor.text()
    prices = visitor.page.locator("input.price")
    assert [prices.nth(n).input_value() for n in range(2)] == ["88.00", "88.00"]

    # One price a cent too high, and no tool: the check says so before anything is filed.
    prices.nth(1).fill("88.01")
    visitor.press('.bar button[value="check"]')
    assert said["refused"] in visitor.text()
    assert said["tool"] in visitor.text()
    assert not Entry.objects.exclude(status="draft").exists()

    # Filed all the same, both are refused with what was measured.
    visitor.press('button[value="file"]')
    assert said["refused"] in visitor.text()
    statuses = Entry.objects.filter(seller=shop).values_list("status", flat=True)
    assert list(statuses) == ["rejected", "rejected"]

    # Filed again with the tool and the right price.
    visitor.press('form[action$="/again/"] button')
    visitor.page.locator('input[name="tools"]').first.check()
    visitor.page.locator("input.price").nth(1).fill("88.00")
    visitor.press('.bar button[value="check"]')
    assert said["passes"] in visitor.text()
    visitor.press('.bar button[value="file"]')
    assert visitor.page.locator(".badge-status").all_inner_texts() == [said["waiting"]] * 2

    # The marketplace approves; the shop reads it in its inbox and in its list.
    waiting = dict(Entry.objects.filter(status="in_review").values_list("pk", "revision"))
    decided = reviewing.approve(entries=waiting, at=NOW, actor=UserFactory())
    assert {decision.outcome for decision in decided} == {"approved"}
    visitor.go(f"{home}/inbox/")
    visitor.press(f'.rows a:has-text("{said["news"]}")')
    visitor.go(f"{home}/entries/?status=approved")
    assert visitor.page.locator("tbody .badge-status").all_inner_texts() == [said["approved"]] * 2


def test_without_script_everything_works_too(browser, live_server, shop, season):
    """Choosing, pricing and filing with scripts switched off, on a phone."""
    shop.dingtalk_bound = True
    shop.save()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill('input[name="username"]', "moon")
    page.fill('input[name="password"]', PASSWORD)
    page.click("main .btn-primary")
    page.click("article .btn-primary")
    page.click('a[href$="/join/"]')
    page.click("main form .btn-primary")
    page.click('a[href$="/items/"]')
    page.locator('tbody input[type="checkbox"]').nth(0).check()
    page.click('button[value="go"]')
    page.locator('input[name="tools"]').check()
    page.click('.bar button[value="check"]')
    page.click('.bar button[value="file"]')
    assert page.locator(".badge-status").all_inner_texts() == ["in review"]
    page.click("summary")
    assert page.locator(".menu .panel button").last.is_visible()
    context.close()
    assert Entry.objects.get(seller=shop, status="in_review").item.code == "BAG-1"


def test_the_keyboard_reaches_everything_in_order(visitor, shop, season):
    visitor.log_in("moon", PASSWORD)
    visitor.page.keyboard.press("Tab")
    skip = visitor.page.evaluate("document.activeElement.className")
    assert skip == "skip"
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    visitor.page.goto(visitor.page.url.split("#")[0])
    seen = []
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        seen.append(
            visitor.page.evaluate(
                "(e => [e.tagName, e.getBoundingClientRect().top])(document.activeElement)"
            )
        )
    assert [tag for tag, _top in seen[:7]] == ["A", "A", "A", "A", "A", "A", "SUMMARY"]

"""A shop's own promotions and landing pages: listed, set, changed, cancelled, decorated."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Entry, Promotion, Registration, ShopTool
from campaigns.tool_dependants import dependants
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    FILED,
    EntryFactory,
    MembershipFactory,
    PromotionFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    StatisticFactory,
    VenueTermsFactory,
)
from tests.times import local

CASH, PAGE = "cash_back", "landing_page"


@pytest.fixture
def promotions(opened):
    def ask(code, **more):
        title = {"en": code.title(), "zh-hans": "满"}
        return {"code": code, "type": "decimal", "title": title, "unit": "CNY", "above": 0, **more}

    PromotionFactory(
        version=opened.version,
        code=CASH,
        title={"en": "Cash back", "zh-hans": "返现红包"},
        kind=Promotion.Kind.MANDATORY,
        level=Promotion.Level.SHOP,
        starts_at=local("2023-05-16 20:00"),
        ends_at=local("2023-05-21"),
        setup_from=local("2023-05-02"),
        setup_until=local("2023-05-12"),
        terms={"asks": [ask("threshold"), ask("amount", below_term="threshold")]},
    )
    PromotionFactory(
        version=opened.version,
        code=PAGE,
        title={"en": "Landing page", "zh-hans": "承接页"},
        kind=Promotion.Kind.PAGE,
        level=Promotion.Level.SHOP,
        setup_from=local("2023-05-11"),
    )
    return opened


@pytest.fixture
def stands(promotions, registration):
    return ShopTool.objects.create(
        registration=registration,
        code=CASH,
        set_at=FILED - timedelta(days=1),
        terms={"threshold": "100.00", "amount": "5.00"},
    )


def test_the_campaign_lists_its_promotions_with_their_windows(pages, promotions, codes):
    PromotionFactory(version=promotions.version, code="coupon", kind=Promotion.Kind.MANDATORY)
    text = text_of(pages.get("campaign", codes[0]))
    assert "Cash back mandatory tool In force: 16 May 2023, 20:00 – 20 May 2023, 24:00" in text
    assert "Set up: 2 May 2023, 00:00 – 11 May 2023, 24:00" in text
    assert "Landing page landing page Set up: from 11 May 2023, 00:00" in text
    assert "coupon mandatory tool" in text
    assert "Tools of my shop" not in text


def test_who_has_joined_finds_the_tools_there(pages, promotions, registration, codes):
    assert "Tools of my shop" in text_of(pages.get("campaign", codes[0]))
    text = text_of(pages.get("tools", codes[0]))
    assert "Cash back mandatory tool not set" in text
    assert "Landing page not made yet" in text
    assert "It can be set up from 11 May 2023, 00:00 on." in text
    pages.client.cookies["django_language"] = "zh-hans"
    assert "返现红包" in text_of(pages.get("tools", codes[0]))


def test_a_shop_sets_changes_and_keeps_a_tool(pages, promotions, registration, codes, user):
    pages.post("tool", codes[0], CASH, threshold="100", amount="5")
    tool = ShopTool.objects.get()
    assert (tool.terms, tool.set_by) == ({"threshold": "100.00", "amount": "5.00"}, user)
    text = text_of(pages.get("tools", codes[0]))
    assert "Cash back is set." in text
    assert "set since 10 May 2023, 12:00 Threshold: 100.00 CNY Amount: 5.00 CNY" in text
    asks = pages.get("tool", codes[0], CASH).context["asks"]
    assert [ask["value"] for ask in asks] == ["100.00", "5.00"]
    pages.post("tool", codes[0], CASH, threshold="100", amount="5")
    assert "Cash back stays as it was." in text_of(pages.get("tools", codes[0]))
    pages.post("tool", codes[0], CASH, threshold="100", amount="6")
    assert ShopTool.objects.count() == 2


def test_wrong_terms_stay_in_the_form_with_what_is_wrong(pages, promotions, registration, codes):
    answer = pages.post("tool", codes[0], CASH, threshold="4", amount="five", expect=400)
    threshold, amount = answer.context["asks"]
    assert (threshold["value"], threshold["fault"]) == ("4", "")
    assert (amount["value"], amount["fault"]) == ("five", "This cannot be read – “five” was given.")
    answer = pages.post("tool", codes[0], CASH, threshold="4", amount="4", expect=400)
    assert answer.context["asks"][1]["fault"].startswith("Too large – It must be below")
    answer = pages.post("tool", codes[0], CASH, threshold="0", expect=400)
    assert [ask["fault"] for ask in answer.context["asks"]] == [
        "Outside the bounds – It must be above 0.",
        "Please fill this in",
    ]
    assert not ShopTool.objects.exists()


@pytest.mark.parametrize("name", ["tool", "tool_cancel"])
def test_outside_the_window_it_says_when(pages, stands, codes, at, name):
    at.set(local("2023-05-12"))
    data = {"threshold": "7", "amount": "1"} if name == "tool" else {}
    answer = pages.post(name, codes[0], CASH, **data, expect=400 if data else 302)
    if name == "tool_cancel":
        answer = pages.get("tools", codes[0])
    text = "It cannot be set up now – It could be set up until 11 May 2023, 24:00."
    assert text in text_of(answer)
    assert (
        '<button class="btn btn-danger"'
        not in pages.get("tool_cancel", codes[0], CASH).content.decode()
    )
    stands.refresh_from_db()
    assert stands.cancelled_at is None
    assert ShopTool.objects.count() == 1


def demand(opened, **more):
    RequirementFactory(
        version=opened.version, subject="registration", stages={"recheck": "clear_out"},
        **{"require": ["registration.tools", "contains", CASH], **more},
    )  # fmt: skip


def test_cancelling_says_first_how_many_live_entries_rest_on_it(pages, stands, codes, opened):
    registration = stands.registration
    outer = VenueTermsFactory(version=opened.version, code="outer", kind="outer").venue
    demand(opened, venue_kinds=["main"])
    for status in ("approved", "abnormal", "in_review", "cleared_out"):
        EntryFactory(registration=registration, venue=opened.venue, status=status)
    EntryFactory(registration=registration, venue=outer)
    EntryFactory(campaign=opened.campaign, venue=opened.venue)
    text = text_of(pages.get("tool_cancel", codes[0], CASH))
    assert "2 entries that take part rest on it and are moved off within minutes." in text
    assert "Cancel it; 2 entries are moved off" in text
    pages.post("tool_cancel", codes[0], CASH)
    stands.refresh_from_db()
    assert stands.cancelled_at == FILED
    text = text_of(pages.get("tools", codes[0]))
    assert "Cash back is cancelled." in text
    assert "cancelled at 10 May 2023, 12:00" in text
    pages.get("tool_cancel", codes[0], CASH, expect=302)


@pytest.mark.parametrize(
    ("require", "number"),
    [
        (["registration.tools", "contains", CASH], 1),
        ({"any": [["entry.list_source", "==", "x"], ["registration.tools", "contains", CASH]]}, 1),
        (["registration.tools", "contains", "red_packet"], 0),
        (["entry.cancelled", "==", 0], 1),
        (["entry.other_cancelled", "==", 0], 0),
    ],
)
def test_what_rests_on_a_tool(stands, opened, require, number):
    for code, tool in (("entry.cancelled", CASH), ("entry.other_cancelled", "red_packet")):
        StatisticFactory(
            version=opened.version, code=code, level="entry", function="count",
            source="cancelled_tools", where=["code", "==", tool], window={"since_filing": True},
        )  # fmt: skip
    demand(opened, require=require)
    entry = EntryFactory(registration=stands.registration, venue=opened.venue)
    found = dependants(
        registration=stands.registration, code=CASH, version=opened.version, at=FILED
    )
    assert list(found) == [entry] * number


def test_a_landing_page_is_decorated_once_it_may(pages, promotions, registration, codes, at):
    page = ShopTool.objects.create(registration=registration, code=PAGE, set_at=FILED)
    assert "shows the campaign's template" in text_of(pages.get("tools", codes[0]))
    pages.post("tool_decorate", codes[0], PAGE)
    page.refresh_from_db()
    assert page.decorated_at is None
    at.set(local("2023-05-11"))
    assert "It is decorated" in text_of(pages.get("tools", codes[0]))
    pages.post("tool_decorate", codes[0], PAGE)
    page.refresh_from_db()
    assert page.decorated_at == local("2023-05-11")
    assert "decorated since 11 May 2023, 00:00" in text_of(pages.get("tools", codes[0]))


def test_what_is_not_the_shops_is_not_there(pages, promotions, registration, codes, opened):
    pages.get("tool", codes[0], "absent", expect=404)
    pages.get("tool", codes[0], PAGE, expect=404)
    pages.get("tool_decorate", codes[0], PAGE, expect=405)
    Registration.objects.update(status=Registration.Status.WITHDRAWN)
    pages.get("tools", codes[0], expect=404)


def test_who_may_only_look_sets_nothing(client, promotions, registration, codes, pages, shop):
    looker = MembershipFactory(seller=shop, can_file=False).user
    client.force_login(looker)
    assert "Set…" not in text_of(pages.get("tools", codes[0]))
    pages.post("tool", codes[0], CASH, threshold="100", amount="5", expect=403)
    pages.post("tool_cancel", codes[0], CASH, expect=403)
    other = SellerFactory()
    RegistrationFactory(campaign=promotions.campaign, version=promotions.version, seller=other)
    assert (
        client.get(
            pages.address("tools", codes[0]).replace(str(shop.pk), str(other.pk), 1)
        ).status_code
        == 404
    )
    assert not ShopTool.objects.exists()


def test_the_pages_ask_as_much_for_many_tools_as_for_one(pages, stands, codes, opened):
    demand(opened)

    def queries():
        found = []
        for name, *more in (("tools",), ("tool_cancel", CASH), ("campaign",)):
            with CaptureQueriesContext(connection) as captured:
                pages.get(name, codes[0], *more)
            found.append(len(captured))
        return found

    before = queries()
    for number in range(10):
        PromotionFactory(
            version=opened.version, code=f"tool{number}", kind="mandatory", level="shop"
        )
        ShopTool.objects.create(
            registration=stands.registration, code=f"tool{number}", set_at=FILED
        )
        EntryFactory(registration=stands.registration, venue=opened.venue)
    assert Entry.objects.count() == 10
    assert queries() == before

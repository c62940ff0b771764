"""Shops set promotions, change their terms and cancel them, and decorate their landing pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import sweeping
from campaigns.lifecycle import transition
from campaigns.models import Entry, Move, Promotion, Registration, ShopTool
from campaigns.shop_tools import cancel_tool, decorate_page, set_tool
from sellers.models import ChangedSubject
from tests.factories import (
    FILED,
    EntryFactory,
    PromotionFactory,
    RegistrationFactory,
    RequirementFactory,
    StatisticFactory,
    VenueTermsFactory,
    VersionFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db
OPENS, CLOSES = local("2023-05-02"), local("2023-05-12")
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
ASKS = [
    {"code": "threshold", "type": "decimal", "title": {"en": "From"}, "above": 0},
    {
        "code": "amount",
        "type": "decimal",
        "title": {"en": "Back"},
        "least": "0.01",
        "below_term": "threshold",
    },
    {"code": "remark", "type": "text", "title": {"en": "Remark"}, "optional": True},
]
TERMS = {"threshold": "100.00", "amount": "5"}


@pytest.fixture
def opened(db):
    made = open_campaign(kind="branch")
    PromotionFactory(
        version=made.version,
        code="cash_back",
        kind=Promotion.Kind.MANDATORY,
        level=Promotion.Level.SHOP,
        setup_from=OPENS,
        setup_until=CLOSES,
        terms={"asks": ASKS},
    )
    PromotionFactory(
        version=made.version,
        code="page",
        kind=Promotion.Kind.PAGE,
        level=Promotion.Level.SHOP,
        venue_kinds=["branch"],
        setup_from=local("2023-05-11"),
    )
    PromotionFactory(version=made.version, code="coupon", kind=Promotion.Kind.MANDATORY)
    return made


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def given(registration):
    """The tool is set since before its window."""
    before = local("2023-05-01")
    return ShopTool.objects.create(registration=registration, code="cash_back", set_at=before)


def put(registration, at=FILED, code="cash_back", **terms):
    return set_tool(registration=registration, code=code, terms=TERMS | terms, at=at)


def cancel(registration, at=FILED, code="cash_back"):
    return cancel_tool(registration=registration, code=code, at=at)


def codes(result):
    return [refusal.code for refusal in result.refusals]


@pytest.mark.parametrize("what", [put, cancel])
@pytest.mark.parametrize(
    ("at", "params"),
    [
        (OPENS - TICK, {"opens_at": "2023-05-02T00:00:00+08:00"}),
        (OPENS, None),
        (CLOSES - TICK, None),
        (CLOSES, {"closed_at": "2023-05-12T00:00:00+08:00"}),
    ],
)
def test_a_tool_is_set_up_in_its_window(registration, what, at, params):
    if what is cancel:
        given(registration)
    result = what(registration, at)
    assert codes(result) == (["setup_closed"] if params else [])
    if params:
        assert result.refusals[0].params == {"tool": "cash_back", **params}
    assert result.changed is (params is None)
    assert ChangedSubject.objects.exists() is (params is None)


def test_every_setting_stays_as_a_row(registration, django_user_model):
    at = [FILED + number * SECOND for number in range(5)]
    assert put(registration, at[0]).changed
    assert not put(registration, at[1]).changed
    assert put(registration, at[2], amount="6").changed
    assert cancel(registration, at[3]).changed
    assert not cancel(registration, at[3]).changed
    assert put(registration, at[4]).changed
    rows = ShopTool.objects.order_by("pk").values_list(
        "set_at", "cancelled_at", "replaced", "terms"
    )
    assert list(rows) == [
        (at[0], at[2], True, {"threshold": "100.00", "amount": "5.00"}),
        (at[2], at[3], False, {"threshold": "100.00", "amount": "6.00"}),
        (at[4], None, False, {"threshold": "100.00", "amount": "5.00"}),
    ]


@pytest.mark.parametrize(
    ("terms", "refused"),
    [
        ({}, []),
        ({"amount": "0.01", "threshold": "0.02"}, []),
        ({"amount": "99.99"}, []),
        ({"remark": "for members"}, []),
        ({"amount": ""}, [("term_missing", "amount")]),
        ({"amount": "ten"}, [("term_unreadable", "amount")]),
        ({"amount": "NaN"}, [("term_unreadable", "amount")]),
        ({"amount": "5.001"}, [("term_unreadable", "amount")]),
        ({"amount": "0"}, [("term_out_of_bounds", "amount")]),
        ({"threshold": "0"}, [("term_out_of_bounds", "threshold"), ("term_not_below", "amount")]),
        ({"amount": "100"}, [("term_not_below", "amount")]),
        ({"remark": "x" * 201}, [("term_unreadable", "remark")]),
        ({"gift": "1"}, [("term_unknown", "gift")]),
    ],
)
def test_terms_are_read_as_the_rulebook_asks(registration, terms, refused):
    result = put(registration, **terms)
    assert [(row.code, row.params["term"]) for row in result.refusals] == refused
    assert ShopTool.objects.exists() is (not refused)


@pytest.mark.parametrize("code", ["page", "coupon", "absent"])
def test_only_what_shops_set_is_set(registration, code):
    assert codes(put(registration, code=code)) == ["unknown_tool"]


def test_a_shop_that_has_not_joined_sets_nothing(registration):
    Registration.objects.update(status=Registration.Status.WITHDRAWN)
    assert codes(put(registration)) == ["not_registered"]


def sweep(at):
    for run in sweeping.take_changes(at=at):
        sweeping.work(run)


def demand(version, **row):
    RequirementFactory(
        version=version, subject="registration", reason="cashback_cancelled",
        require=["registration.tools", "contains", "cash_back"],
        stages={"admission": "reject", "recheck": "clear_out"}, **row,
    )  # fmt: skip


def test_cancelling_clears_out_and_setting_again_restores_nothing(opened, registration):
    demand(opened.version)
    put(registration)
    entry = EntryFactory(registration=registration, venue=opened.venue)
    other = EntryFactory(campaign=opened.campaign, venue=opened.venue)
    given(other.registration)
    sweep(FILED)
    entry.refresh_from_db()
    assert entry.status == Entry.Status.APPROVED
    cancel(registration, FILED + SECOND)
    sweep(FILED + 2 * SECOND)
    entry.refresh_from_db()
    assert entry.status == Entry.Status.CLEARED_OUT
    put(registration, FILED + 3 * SECOND)
    sweep(FILED + 4 * SECOND)
    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.status, other.status) == (Entry.Status.CLEARED_OUT, Entry.Status.APPROVED)


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_tool_cancelled_and_set_again_before_the_sweep_counts_as_cancelled(
    opened, registration, cancelled
):
    StatisticFactory(
        version=opened.version, code="entry.cash_back_cancelled", level="entry", function="count",
        source="cancelled_tools", of="registration", where=["code", "==", "cash_back"],
        window={"since_filing": True},
    )  # fmt: skip
    RequirementFactory(
        version=opened.version, require=["entry.cash_back_cancelled", "==", 0],
        stages={"recheck": "clear_out"},
    )  # fmt: skip
    put(registration, OPENS)
    cancel(registration, FILED - 2 * SECOND)
    put(registration, FILED - SECOND)
    entry = EntryFactory(registration=registration, venue=opened.venue)
    if cancelled:
        cancel(registration, FILED + SECOND)
    put(registration, FILED + 2 * SECOND, amount="6")
    sweep(FILED + 3 * SECOND)
    entry.refresh_from_db()
    assert entry.status == (Entry.Status.CLEARED_OUT if cancelled else Entry.Status.APPROVED)


def approve(*entries, at=FILED, from_status=Entry.Status.IN_REVIEW):
    return transition(
        entries={entry.pk: entry.revision for entry in entries}, from_status=from_status,
        to_status=Entry.Status.APPROVED, cause=Move.Cause.REVIEW, at=at,
    )  # fmt: skip


def waiting(opened, **more):
    more = {"venue": opened.venue, "campaign": opened.campaign} | more
    return EntryFactory(status=Entry.Status.IN_REVIEW, **more)


def test_the_first_approval_makes_the_landing_page_once(opened, registration):
    first = waiting(opened, registration=registration)
    second = waiting(opened, registration=registration)
    third = waiting(opened)
    outer = VenueTermsFactory(version=opened.version, code="outer", kind="outer").venue
    elsewhere = waiting(opened, venue=outer)
    approve(first, second, third, elsewhere)
    pages = ShopTool.objects.order_by("registration")
    assert [(page.registration, page.code, page.set_at) for page in pages] == [
        (registration, "page", FILED),
        (third.registration, "page", FILED),
    ]
    approve(waiting(opened, registration=registration), at=FILED + SECOND)
    assert ShopTool.objects.count() == 2
    assert ShopTool.objects.first().decorated_at is None


def test_pages_are_those_of_the_rulebook_in_force(opened, registration):
    later = VersionFactory(campaign=opened.campaign, number=2, effective_at=FILED + SECOND)
    VenueTermsFactory(version=later, kind="branch")
    approve(waiting(opened, registration=registration), at=FILED + SECOND)
    assert not ShopTool.objects.exists()
    approve(waiting(opened, registration=registration), at=FILED)
    assert ShopTool.objects.count() == 1


@pytest.mark.parametrize(
    ("from_status", "asked"), [(Entry.Status.ABNORMAL, 0), (Entry.Status.IN_REVIEW, 3)]
)
def test_an_entry_that_recovers_asks_nothing_of_pages(opened, from_status, asked):
    entry = EntryFactory(campaign=opened.campaign, venue=opened.venue, status=from_status)
    with CaptureQueriesContext(connection) as queries:
        approve(entry, from_status=from_status)
    about_pages = ('"campaigns_promotion"', '"campaigns_shoptool"')
    found = [query for query in queries if any(table in query["sql"] for table in about_pages)]
    assert len(found) == asked
    assert ShopTool.objects.exists() is bool(asked)


def test_without_a_page_an_approval_asks_for_one_in_one_query():
    entry = EntryFactory(status=Entry.Status.IN_REVIEW)
    with CaptureQueriesContext(connection) as queries:
        approve(entry)
    assert sum('"campaigns_promotion"' in query["sql"] for query in queries) == 1
    assert not any('"campaigns_shoptool"' in query["sql"] for query in queries)


def test_a_page_is_decorated_from_its_opening_on(opened, registration):
    opens = local("2023-05-11")
    approve(waiting(opened, registration=registration))
    early = decorate_page(registration=registration, code="page", at=opens - TICK)
    params = {"tool": "page", "opens_at": "2023-05-11T00:00:00+08:00"}
    assert [(row.code, row.params) for row in early.refusals] == [("setup_closed", params)]
    assert ShopTool.objects.get().decorated_at is None
    assert not ChangedSubject.objects.exists()
    assert decorate_page(registration=registration, code="page", at=opens).changed
    assert not decorate_page(registration=registration, code="page", at=opens + SECOND).changed
    assert ShopTool.objects.get().decorated_at == opens
    assert ChangedSubject.objects.get().subject_id == registration.seller_id


def test_a_page_that_is_not_made_cannot_be_decorated(registration):
    at = local("2023-05-11")
    assert codes(decorate_page(registration=registration, code="page", at=at)) == ["page_not_made"]

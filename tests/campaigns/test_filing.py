"""Filing items: every reason, claims and places in file order, review modes, repeats, queries."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import filing, holdings
from campaigns.models import (
    Claim,
    Entry,
    EntryTool,
    Filing,
    Finding,
    Notice,
    Registration,
    TallyDelta,
)
from campaigns.registering import (
    FilingRow,
    UnreadableRequest,
    file_entries,
    withdraw_registration,
)
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    EntryFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    UserFactory,
    VenueAssignmentFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def items_of(registration, number=1, **kwargs):
    return ItemFactory.create_batch(number, seller=registration.seller, **kwargs)


def file(registration, venue, items, *, key="one", at=FILED, price="88.00", **row):
    rows = [
        item if isinstance(item, FilingRow) else FilingRow(item.code, Decimal(price), **row)
        for item in items
    ]
    return file_entries(
        registration=registration, venue=venue, rows=rows, at=at, actor=None, key=key
    )


def codes(row):
    return [finding.code for finding in row.findings]


def statuses(result):
    return [row.status for row in result.rows]


def test_a_row_that_passes_is_approved(opened, registration):
    (item,) = items_of(registration)
    result = file(registration, opened.venue, [item], tools=("cross_shop_reduction",))
    (row,) = result.rows
    assert (row.line, row.item, row.status, row.findings) == (1, item.code, "approved", [])
    entry = Entry.objects.get()
    assert row.entry == entry
    assert (entry.campaign, entry.venue, entry.registration, entry.seller, entry.item) == (
        opened.campaign,
        opened.venue,
        registration,
        registration.seller,
        item,
    )
    assert (entry.activity_price, entry.list_source, entry.source) == (
        Decimal("88.00"),
        "stock_list",
        "seller",
    )
    assert (entry.submitted_at, entry.decided_at, entry.approved_at, entry.expires_at) == (
        FILED,
        FILED,
        FILED,
        None,
    )
    assert list(EntryTool.objects.values_list("entry", "code")) == [
        (entry.pk, "cross_shop_reduction")
    ]
    steps = [("draft", "submitted"), ("submitted", "approved")]
    history = entry.history.order_by("id").values_list("from_status", "to_status")
    assert list(history) == steps
    assert Claim.objects.get().entry == entry
    assert Filing.objects.get().done
    assert (result.counts, result.repeated) == ({"approved": 1}, False)


@pytest.mark.parametrize(
    ("mode", "status"),
    [("system", "approved"), ("manual", "in_review"), ("system_then_manual", "in_review")],
)
def test_the_review_mode_decides_over_what_passed(mode, status):
    opened = open_campaign(review_mode=mode)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    result = file(registration, opened.venue, items_of(registration))
    assert statuses(result) == [status]
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("mode", "status"),
    [("system", "rejected"), ("manual", "in_review"), ("system_then_manual", "rejected")],
)
def test_only_in_a_manual_venue_may_a_person_overrule_the_system(mode, status):
    opened = open_campaign(review_mode=mode)
    RequirementFactory(version=opened.version, code="ship")
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    result = file(registration, opened.venue, items_of(registration, ship_time_hours=49))
    assert statuses(result) == [status]
    assert codes(result.rows[0]) == ["ship"]


@pytest.mark.parametrize(
    ("hours", "status"), [(48, "approved"), (49, "rejected"), (None, "in_review")]
)
def test_what_cannot_be_answered_goes_to_a_person(opened, registration, hours, status):
    RequirementFactory(version=opened.version, code="ship", missing="hold")
    result = file(registration, opened.venue, items_of(registration, ship_time_hours=hours))
    assert statuses(result) == [status]
    entry = result.rows[0].entry
    assert entry.held == (hours is None)
    outcomes = [finding.outcome for finding in result.rows[0].findings]
    assert outcomes == {48: [], 49: ["fail"], None: ["hold"]}[hours]


def test_a_rejected_row_keeps_every_reason_with_its_grounds(opened, registration):
    RequirementFactory(version=opened.version, code="ship", position=1)
    RequirementFactory(
        version=opened.version,
        code="price",
        position=2,
        require=["entry.activity_price", "<=", {"metric": "item.list_price"}],
    )
    RequirementFactory(
        version=opened.version,
        code="shop",
        position=3,
        subject="seller",
        require=["seller.shop_type", "==", "tmall"],
    )
    (item,) = items_of(registration, ship_time_hours=49)
    row = file(registration, opened.venue, [item], price="100.01").rows[0]
    assert row.status == "rejected"
    assert codes(row) == ["ship", "price", "shop"]
    ground = row.findings[1].grounds.get()
    assert (ground.metric, ground.measured, ground.comparator, ground.threshold) == (
        "entry.activity_price",
        "100.01",
        "<=",
        "100.00",
    )
    finding = row.findings[0]
    assert (finding.stage, finding.action, finding.at, finding.version) == (
        "admission",
        "reject",
        FILED,
        opened.version,
    )
    assert row.entry.decided_at == FILED
    assert not Claim.objects.exists()
    tallies = TallyDelta.objects.filter(name__startswith="refused.").order_by("name")
    assert list(tallies.values_list("name", "delta")) == [
        ("refused.price", 1),
        ("refused.ship", 1),
        ("refused.shop", 1),
    ]


def test_process_reasons_and_requirements_are_given_together(opened, registration):
    RequirementFactory(version=opened.version, code="ship")
    items = items_of(registration, ship_time_hours=49)
    at = local("2023-05-16 19:00")
    result = file(registration, opened.venue, items, at=at)
    assert sorted(codes(result.rows[0])) == ["registration_paused", "ship"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-25 14:59:59", ["window_closed"]),
        ("2023-04-25 15:00:00", []),
        ("2023-05-16 17:59:59", []),
        ("2023-05-16 18:00:00", ["registration_paused"]),
        ("2023-05-16 20:29:59", ["registration_paused"]),
        ("2023-05-16 20:30:00", []),
        ("2023-05-20 23:59:59", []),
        ("2023-05-21 00:00:00", ["window_closed"]),
    ],
)
def test_items_are_filed_within_the_window(opened, registration, text, expected):
    result = file(registration, opened.venue, items_of(registration), at=local(text))
    assert codes(result.rows[0]) == expected
    assert statuses(result) == ["rejected" if expected else "approved"]


@pytest.mark.parametrize("status", Registration.Status.values)
def test_only_a_joined_seller_files(opened, status):
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status=status
    )
    result = file(registration, opened.venue, items_of(registration))
    expected = [] if status == "joined" else ["not_registered"]
    assert codes(result.rows[0]) == expected


def test_a_registration_that_ends_while_rows_are_checked_files_nothing(
    opened, registration, monkeypatch
):
    """The seller withdraws between the checks and the settling of the same request."""
    lock = holdings.lock_registrations

    def withdraw_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        withdraw_registration(registration=registration, at=FILED, actor=None)
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", withdraw_first)
    result = file(registration, opened.venue, items_of(registration))
    assert codes(result.rows[0]) == ["not_registered"]
    assert not Claim.objects.exists()


def test_a_suspended_campaign_takes_nothing(opened, registration):
    opened.campaign.state = "suspended"
    opened.campaign.save()
    result = file(registration, opened.venue, items_of(registration))
    assert codes(result.rows[0]) == ["campaign_suspended"]


def test_once_filing_has_ended_the_venues_contact_is_named(opened, registration):
    opened.terms.contact = "women@example.org"
    opened.terms.save()
    VenueAssignmentFactory(venue=opened.venue, user__first_name="Li", user__last_name="Na")
    VenueAssignmentFactory(venue=opened.venue)
    cleared, other = items_of(registration, 2)
    old = EntryFactory(
        registration=registration, venue=opened.venue, item=cleared, status="cleared_out"
    )
    closing = local("2023-05-21")
    result = file(registration, opened.venue, [cleared, other], at=closing - timedelta(seconds=1))
    assert statuses(result) == ["approved", "approved"]
    result = file(registration, opened.venue, [cleared, other], key="two", at=closing)
    named = {
        "closed_at": "2023-05-21T00:00:00+08:00",
        "contact": "women@example.org",
        "owner": "Li Na",
    }
    assert [row.findings[0].params for row in result.rows] == [
        named | {"cleared_out": old.pk},
        named,
    ]
    early = file(registration, opened.venue, [other], key="three", at=local("2023-04-20"))
    assert set(early.rows[0].findings[0].params) == {"opens_at"}


def test_a_venue_that_nobody_is_assigned_to_names_the_campaigns_owner(opened, registration):
    opened.campaign.owner = UserFactory(first_name="Wang", last_name="Wei")
    opened.campaign.save()
    result = file(registration, opened.venue, items_of(registration), at=local("2023-05-21"))
    assert result.rows[0].findings[0].params["owner"] == "Wang Wei"


def test_a_venues_owner_is_named_before_those_who_review_there(opened, registration):
    VenueAssignmentFactory(venue=opened.venue, user__first_name="Li", user__last_name="Na")
    opened.venue.owner = UserFactory(first_name="Chen", last_name="Lan")
    opened.venue.save()
    result = file(registration, opened.venue, items_of(registration), at=local("2023-05-21"))
    assert result.rows[0].findings[0].params["owner"] == "Chen Lan"


def test_what_comes_from_a_source_that_nobody_knows_is_refused_and_logged(
    opened, registration, caplog
):
    def brought(source, item):
        return file_entries(
            registration=registration,
            venue=opened.venue,
            rows=[FilingRow(item.code, Decimal("88.00"))],
            at=FILED,
            actor=None,
            key=source,
            source=source,
        )

    known, other = items_of(registration, 2)
    assert statuses(brought("import", known)) == ["approved"]
    assert not caplog.records
    result = brought("another-site", other)
    assert statuses(result) == ["rejected"]
    assert [(f.code, f.params) for f in result.rows[0].findings] == [
        ("unknown_source", {"source": "another-site"})
    ]
    assert "another-site" in caplog.text
    assert Entry.objects.get(item=other).source == "import"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [({"takes_registrations": False}, "venue_closed"), ({"invitation_only": True}, "not_invited")],
)
def test_a_venue_may_not_be_open_to_sellers(terms, expected):
    opened = open_campaign(**terms)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    (item,) = items_of(registration)
    assert codes(file(registration, opened.venue, [item]).rows[0]) == [expected]
    result = file_entries(
        registration=registration,
        venue=opened.venue,
        rows=[FilingRow(item.code, "88.00")],
        at=local("2023-06-01"),
        actor=None,
        key="platform",
        source="platform",
    )
    # What the platform picks itself goes in, its source recorded.
    assert [(row.status, row.entry.source) for row in result.rows] == [("approved", "platform")]


def test_rows_that_are_wrong_in_themselves(opened, registration):
    RequirementFactory(version=opened.version, code="shop", require=["item.stock", ">=", 1])
    mine, other = items_of(registration)[0], ItemFactory()
    result = file(
        registration,
        opened.venue,
        [mine, FilingRow("nowhere", "1"), other, mine, FilingRow(mine.code, "9.999")],
    )
    assert [(row.line, row.status, codes(row)) for row in result.rows] == [
        (1, "approved", []),
        (2, "rejected", ["unknown_item"]),
        (3, "rejected", ["not_your_item"]),
        (4, "rejected", ["duplicate_row"]),
        (5, "rejected", ["price_unreadable", "duplicate_row"]),
    ]
    # Nothing of somebody else's item is stored or told.
    assert not Entry.objects.filter(item=other).exists()
    assert result.rows[2].findings[0].params == {"line": 3, "item": other.code}
    assert result.rows[3].findings[0].params == {"line": 1}


@pytest.mark.parametrize("price", ["-1", "9.999", "abc", "NaN", "100000000000000", 1.5])
def test_a_price_that_no_column_holds_is_refused_with_its_row(opened, registration, price):
    (item,) = items_of(registration)
    result = file(registration, opened.venue, [FilingRow(item.code, price)])
    assert codes(result.rows[0]) == ["price_unreadable"]
    assert result.rows[0].findings[0].params == {"given": str(price)}


@pytest.mark.parametrize(
    ("price", "status"),
    [(None, "rejected"), ("", "rejected"), ("0.00", "rejected"), ("0.01", "approved")],
)
def test_a_blank_price_is_refused_by_the_rulebook(opened, registration, price, status):
    RequirementFactory(
        version=opened.version, code="given", require=["entry.activity_price", ">", 0]
    )
    (item,) = items_of(registration)
    result = file(registration, opened.venue, [FilingRow(item.code, price)])
    assert statuses(result) == [status]
    assert codes(result.rows[0]) == ([] if status == "approved" else ["given"])


@pytest.mark.parametrize(
    ("given", "stock", "recommended", "expected"),
    [
        (None, True, False, "stock_list"),
        (None, True, True, "recommended_list"),
        (None, False, False, None),
        (None, None, None, None),
        ("stock_list", True, True, "stock_list"),
        ("recommended_list", True, False, "recommended_list"),
    ],
)
def test_the_list_is_as_given_or_the_one_that_costs_no_place(
    opened, registration, given, stock, recommended, expected
):
    items = items_of(registration, on_stock_list=stock, recommended=recommended)
    result = file(registration, opened.venue, items, list_source=given)
    assert result.rows[0].entry.list_source == expected


def test_an_item_stands_once_in_a_venue(opened, registration):
    (item,) = items_of(registration)
    first = file(registration, opened.venue, [item]).rows[0].entry
    result = file(registration, opened.venue, [item], key="two")
    (row,) = result.rows
    assert (row.status, codes(row)) == ("rejected", ["already_claimed"])
    assert row.findings[0].params == {
        "scope": f"venue:{opened.venue.pk}",
        "entry": first.pk,
        "venue": "main",
        "status": "approved",
    }
    assert Claim.objects.get().entry == first


def test_an_item_may_be_filed_again_after_it_ended(opened, registration):
    (item,) = items_of(registration)
    EntryFactory(registration=registration, item=item, venue=opened.venue, status="rejected")
    assert statuses(file(registration, opened.venue, [item])) == ["approved"]


def test_a_claim_over_the_campaign_names_the_other_venue(opened, registration):
    ClaimScopeFactory(version=opened.version, code="one_venue")
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    (item,) = items_of(registration)
    assert statuses(file(registration, opened.venue, [item])) == ["approved"]
    (row,) = file(registration, branch, [item], key="two").rows
    assert codes(row) == ["already_claimed"]
    assert row.findings[0].params["venue"] == "main"
    # The branch's own claim was not left behind.
    assert Claim.objects.filter(scope=f"venue:{branch.pk}").count() == 0


def test_a_venue_kind_takes_the_claim_of_another_over(opened, registration):
    ClaimScopeFactory(version=opened.version, code="best", takeovers=[["branch", "main"]])
    QuotaFactory(version=opened.version, ceiling=1)
    branch = VenueTermsFactory(version=opened.version, code="branch", kind="branch").venue
    (item,) = items_of(registration)
    old = file(registration, opened.venue, [item]).rows[0].entry
    (row,) = file(registration, branch, [item], key="two").rows
    # The place that the old entry gives up is the new one's.
    assert row.status == "approved"
    old.refresh_from_db()
    assert (old.status, old.move.cause) == ("superseded", "takeover")
    assert {claim.entry_id for claim in Claim.objects.all()} == {row.entry.pk}
    # Not the other way round.
    (row,) = file(registration, opened.venue, [item], key="three").rows
    assert codes(row) == ["already_claimed"]


def test_places_are_taken_in_file_order(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=2)
    RequirementFactory(version=opened.version, code="ship")
    bad, *good = [*items_of(registration, ship_time_hours=49), *items_of(registration, 3)]
    result = file(registration, opened.venue, [bad, *good])
    assert statuses(result) == ["rejected", "approved", "approved", "rejected"]
    assert codes(result.rows[3]) == ["quota_full"]
    assert result.rows[3].findings[0].params == {"quota": "stock", "ceiling": 2, "used": 2}
    assert Claim.objects.count() == 2


def test_a_refused_claim_takes_no_place(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=2)
    items = items_of(registration, 2)
    file(registration, opened.venue, items[:1])
    again = file(registration, opened.venue, items, key="two")
    assert statuses(again) == ["rejected", "approved"]
    assert codes(again.rows[0]) == ["already_claimed"]


def test_the_same_key_again_changes_nothing(opened, registration):
    items = items_of(registration, 2)
    first = file(registration, opened.venue, items)
    second = file(registration, opened.venue, items)
    assert (first.repeated, second.repeated) == (False, True)
    assert [row.entry.pk for row in first.rows] == [row.entry.pk for row in second.rows]
    assert (Entry.objects.count(), Filing.objects.count()) == (2, 1)
    assert {entry.history.count() for entry in Entry.objects.all()} == {2}


def test_a_filing_that_was_cut_off_is_taken_up_as_of_its_own_time(
    opened, registration, monkeypatch
):
    items = items_of(registration, 2)
    with monkeypatch.context() as patch:
        patch.setattr(filing, "_settle", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file(registration, opened.venue, items)
    assert set(Entry.objects.values_list("status", flat=True)) == {"draft"}
    # The client tries again after the window has closed.
    result = file(registration, opened.venue, items, at=local("2023-05-22"))
    assert statuses(result) == ["approved", "approved"]
    assert Entry.objects.count() == 2
    assert result.rows[0].entry.submitted_at == FILED


def test_the_same_request_is_settled_by_another_process_meanwhile(
    opened, registration, monkeypatch
):
    RequirementFactory(version=opened.version, code="ship")
    items = items_of(registration, 1) + items_of(registration, 1, ship_time_hours=49)
    lock = holdings.lock_registrations

    def same_request_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        assert not file(registration, opened.venue, items).repeated
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", same_request_first)
    result = file(registration, opened.venue, items)
    assert result.repeated
    assert statuses(result) == ["approved", "rejected"]
    assert [entry.history.count() for entry in Entry.objects.order_by("line")] == [2, 1]
    assert Finding.objects.count() == 1
    assert TallyDelta.objects.get(name="refused.ship").delta == 1


def test_a_key_is_for_one_venue(opened, registration):
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    items = items_of(registration)
    file(registration, opened.venue, items)
    with pytest.raises(UnreadableRequest, match="another venue"):
        file(registration, branch, items)


@pytest.mark.parametrize(
    ("rows", "key", "message"),
    [
        ([], "k", "no rows"),
        ([FilingRow("a")] * 5001, "k", "5001 rows; at most 5000"),
        ([FilingRow("a")], "", "a key of 1 to 64"),
        ([FilingRow("a")], "k" * 65, "a key of 1 to 64"),
        ([FilingRow("")], "k", "row 1: no item code"),
        ([FilingRow("a"), FilingRow("b", list_source="x")], "k", "row 2: unknown list 'x'"),
        ([FilingRow("a", tools=("",))], "k", "row 1: a tool's code"),
    ],
)
def test_an_unreadable_request_stores_nothing(opened, registration, rows, key, message):
    with pytest.raises(UnreadableRequest, match=message):
        file(registration, opened.venue, rows, key=key)
    assert not Filing.objects.exists()
    assert not Finding.objects.exists()


def test_another_campaigns_venue_is_unreadable(registration):
    with pytest.raises(UnreadableRequest, match="another campaign"):
        file(registration, open_campaign().venue, items_of(registration))


def test_the_seller_gets_one_notice_for_each_outcome(opened, registration):
    RequirementFactory(version=opened.version, code="ship")
    items = [*items_of(registration, 2), *items_of(registration, 3, ship_time_hours=72)]
    result = file(registration, opened.venue, items)
    notices = Notice.objects.order_by("cause")
    assert [(n.cause, n.key, n.state, n.lines.count()) for n in notices] == [
        ("approved", f"filing:{result.filing.pk}", "ready", 2),
        ("rejected", f"filing:{result.filing.pk}", "ready", 3),
    ]


def test_tallies_follow(opened, registration):
    RequirementFactory(version=opened.version, code="ship")
    items = [*items_of(registration, 2), *items_of(registration, 1, ship_time_hours=72)]
    file(registration, opened.venue, items)
    totals = {}
    for delta in TallyDelta.objects.filter(venue=opened.venue):
        totals[delta.name] = totals.get(delta.name, 0) + delta.delta
    assert totals == {
        "status.submitted": 0,
        "status.approved": 2,
        "status.rejected": 1,
        "moved.draft.submitted": 2,
        "moved.draft.rejected": 1,
        "moved.submitted.approved": 2,
        "refused.ship": 1,
    }


@pytest.mark.parametrize("hours", [48, 49])
def test_the_number_of_queries_does_not_grow_with_the_rows(opened, hours):
    QuotaFactory(version=opened.version, code="stock", ceiling=600)
    ClaimScopeFactory(version=opened.version, code="one_venue")
    RequirementFactory(version=opened.version, code="ship")
    counts = {}
    for number in (1, 3, 600):
        seller = SellerFactory()
        registration = RegistrationFactory(
            campaign=opened.campaign, version=opened.version, seller=seller
        )
        items = items_of(registration, number, ship_time_hours=hours)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            result = file(registration, opened.venue, items)
        assert len(set(statuses(result))) == 1
        counts[number] = len(captured)
    assert counts[1] == counts[3] == counts[600]

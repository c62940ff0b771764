"""What a row that is filed comes to, and every reason kept."""

from decimal import Decimal

import pytest

from campaigns.models import (
    Claim,
    Entry,
    EntryTool,
    Filing,
    TallyDelta,
)
from tests.campaigns.filing.filings import codes, file, items_of, statuses
from tests.factories import (
    FILED,
    RegistrationFactory,
    RequirementFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


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

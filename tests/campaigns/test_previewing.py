"""What a filing would bring equals what it brings, and asking leaves nothing."""

from decimal import Decimal

import pytest

from campaigns.models import (
    Claim,
    Entry,
    Filing,
    Finding,
    Move,
    Notice,
    Registration,
    TallyDelta,
)
from campaigns.registering import FilingRow, UnreadableRequest, file_entries, preview_entries
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    EntryFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


def preview(opened, seller, rows, at=FILED):
    return preview_entries(
        campaign=opened.campaign, seller=seller, venue=opened.venue, rows=rows, at=at
    )


@pytest.fixture
def opened():
    made = open_campaign()
    RequirementFactory(version=made.version, code="ship", position=1)
    RequirementFactory(
        version=made.version,
        code="price",
        position=2,
        require=["entry.activity_price", "<=", {"metric": "item.list_price"}],
        missing="hold",
    )
    return made


def test_every_requirement_is_told_with_measured_and_threshold(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    item = ItemFactory(seller=registration.seller, ship_time_hours=49)
    (row,) = preview(opened, registration.seller, [FilingRow(item.code, Decimal("100.00"))])
    assert (row.line, row.item, row.status, row.refusals) == (1, item.code, "rejected", [])
    assert [(r.code, r.outcome) for r in row.requirements] == [("ship", "fail"), ("price", "pass")]
    grounds = [r.grounds[0] for r in row.requirements]
    assert [(g.measured, g.threshold) for g in grounds] == [("49", "48"), ("100.00", "100.00")]


def test_nothing_stays(opened):
    QuotaFactory(version=opened.version, ceiling=1)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    items = ItemFactory.create_batch(2, seller=registration.seller)
    rows = [FilingRow(item.code, "88.00", tools=("x",)) for item in items]
    preview(opened, registration.seller, [*rows, FilingRow("nowhere", "1.00")])
    models = (Entry, Filing, Finding, Claim, Move, Notice, TallyDelta)
    assert [model.objects.count() for model in models] == [0] * len(models)
    assert list(Registration.objects.all()) == [registration]


def test_nothing_stays_after_an_error(opened, monkeypatch):
    from campaigns import previewing

    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    item = ItemFactory(seller=registration.seller)
    monkeypatch.setattr(previewing, "_judge", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        preview(opened, registration.seller, [FilingRow(item.code, "88.00")])
    assert not Entry.objects.exists()
    assert not Filing.objects.exists()


def test_who_has_not_joined_may_ask(opened):
    item = ItemFactory()
    (row,) = preview(opened, item.seller, [FilingRow(item.code, "88.00")])
    assert (row.status, [r.code for r in row.refusals]) == ("rejected", ["not_registered"])
    assert [r.outcome for r in row.requirements] == ["pass", "pass"]


def test_an_unreadable_request_is_refused(opened):
    with pytest.raises(UnreadableRequest):
        preview(opened, SellerFactory(), [])


@pytest.mark.parametrize("mode", ["system", "manual", "system_then_manual"])
@pytest.mark.parametrize("text", ["2023-05-10", "2023-05-16 19:00", "2023-05-21"])
def test_preview_equals_filing(mode, text):
    opened = open_campaign(review_mode=mode)
    version = opened.version
    RequirementFactory(version=version, code="ship", missing="hold")
    ClaimScopeFactory(version=version, code="campaign")
    QuotaFactory(version=version, code="stock", ceiling=4)
    registration = RegistrationFactory(campaign=opened.campaign, version=version)
    seller = registration.seller
    taken = EntryFactory(registration=registration, venue=opened.venue).item
    late, unknown = (
        ItemFactory(seller=seller, ship_time_hours=72),
        ItemFactory(seller=seller, ship_time_hours=None),
    )
    good = ItemFactory.create_batch(4, seller=seller)
    items = [good[0], late, taken, good[0], unknown, ItemFactory(), *good[1:]]
    rows = [FilingRow(item.code, "88.00") for item in items]
    rows += [FilingRow("nowhere", "88.00"), FilingRow(good[3].code, "x")]
    at = local(text)
    asked = preview(opened, seller, rows, at=at)
    filed = file_entries(
        registration=registration, venue=opened.venue, rows=rows, at=at, actor=None, key="k"
    )
    assert [row.status for row in asked] == [row.status for row in filed.rows]
    for one, other in zip(asked, filed.rows, strict=True):
        found = [r.code for r in one.refusals]
        found += [r.code for r in one.requirements if r.outcome != "pass"]
        assert sorted(found) == sorted(finding.code for finding in other.findings)


def test_the_number_of_queries_does_not_grow(opened, django_assert_max_num_queries):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)

    def count(number):
        items = ItemFactory.create_batch(number, seller=registration.seller)
        rows = [FilingRow(item.code, "88.00") for item in items]
        with django_assert_max_num_queries(90) as captured:
            preview(opened, registration.seller, rows)
        return len(captured)

    assert count(1) == count(3) == count(60)

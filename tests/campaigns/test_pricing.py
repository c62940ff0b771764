"""Price changes after filing: locks, raises and cuts, list prices, publishing again."""

from decimal import Decimal

import pytest

from campaigns import pricing
from campaigns.models import Entry
from campaigns.pricing import change_list_price, locks_on, reprice_entry, republish_entry
from sellers.models import ChangedSubject, ListPrice
from tests.factories import (
    EntryFactory,
    ItemFactory,
    ListPriceFactory,
    LockFactory,
    RegistrationFactory,
    RequirementFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-10 12:00")
LOCKED = local("2023-05-17 12:00")


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def entry(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    return EntryFactory(registration=registration, venue=opened.venue)


def codes(change):
    return [refusal.code for refusal in change.refusals]


@pytest.mark.parametrize(
    ("direction", "price", "accepted"),
    [
        ("raise", "88.01", False),
        ("raise", "87.99", True),
        ("raise", "88.00", True),
        ("cut", "88.01", True),
        ("cut", "87.99", False),
        ("any", "88.01", False),
        ("any", "87.99", False),
        ("any", "88.00", True),
    ],
)
def test_a_lock_refuses_its_direction(opened, entry, direction, price, accepted):
    LockFactory(version=opened.version, direction=direction)
    change = reprice_entry(entry=entry, price=Decimal(price), at=LOCKED, actor=None)
    assert change.accepted == accepted
    entry.refresh_from_db()
    assert entry.activity_price == Decimal(price if accepted else "88.00")
    assert entry.revision == (2 if accepted else 1)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("2023-05-14 23:59:59", True),
        ("2023-05-15 00:00:00", False),
        ("2023-05-20 23:59:59", False),
        ("2023-05-21 00:00:00", True),
    ],
)
def test_before_and_after_a_lock_a_raise_is_allowed(opened, entry, text, accepted):
    LockFactory(version=opened.version, code="lock")
    change = reprice_entry(entry=entry, price="88.01", at=local(text), actor=None)
    assert change.accepted == accepted
    if not accepted:
        (refusal,) = change.refusals
        assert (refusal.code, refusal.params) == (
            "price_locked",
            {
                "lock": "lock",
                "field": "entry.activity_price",
                "direction": "raise",
                "starts_at": "2023-05-15T00:00:00+08:00",
                "ends_at": "2023-05-21T00:00:00+08:00",
                "old": "88.00",
                "new": "88.01",
            },
        )


def test_a_lock_is_on_one_field(opened, entry):
    LockFactory(version=opened.version, field="item.list_price", direction="any")
    assert reprice_entry(entry=entry, price="88.01", at=LOCKED, actor=None).accepted


def test_a_value_that_was_not_known_is_any_change(opened):
    for direction in ("any", "raise", "cut"):
        LockFactory(version=opened.version, code=direction, direction=direction)
    arguments = {"metric": "entry.activity_price", "at": LOCKED}
    found = locks_on(opened.version, old=None, new=Decimal(1), **arguments)
    assert [refusal.params["lock"] for refusal in found] == ["any", "raise", "cut"]
    assert locks_on(opened.version, old=None, new=None, **arguments) == []


@pytest.mark.parametrize(("price", "accepted"), [("100.00", True), ("100.01", False)])
def test_a_raise_is_checked(opened, entry, price, accepted):
    RequirementFactory(
        version=opened.version,
        code="list",
        require=["entry.activity_price", "<=", {"metric": "item.list_price"}],
    )
    change = reprice_entry(entry=entry, price=price, at=AT, actor=None)
    assert change.accepted == accepted
    assert [finding.code for finding in change.findings] == ([] if accepted else ["list"])
    entry.refresh_from_db()
    assert (entry.activity_price, entry.revision) == (
        (Decimal("100.00"), 2) if accepted else (Decimal("88.00"), 1)
    )
    # The refusal is kept, with the price that was asked for.
    grounds = [(g.measured, g.threshold) for f in entry.findings.all() for g in f.grounds.all()]
    assert grounds == ([] if accepted else [("100.01", "100.00")])


def test_a_raise_is_not_held_against_what_fails_anyway(opened, entry):
    RequirementFactory(version=opened.version, code="ship", require=["item.stock", ">", 10**6])
    assert reprice_entry(entry=entry, price="88.01", at=AT, actor=None).accepted


def test_a_cut_is_not_checked(opened, entry):
    RequirementFactory(
        version=opened.version, code="least", require=["entry.activity_price", ">=", "80.00"]
    )
    assert reprice_entry(entry=entry, price="79.99", at=AT, actor=None).accepted


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ("0.00", "price_missing"),
        ("-1", "price_missing"),
        (None, "price_missing"),
        ("8.888", "price_unreadable"),
        ("cheap", "price_unreadable"),
    ],
)
def test_a_price_is_above_zero(entry, price, code):
    assert codes(reprice_entry(entry=entry, price=price, at=AT, actor=None)) == [code]


@pytest.mark.parametrize("status", Entry.Status.values)
def test_a_price_changes_while_the_entry_takes_part(opened, status):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entry = EntryFactory(registration=registration, venue=opened.venue, status=status)
    change = reprice_entry(entry=entry, price="80.00", at=AT, actor=None)
    taking_part = ["submitted", "in_review", "approved", "at_risk", "abnormal", "unpublished"]
    assert codes(change) == ([] if status in taking_part else ["already_ended"])


@pytest.mark.parametrize("price", ["80.00", "90.00"])
def test_of_two_changes_the_later_must_have_seen_the_first(entry, price):
    stale = Entry.objects.get(pk=entry.pk)
    assert reprice_entry(entry=entry, price="87.00", at=AT, actor=None).accepted
    assert codes(reprice_entry(entry=stale, price=price, at=AT, actor=None)) == ["changed"]
    entry.refresh_from_db()
    assert entry.activity_price == Decimal("87.00")


# --- list prices


def prices_of(item):
    rows = ListPrice.objects.filter(item=item).order_by("starts_at")
    return [(str(row.price), row.starts_at, row.ends_at) for row in rows]


@pytest.mark.parametrize("status", Entry.Status.values)
@pytest.mark.parametrize("price", ["99.99", "100.01"])
def test_a_list_price_is_locked_while_the_item_stands(opened, status, price):
    LockFactory(version=opened.version, field="item.list_price", direction="any")
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    entry = EntryFactory(registration=registration, venue=opened.venue, status=status)
    change = change_list_price(item=entry.item, price=price, at=LOCKED)
    live = status in {"approved", "at_risk", "abnormal", "unpublished"}
    assert codes(change) == (["price_locked"] if live else [])
    entry.item.refresh_from_db()
    assert entry.item.list_price == Decimal("100.00" if live else price)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("2023-05-14 23:59:59", True),
        ("2023-05-15 00:00:00", False),
        ("2023-05-20 23:59:59", False),
        ("2023-05-21 00:00:00", True),
    ],
)
def test_a_list_price_is_free_before_and_after(opened, entry, text, accepted):
    LockFactory(version=opened.version, field="item.list_price", direction="any")
    assert change_list_price(item=entry.item, price="90", at=local(text)).accepted == accepted


def test_another_campaigns_lock_does_not_count(entry):
    LockFactory(version=open_campaign().version, field="item.list_price", direction="any")
    assert change_list_price(item=entry.item, price="90", at=LOCKED).accepted


def test_a_new_list_price_ends_the_old_one_and_lasts_until_the_next():
    item = ItemFactory()
    ListPriceFactory(item=item, starts_at=local("2023-01-01"), ends_at=local("2023-05-19"))
    ListPriceFactory(item=item, price=Decimal("70.00"), starts_at=local("2023-05-19"))
    struck = ListPriceFactory(item=item, price=Decimal("200"), struck=True, starts_at=AT)
    assert change_list_price(item=item, price="90.00", at=AT).accepted
    struck.delete()
    assert prices_of(item) == [
        ("100.00", local("2023-01-01"), AT),
        ("90.00", AT, local("2023-05-19")),
        ("70.00", local("2023-05-19"), None),
    ]
    item.refresh_from_db()
    assert item.list_price == Decimal("90.00")
    assert ChangedSubject.objects.get().subject_id == item.pk


def test_a_new_list_price_keeps_the_stated_end():
    item, end = ItemFactory(), local("2023-05-12")
    ListPriceFactory(item=item, ends_at=end, stated_ends_at=end)
    change_list_price(item=item, price="90.00", at=AT)
    assert prices_of(item)[1] == ("90.00", AT, end)


def test_two_changes_in_one_instant_leave_the_last():
    item = ItemFactory()
    ListPriceFactory(item=item)
    for price in ("90.00", "80.00"):
        change_list_price(item=item, price=price, at=AT)
    assert prices_of(item) == [("100.00", local("2023-01-01"), AT), ("80.00", AT, None)]


def test_a_list_price_is_above_zero():
    assert codes(change_list_price(item=ItemFactory(), price="0", at=AT)) == ["price_missing"]


# --- publishing again


@pytest.fixture
def unpublished(opened):
    RequirementFactory(
        version=opened.version,
        code="parity",
        require=["entry.activity_price", "==", {"metric": "item.list_price"}],
        stages={"recheck": "unpublish"},
        position=1,
    )
    RequirementFactory(
        version=opened.version,
        code="flagged",
        require=["item.stock", ">", 10**6],
        stages={"recheck": "flag"},
        position=2,
    )
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    return EntryFactory(
        registration=registration,
        venue=opened.venue,
        status="unpublished",
        item=ItemFactory(seller=registration.seller, list_price=Decimal("88.01")),
    )


def test_an_entry_is_published_again_when_its_cause_is_gone(unpublished):
    change = republish_entry(entry=unpublished, at=AT, actor=None)
    assert [finding.code for finding in change.findings] == ["parity"]
    unpublished.refresh_from_db()
    assert unpublished.status == "unpublished"
    finding = unpublished.findings.get()
    assert (finding.stage, finding.code, finding.action) == ("recheck", "parity", "unpublish")
    unpublished.item.list_price = Decimal("88.00")
    unpublished.item.save()
    assert republish_entry(entry=unpublished, at=AT, actor=None).accepted
    unpublished.refresh_from_db()
    assert (unpublished.status, unpublished.move.cause) == ("approved", "seller")


@pytest.mark.parametrize("status", sorted(set(Entry.Status.values) - {"unpublished"}))
def test_only_unpublished_entries_are_published_again(opened, status):
    entry = EntryFactory(venue=opened.venue, status=status)
    assert codes(republish_entry(entry=entry, at=AT, actor=None)) == ["not_unpublished"]


def test_an_entry_edited_meanwhile_is_not_published(unpublished, monkeypatch):
    unpublished.item.list_price = Decimal("88.00")
    unpublished.item.save()
    refresh = pricing.refresh

    def edited_first(*args, **kwargs):
        Entry.objects.filter(pk=unpublished.pk).update(revision=2, activity_price="100")
        return refresh(*args, **kwargs)

    monkeypatch.setattr(pricing, "refresh", edited_first)
    change = republish_entry(entry=unpublished, at=AT, actor=None)
    assert not change.accepted
    unpublished.refresh_from_db()
    assert unpublished.status == "unpublished"

"""Filing in a venue by invitation: under an invitation, or as a free choice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import BonusGrant, Entry, Invitation
from campaigns.registering import FilingRow, file_entries, preview_entries
from tests.factories import (
    FILED,
    BonusFactory,
    EntryFactory,
    InvitationFactory,
    ItemFactory,
    QualificationFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
LIVE = local("2023-05-17")


@pytest.fixture
def opened():
    return open_campaign(invitation_only=True)


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def items_of(registration, number=1):
    return ItemFactory.create_batch(number, seller=registration.seller)


def rows_of(items):
    return [FilingRow(item.code, Decimal("88.00")) for item in items]


def file(registration, venue, items, key="one", at=FILED, **more):
    return file_entries(
        registration=registration,
        venue=venue,
        rows=rows_of(items),
        at=at,
        actor=None,
        key=key,
        **more,
    )


def outcomes(result):
    """Status and place of each row, or the reasons against it."""
    return [
        (row.status, row.entry.slot_source, [finding.code for finding in row.findings])
        for row in result.rows
    ]


def free_choice(version, ceiling, code="free", **more):
    return QuotaFactory(version=version, code=code, ceiling=ceiling, free_choice=True, **more)


def test_only_the_invited_item_of_the_invited_seller_is_taken(opened, registration):
    invited, other = items_of(registration, 2)
    InvitationFactory(venue=opened.venue, seller=registration.seller, item=invited)
    InvitationFactory(venue=opened.venue)
    result = file(registration, opened.venue, [invited, other])
    assert outcomes(result) == [
        ("approved", "invitation", []),
        ("rejected", "", ["not_invited"]),
    ]


def test_an_invitation_of_the_seller_takes_any_item(opened, registration):
    InvitationFactory(venue=opened.venue, seller=registration.seller)
    result = file(registration, opened.venue, items_of(registration, 2))
    assert outcomes(result) == [("approved", "invitation", [])] * 2


def test_an_invitation_to_another_venue_is_none_to_this(opened, registration):
    other = VenueTermsFactory(version=opened.version, code="other", invitation_only=True).venue
    InvitationFactory(venue=other, seller=registration.seller)
    result = file(registration, opened.venue, items_of(registration))
    assert outcomes(result) == [("rejected", "", ["not_invited"])]


@pytest.mark.parametrize(
    ("invitation", "taken"),
    [
        ({"issued_at": FILED}, True),
        ({"issued_at": FILED + SECOND}, False),
        ({"expires_at": FILED}, False),
        ({"expires_at": FILED + SECOND}, True),
        ({"state": Invitation.State.SEEN}, True),
        ({"state": Invitation.State.ACCEPTED}, True),
        ({"state": Invitation.State.DECLINED}, False),
        ({"state": Invitation.State.REVOKED}, False),
    ],
)
def test_an_invitation_must_be_open(opened, registration, invitation, taken):
    InvitationFactory(venue=opened.venue, seller=registration.seller, **invitation)
    result = file(registration, opened.venue, items_of(registration))
    assert outcomes(result) == [
        ("approved", "invitation", []) if taken else ("rejected", "", ["not_invited"])
    ]


def test_filing_under_an_invitation_accepts_it_and_a_refusal_does_not(opened, registration):
    RequirementFactory(version=opened.version, code="ship")
    good, bad = items_of(registration, 2)
    bad.ship_time_hours = 49
    bad.save()
    for item in (good, bad):
        InvitationFactory(venue=opened.venue, seller=registration.seller, item=item)
    file(registration, opened.venue, [good, bad])
    assert list(Invitation.objects.order_by("id").values_list("state", "answered_at")) == [
        ("accepted", FILED),
        ("issued", None),
    ]


def test_the_last_free_places_go_in_file_order(opened, registration):
    free_choice(opened.version, 2)
    invited, *others = items_of(registration, 4)
    InvitationFactory(venue=opened.venue, seller=registration.seller, item=invited)
    result = file(registration, opened.venue, [*others[:1], invited, *others[1:]])
    assert outcomes(result) == [
        ("approved", "free", []),
        ("approved", "invitation", []),
        ("approved", "free", []),
        ("rejected", "", ["quota_full"]),
    ]
    assert result.rows[3].findings[0].params == {"quota": "free", "ceiling": 2, "used": 2}


def test_a_row_that_is_refused_uses_no_free_place(opened, registration):
    free_choice(opened.version, 1)
    RequirementFactory(version=opened.version, code="ship")
    bad, good = items_of(registration, 2)
    bad.ship_time_hours = 49
    bad.save()
    result = file(registration, opened.venue, [bad, good])
    assert [row.status for row in result.rows] == ["rejected", "approved"]


def test_without_a_free_choice_to_speak_of_the_seller_is_not_invited(opened, registration):
    free_choice(opened.version, 0)
    BonusFactory(version=opened.version, code="gold", places=8,
                 when=["seller.qualifications", "contains", "gold"])  # fmt: skip
    result = file(registration, opened.venue, items_of(registration))
    assert outcomes(result) == [("rejected", "", ["not_invited"])]
    (free,) = result.rows[0].findings[0].params["free_choices"]
    assert (free["quota"], free["ceiling"]) == ("free", 0)
    assert [(g["code"], g["given"], g.get("reason")) for g in free["grants"]] == [
        ("free", 0, None),
        ("gold", 0, "bonus_condition"),
    ]


def test_free_choices_are_used_in_rulebook_order(opened, registration):
    free_choice(opened.version, 1, "first", position=1)
    free_choice(opened.version, 2, "second", position=2)
    result = file(registration, opened.venue, items_of(registration, 4))
    assert outcomes(result) == [
        ("approved", "first", []),
        ("approved", "second", []),
        ("approved", "second", []),
        ("rejected", "", ["quota_full", "quota_full"]),
    ]
    assert dict(Entry.objects.filter(status="approved").values_list("line", "slot_source")) == {
        1: "first",
        2: "second",
        3: "second",
    }


def test_a_free_choice_of_another_kind_of_venues_is_none_here(opened, registration):
    free_choice(opened.version, 5, venue_kinds=["outer"])
    VenueTermsFactory(version=opened.version, code="outer", kind="outer")
    result = file(registration, opened.venue, items_of(registration))
    assert outcomes(result) == [("rejected", "", ["not_invited"])]


def test_another_quota_counts_what_is_invited_alone(opened, registration):
    QuotaFactory(
        version=opened.version,
        code="invited",
        ceiling=1,
        where=["entry.slot_source", "==", "invitation"],
    )
    free_choice(opened.version, 1)
    first, second, other = items_of(registration, 3)
    for item in (first, second):
        InvitationFactory(venue=opened.venue, seller=registration.seller, item=item)
    result = file(registration, opened.venue, [first, other, second])
    assert outcomes(result) == [
        ("approved", "invitation", []),
        ("approved", "free", []),
        ("rejected", "", ["quota_full"]),
    ]


def test_a_requirement_may_ask_where_the_place_comes_from(opened, registration):
    RequirementFactory(
        version=opened.version,
        code="deep_stock",
        applies_when=["entry.slot_source", "!=", "invitation"],
        require=["item.stock", ">=", 501],
    )
    free_choice(opened.version, 5)
    invited, other = items_of(registration, 2)
    InvitationFactory(venue=opened.venue, seller=registration.seller, item=invited)
    result = file(registration, opened.venue, [invited, other])
    assert [row.status for row in result.rows] == ["approved", "rejected"]


def test_a_lost_bonus_leaves_what_was_filed_and_gives_no_more(opened, registration):
    free_choice(opened.version, 0)
    BonusFactory(version=opened.version, code="gold", places=2,
                 when=["seller.qualifications", "contains", "gold"])  # fmt: skip
    held = QualificationFactory(seller=registration.seller, code="gold")
    first, second, third, fourth = items_of(registration, 4)
    file(registration, opened.venue, [first, second])
    held.valid_to = FILED + SECOND
    held.save()
    later = FILED + 2 * SECOND
    assert outcomes(file(registration, opened.venue, [third], "two", later)) == [
        ("rejected", "", ["quota_full"])
    ]
    assert Entry.objects.filter(status="approved").count() == 2
    QualificationFactory(seller=registration.seller, code="gold", valid_from=later)
    Entry.objects.filter(item=first).update(status="withdrawn")
    assert outcomes(file(registration, opened.venue, [fourth], "three", later)) == [
        ("approved", "free", [])
    ]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (local("2023-05-16 19:59:59"), "rejected"),
        (local("2023-05-16 20:00"), "approved"),
        (local("2023-05-20 23:59:59"), "approved"),
    ],
)
def test_places_of_a_bonus_are_used_in_its_window(opened, registration, at, status):
    opened.version.pause_set.all().delete()
    free_choice(opened.version, 0)
    BonusFactory(version=opened.version, code="carts", file_in="live")
    result = file(registration, opened.venue, items_of(registration), at=at)
    assert [row.status for row in result.rows] == [status]


def test_a_kept_bonus_is_granted_with_the_filing_that_uses_it(opened, registration):
    free_choice(opened.version, 0)
    BonusFactory(version=opened.version, code="carts", places=1, kept=True,
                 when=["seller.growth_level", ">=", 5])  # fmt: skip
    first, second = items_of(registration, 2)
    file(registration, opened.venue, [first, second])
    grant = BonusGrant.objects.get()
    assert (grant.bonus_code, grant.granted_at, grant.places) == ("carts", FILED, 1)
    registration.seller.growth_level = 4
    registration.seller.save()
    Entry.objects.filter(status="approved").update(status="withdrawn")
    (third,) = items_of(registration)
    assert outcomes(file(registration, opened.venue, [third], "two", FILED + SECOND)) == [
        ("approved", "free", [])
    ]


def test_a_preview_tells_and_keeps_nothing(opened, registration):
    free_choice(opened.version, 0)
    BonusFactory(version=opened.version, places=1, kept=True)
    invited, first, second = items_of(registration, 3)
    InvitationFactory(venue=opened.venue, seller=registration.seller, item=invited)
    found = preview_entries(
        campaign=opened.campaign,
        seller=registration.seller,
        venue=opened.venue,
        rows=rows_of([invited, first, second]),
        at=FILED,
    )
    assert [(row.status, [r.code for r in row.refusals]) for row in found] == [
        ("approved", []),
        ("approved", []),
        ("rejected", ["quota_full"]),
    ]
    assert not BonusGrant.objects.exists()
    assert Invitation.objects.get().state == "issued"


def test_what_the_platform_brings_needs_no_invitation(opened, registration):
    result = file(registration, opened.venue, items_of(registration), source=Entry.Source.PLATFORM)
    assert outcomes(result) == [("approved", "", [])]


def test_the_number_of_queries_does_not_grow_with_the_rows(opened):
    free_choice(opened.version, 1, "first", position=1)
    free_choice(opened.version, 600, "second", position=2)
    BonusFactory(version=opened.version, quota="second", kept=True)
    counts = {}
    for number in (4, 12, 600):
        registration = RegistrationFactory(
            campaign=opened.campaign, version=opened.version, seller=SellerFactory()
        )
        invited, *others = items_of(registration, number)
        InvitationFactory(venue=opened.venue, seller=registration.seller, item=invited)
        with CaptureQueriesContext(connection) as captured:
            result = file(registration, opened.venue, [invited, *others])
        assert {row.status for row in result.rows} == {"approved"}
        counts[number] = len(captured)
    assert counts[4] == counts[12] == counts[600]
    assert EntryFactory._meta.model.objects.filter(slot_source="second").count() == 2 + 10 + 598

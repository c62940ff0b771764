"""Places: ceilings by level and allotment, what counts, and which quota applies where."""

import pytest

from campaigns.models import Entry
from campaigns.quotas import QuotaBook, clamp, places_of
from tests.factories import (
    FILED,
    AllotmentFactory,
    EntryFactory,
    ParameterRowFactory,
    ParameterTableFactory,
    QuotaFactory,
    RegistrationFactory,
    SellerFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def table(version, code, rows, default=None):
    made = ParameterTableFactory(
        version=version,
        code=code,
        keys=["seller.growth_level", "seller.industry_featured"],
        default=default,
    )
    for keys, value in rows:
        ParameterRowFactory(table=made, keys=keys, value=str(value))
    return {"table": code}


def place(registration, opened):
    (found,) = places_of(registration, version=opened.version, at=FILED)
    return found


@pytest.mark.parametrize("status", Entry.Status.values)
@pytest.mark.parametrize("keeps", [True, False])
def test_which_statuses_use_a_place(opened, registration, status, keeps):
    QuotaFactory(version=opened.version, ceiling=5, abnormal_keeps_place=keeps)
    EntryFactory(registration=registration, venue=opened.venue, status=status)
    uses = status in {"submitted", "in_review", "approved", "at_risk"} or (
        keeps and status in {"abnormal", "unpublished"}
    )
    found = place(registration, opened)
    assert (found.used, found.left) == (int(uses), 5 - int(uses))


def test_only_ones_own_entries_count(opened, registration):
    QuotaFactory(version=opened.version, ceiling=5)
    EntryFactory(venue=opened.venue)
    assert place(registration, opened).used == 0


@pytest.mark.parametrize(
    ("level", "featured", "ceiling"),
    [(1, True, 10), (3, False, 5), (4, True, 150), (4, None, 12), (9, True, 3), (None, True, 3)],
)
def test_the_ceiling_is_looked_up(opened, level, featured, ceiling):
    spec = table(
        opened.version,
        "ceilings",
        [
            ([{"from": 1, "to": 4}, True], 10),
            ([{"from": 1, "to": 4}, None], 5),
            ([4, True], 150),
            ([4, None], 12),
            ([{"missing": True}, None], 3),
        ],
        default="3",
    )
    QuotaFactory(version=opened.version, ceiling=spec)
    seller = SellerFactory(growth_level=level, industry_featured=featured)
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, seller=seller
    )
    assert place(registration, opened).ceiling == ceiling


def test_where_the_rulebook_sets_no_ceiling_there_is_none(opened, registration):
    spec = table(opened.version, "ceilings", [([1, None], 10)])
    QuotaFactory(version=opened.version, ceiling=spec)
    found = place(registration, opened)
    assert (found.ceiling, found.left) == (None, None)


@pytest.mark.parametrize(
    ("allotted", "floor", "top", "ceiling"),
    [
        (None, 3, 5, 5),
        (4, 3, 5, 4),
        (2, 3, 5, 3),
        (6, 3, 5, 5),
        (6, None, 5, 5),
        (0, None, 5, 0),
        (6, 3, None, 6),
        (None, 3, None, None),
        (10, 3, 3, 3),
    ],
)
def test_an_allotment_is_kept_within_the_range(allotted, floor, top, ceiling):
    assert clamp(allotted, floor=floor, top=top) == ceiling


@pytest.mark.parametrize(("by_quota", "ceiling"), [(True, 4), (False, 5)])
def test_an_allotment_counts_where_the_quota_is_allotted(opened, registration, by_quota, ceiling):
    QuotaFactory(version=opened.version, code="stock", ceiling=5, floor=3, allotted=by_quota)
    AllotmentFactory(
        campaign=opened.campaign, seller=registration.seller, quota_code="stock", places=4
    )
    AllotmentFactory(campaign=opened.campaign, quota_code="stock", places=3)
    found = place(registration, opened)
    assert (found.ceiling, found.top, found.floor) == (ceiling, 5, 3)
    assert found.allotted == (4 if by_quota else None)


def test_only_what_meets_the_condition_counts(opened, registration):
    QuotaFactory(version=opened.version, ceiling=5, where=["entry.list_source", "==", "stock_list"])
    for source in ("stock_list", "stock_list", "recommended_list", None):
        EntryFactory(registration=registration, venue=opened.venue, list_source=source)
    assert place(registration, opened).used == 2


def test_a_venues_quota_takes_the_place_of_the_general_one(opened, registration):
    special = VenueTermsFactory(version=opened.version, code="special").venue
    general = QuotaFactory(version=opened.version, code="general", position=1, ceiling=5)
    own = QuotaFactory(
        version=opened.version,
        code="special",
        position=2,
        ceiling=8,
        venue_code="special",
        replaces="general",
    )
    mine = EntryFactory(registration=registration, venue=opened.venue)
    theirs = EntryFactory(registration=registration, venue=special)
    found = places_of(registration, version=opened.version, at=FILED)
    assert [(p.quota, p.ceiling, p.used) for p in found] == [(general, 5, 1), (own, 8, 1)]
    book = QuotaBook(version=opened.version, registrations=[registration.pk], at=FILED)
    assert book.counted_ids([mine.pk, theirs.pk]) == {
        "general": {mine.pk},
        "special": {theirs.pk},
    }


def test_a_venues_quota_may_come_on_top_of_the_general_one(opened, registration):
    special = VenueTermsFactory(version=opened.version, code="special").venue
    QuotaFactory(version=opened.version, code="general", ceiling=5, position=1)
    QuotaFactory(
        version=opened.version, code="special", ceiling=2, venue_code="special", position=2
    )
    EntryFactory(registration=registration, venue=opened.venue)
    EntryFactory(registration=registration, venue=special)
    found = places_of(registration, version=opened.version, at=FILED)
    assert [(p.quota.code, p.used) for p in found] == [("general", 2), ("special", 1)]


def test_a_general_quota_that_replaces_another_is_alone(opened, registration):
    QuotaFactory(version=opened.version, code="old", ceiling=5)
    QuotaFactory(version=opened.version, code="new", ceiling=7, replaces="old")
    assert place(registration, opened).quota.code == "new"


def test_many_registrations_take_no_more_queries_than_one(opened, django_assert_max_num_queries):
    spec = table(opened.version, "ceilings", [([5, None], 10)], default="3")
    QuotaFactory(version=opened.version, ceiling=spec, floor=1, allotted=True)
    registrations = RegistrationFactory.create_batch(
        5, campaign=opened.campaign, version=opened.version
    )
    for number, registration in enumerate(registrations):
        EntryFactory.create_batch(number, registration=registration, venue=opened.venue)

    def look(some):
        ids = [registration.pk for registration in some]
        with django_assert_max_num_queries(40) as captured:
            found = QuotaBook(version=opened.version, registrations=ids, at=FILED).places()
        return found, len(captured)

    many, queries = look(registrations)
    assert [many[r.pk][0].used for r in registrations] == [0, 1, 2, 3, 4]
    assert look(registrations[:1])[1] == queries

"""What follows a filing: notices, tallies, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import (
    Notice,
    TallyDelta,
)
from tests.campaigns.filing.filings import file, items_of, statuses
from tests.factories import (
    ClaimScopeFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db


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

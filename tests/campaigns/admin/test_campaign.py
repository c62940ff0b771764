"""The list of campaigns."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import tallies
from campaigns.models import Entry, Tally, TallyDelta
from campaigns.permissions import OPERATOR
from config.roles import sync_roles
from tests.factories import CampaignFactory, UserFactory, VenueFactory
from tests.times import local

pytestmark = pytest.mark.django_db

LIST = "admin:campaigns_campaign_changelist"


@pytest.fixture
def operator(client):
    sync_roles()
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    return client


def counted(campaign, status, folded, written):
    """Let so many entries of a status be in the tallies, and so many in changes not folded yet."""
    day, name = local("2023-05-01 00:00").date(), f"status.{status}"
    venue = VenueFactory(campaign=campaign)
    Tally.objects.create(campaign=campaign, venue=venue, name=name, day=day, value=folded)
    TallyDelta.objects.create(campaign=campaign, venue=venue, name=name, day=day, delta=written)


def test_the_list_shows_what_is_live_and_waiting(operator):
    campaign, other = CampaignFactory(), CampaignFactory()
    counted(campaign, Entry.Status.APPROVED, 40, 2)
    counted(campaign, Entry.Status.ABNORMAL, 3, 0)
    counted(campaign, Entry.Status.IN_REVIEW, 7, -1)
    counted(campaign, Entry.Status.REJECTED, 100, 100)

    rows = operator.get(reverse(LIST)).context["cl"].result_list

    assert [(row.pk, row.live_count, row.waiting_count) for row in rows] == [
        (other.pk, 0, 0),
        (campaign.pk, 45, 6),
    ]
    assert tallies.totals(campaign)[f"{campaign.venues.first().code}", "status.approved"] == 42


def test_the_list_asks_as_much_for_one_campaign_as_for_many(operator):
    asked = []
    for more in (1, 2, 20):
        for campaign in CampaignFactory.create_batch(more):
            counted(campaign, Entry.Status.APPROVED, 1, 1)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            operator.get(reverse(LIST))
        asked.append(len(queries))
    assert asked[0] == asked[1] == asked[2]

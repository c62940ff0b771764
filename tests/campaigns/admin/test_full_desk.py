"""Pages of an operator and of a seller in Double 12 with 10,000 entries: none over 30 queries."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Delivery, Entry
from campaigns.permissions import OPERATOR
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from sellers import clock
from tests.factories import MembershipFactory, UserFactory
from tests.full_desk import AT, ENTRIES, full_desk

# Not within a transaction: there, what a process remembers of published rulebooks is not used.
pytestmark = pytest.mark.django_db(transaction=True)

MOST_QUERIES = 30


@pytest.fixture
def operator(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    sync_roles()
    user = UserFactory(is_staff=True, username="operator")
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def desk(operator):
    return full_desk(operator.user)


def admin(name, *args, **asked):
    address = reverse(f"admin:campaigns_{name}", args=args)
    return f"{address}?{urlencode(asked)}" if asked else address


def pages(desk):
    """The operator's pages."""
    campaign = desk.campaign.pk
    women = desk.campaign.venues.get(code="women").pk
    draft = new_draft(desk.campaign).pk
    return [
        reverse("admin:index"),
        admin("campaign_changelist"),
        admin("campaign_change", campaign),
        admin("campaign_slots", campaign),
        admin("campaign_release_results", campaign),
        admin("venue_changelist", campaign__id__exact=campaign),
        admin("venue_change", women),
        admin("venue_release_results", women),
        admin("rulebookversion_change", draft),
        admin("rulebookversion_venues_in", draft),
        admin("entry_changelist"),
        *(
            admin("entry_changelist", queue=queue)
            for queue in ("open", "decided", "overdue", "mine", "held", "all")
        ),
        admin("entry_changelist", venue_code="women"),
        admin("entry_changelist", venue_kind="branch"),
        admin("entry_changelist", status__exact="rejected", queue="all"),
        admin("entry_change", desk.refused.pk),
        admin("registration_changelist"),
        admin("registration_change", desk.registration.pk),
        admin("registration_revoke", desk.registration.pk),
        admin("cancellationrequest_changelist"),
        admin("release_changelist"),
        admin("revocation_changelist"),
        admin("invitation_changelist"),
        admin("invitation_upload"),
        admin("alert_changelist"),
        admin("delivery_changelist"),
        admin("delivery_change", Delivery.objects.latest("id").pk),
        admin("channel_changelist"),
        admin("roundresult_changelist"),
        admin("bonusgrant_changelist"),
        admin("shoptool_changelist"),
        admin("finding_changelist"),
    ]


def sellers_pages(desk):
    """Pages of a shop that the campaign has 50 entries of."""
    home = f"/seller/{desk.seller.pk}"
    campaign = f"{home}/campaigns/{desk.campaign.code}"
    entry = desk.seller.entries.first().pk
    return [
        f"{home}/campaigns/",
        f"{campaign}/",
        *(f"{campaign}/{page}/" for page in ("items", "rounds", "places", "tools", "leave")),
        f"{campaign}/tools/cashback/",
        f"{campaign}/venues/women/items/",
        f"{home}/entries/",
        f"{home}/entries/{entry}/",
        f"{home}/invitations/",
        f"{home}/inbox/",
        f"{home}/channels/",
    ]


def costly(client, addresses):
    """The addresses whose pages ask the database more than 30 times, with how often."""
    found = {}
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        if len(queries) > MOST_QUERIES:
            found[address] = len(queries)
    return found


def test_no_page_of_an_operator_takes_more_than_thirty_queries(operator, desk):
    assert Entry.objects.count() == ENTRIES
    assert costly(operator, pages(desk)) == {}


def test_no_page_of_a_seller_takes_more_than_thirty_queries(operator, desk, client):
    user = UserFactory(username="shop")
    MembershipFactory(seller=desk.seller, user=user)
    client.force_login(user)

    assert costly(client, sellers_pages(desk)) == {}


def test_the_queue_is_narrowed_by_venue_and_by_kind(operator, desk):
    def venues(**asked):
        rows = operator.get(admin("entry_changelist", **asked)).context["cl"].queryset
        return set(rows.values_list("venue__code", flat=True))

    assert venues(venue_code="women") == {"women"}
    kinds = desk.version.venueterms_set
    assert venues(venue_kind="branch") == set(
        kinds.filter(kind="branch").values_list("code", flat=True)
    )
    assert venues(venue_kind="main") == set()

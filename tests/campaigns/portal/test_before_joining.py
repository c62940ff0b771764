"""What the pages of a campaign that the shop has not joined cost, and say before its rules hold.

Outside transactions, as in an installation: inside one no published rulebook is remembered.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import published
from campaigns.models import Registration
from sellers import clock
from sellers.models import Seller
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    MembershipFactory,
    QuotaFactory,
    RequirementFactory,
    VenueTermsFactory,
)
from tests.rules.d12.world import World
from tests.times import local

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("campaign", "standing", "join")


def test_no_page_of_double12_costs_more_than_30_queries(client, tmp_path, monkeypatch):
    World.build(tmp_path)
    World(tmp_path).sellers({"code": "s2"}, {"code": "s3"})
    monkeypatch.setattr(clock, "now", lambda: local("2015-11-20 12:00"))
    spent = {}
    # s2 asks first, so that the process has read the rulebook; s3 has asked nothing yet.
    for code in ("s2", "s3"):
        seller = Seller.objects.get(code=code)
        client.force_login(MembershipFactory(seller=seller).user)
        for name in PAGES:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(reverse(f"portal:{name}", args=[seller.pk, "double12-2015"]))
            assert answer.status_code == 200
            spent[name] = len(queries)
    assert {name: number for name, number in spent.items() if number > 30} == {}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_the_same_for_1_row_3_and_many(pages, opened, codes, name):
    QuotaFactory(version=opened.version, code="first")
    spent = []
    for number in (0, 2, 30):
        for place in range(number):
            row = {"version": opened.version, "code": f"{number}-{place}"}
            RequirementFactory(
                **row,
                subject="seller",
                require=["seller.growth_level", ">=", place % 8],
                stages={"admission": "reject"},
            )
            VenueTermsFactory(**row)
            QuotaFactory(**row)
        published.forget()
        pages.get(name, codes[0])
        with CaptureQueriesContext(connection) as queries:
            pages.get(name, codes[0])
        spent.append(len(queries))
    assert spent == [spent[0]] * 3


def test_a_campaign_whose_rules_are_to_come_is_shown_and_cannot_be_joined(
    pages, opened, shop, codes
):
    opened.version.effective_at = local("2023-05-11")
    opened.version.save()
    for name in PAGES:
        pages.get(name, codes[0])
    answer = pages.client.post(pages.address("join", codes[0]), follow=True)
    assert "The campaign’s rules are not in force yet." in text_of(answer)
    assert not Registration.objects.filter(seller=shop, status="joined").exists()

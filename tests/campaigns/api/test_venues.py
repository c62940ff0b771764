"""Venues, funnels, pages and the privilege feed of the API."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns import lifecycle
from campaigns.models import Campaign, Move
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER
from sellers import clock
from tests.factories import EntryFactory, MembershipFactory, UserFactory
from tests.large_campaign import filled, large_campaign, version_of
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: local("2015-12-08"))
    return large_campaign()


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def staff(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def entry_in(campaign, venue="branch-01", **fields):
    return EntryFactory(
        campaign=campaign, venue=campaign.venues.get(code=venue), version=version_of(campaign),
        **fields,
    )  # fmt: skip


def get(campaign, name="privileges", *more, user=None, **asked):
    address = reverse(name, args=[campaign.code, *more])
    return api(user or staff(AUDITOR)).get(address, asked)


def items(response):
    return [row["item"] for row in response.json()["results"]]


def move(entry, to_status, cause, at="2015-12-08"):
    entry.refresh_from_db()
    lifecycle.transition(
        entries={entry.pk: entry.revision}, from_status=entry.status, to_status=to_status,
        cause=cause, at=local(at),
    )  # fmt: skip


def test_a_venue_tells_its_terms_windows_and_feeds(campaign):
    rows = get(campaign, "venues", user=UserFactory()).json()

    assert len(rows) == 85
    found = {row["code"]: row for row in rows}
    presale = found["presale-01"]
    assert presale["windows"] == [
        {
            "code": "presale_filing",
            "starts_at": "2015-10-19T00:00:00+08:00",
            "ends_at": "2015-11-17T00:00:00+08:00",
        }
    ]
    assert presale["on_sale"]["ends_at"] == "2015-12-12T02:00:00+08:00"
    assert presale["badge_now"] == {"en": "Presale", "zh-hans": "预售"}
    assert (presale["fed_from"], presale["feeds"]) == ([], ["presale_main"])
    assert found["branch-34"]["fed_from"] == ["outer"]
    assert found["branch-34"]["group"] == "business"
    assert len(found["main"]["fed_from"]) == 34
    assert len(found["main"]["windows"]) == 3


def test_a_venue_tells_how_it_stands_at_an_instant(campaign):
    def standing(at):
        rows = get(campaign, "venues", at=at).json()
        found = next(row for row in rows if row["code"] == "presale-01")
        return found["is_online"], found["is_on_sale"]

    assert standing("2015-12-11T23:59:59") == (True, True)
    assert standing("2015-12-12T00:00:00") == (False, True)
    assert standing("2015-12-12T02:00:00") == (False, False)
    assert get(campaign, "venues", at="soon").status_code == 400
    assert get(campaign, "venues", at="2015-10-09T23:59:59").json() == []


def test_venues_of_a_draft_campaign_are_for_staff(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(state="draft")

    assert get(campaign, "venues", user=UserFactory()).status_code == 404
    assert get(campaign, "venues").status_code == 200


def test_venues_take_a_constant_number_of_queries(campaign, django_assert_max_num_queries):
    user = staff(AUDITOR)

    with django_assert_max_num_queries(10):
        assert len(get(campaign, "venues", user=user).json()) == 85


def test_the_funnel_by_venue_is_for_staff_and_marks_what_is_overdue(campaign):
    filled(campaign)

    assert get(campaign, "venue-funnel", user=UserFactory()).status_code == 403
    rows = {row["venue"]: row for row in get(campaign, "venue-funnel").json()}
    assert len(rows) == 85
    branch = rows["branch-01"]
    assert branch["kind"] == "branch"
    assert branch["counts"]["filed"] == 2930
    assert branch["counts"]["pending"] == 977
    assert (branch["overdue"], rows["outer"]["overdue"]) == (True, False)
    before = get(campaign, "venue-funnel", at="2015-11-30T23:59:59").json()
    assert not any(row["overdue"] for row in before)


@pytest.mark.parametrize(
    ("user", "status"),
    [
        (lambda: staff(OPERATOR), 200),
        (lambda: staff(FINANCE), 200),
        (lambda: staff(AUDITOR), 200),
        (lambda: staff(REVIEWER), 403),
        (UserFactory, 403),
        (lambda: MembershipFactory().user, 403),
    ],
)
def test_the_privilege_feed_is_for_those_who_read_everything(campaign, user, status):
    entry_in(campaign)

    assert get(campaign, user=user()).status_code == status
    assert get(campaign, "venue-items", "branch-01", user=user()).status_code == status


def test_the_privilege_feed_needs_a_login(campaign):
    assert APIClient().get(reverse("privileges", args=[campaign.code])).status_code == 401


def test_a_campaign_item_tells_its_venue_badge_and_prices(campaign):
    entry = entry_in(campaign, activity_price=Decimal("48.50"), approved_at=local("2015-11-20"))

    (row,) = get(campaign).json()["results"]

    assert row.pop("badge") in (
        {"en": "1212 annual gala", "zh-hans": "1212年度盛典"},
        {"en": "1212 price", "zh-hans": "1212价"},
    )
    assert row == {
        "id": entry.pk, "seller": entry.seller.code, "item": entry.item.code,
        "venue": "branch-01", "kind": "branch", "status": "approved", "is_on_sale": False,
        "campaign_price": "48.50", "effective_price": "48.50",
        "since": "2015-11-20T00:00:00+08:00", "updated": "2015-11-20T00:00:00+08:00",
    }  # fmt: skip


def test_the_feed_is_narrowed_by_venue_and_kind(campaign):
    outer, branch, presale = (
        entry_in(campaign, code).item.code for code in ("outer", "branch-02", "presale-03")
    )

    assert items(get(campaign)) == [outer, branch, presale]
    assert items(get(campaign, venue="branch-02")) == [branch]
    assert items(get(campaign, kind="presale")) == [presale]
    assert items(get(campaign, kind="nothing")) == []
    assert get(campaign, venue="nowhere").status_code == 404


@pytest.mark.parametrize("status", ["cleared_out", "withdrawn", "abnormal", "superseded", "void"])
def test_an_item_is_out_at_once(campaign, status):
    entry = entry_in(campaign)
    assert items(get(campaign)) == [entry.item.code]

    move(entry, status, Move.Cause.SWEEP)

    assert items(get(campaign)) == []
    assert items(get(campaign, "venue-items", "branch-01")) == []


def test_a_reader_follows_what_came_and_what_went(campaign):
    old, gone, new = entry_in(campaign), entry_in(campaign), entry_in(campaign, status="in_review")
    never = entry_in(campaign, status="in_review")
    move(gone, "cleared_out", Move.Cause.SWEEP, "2015-12-02")
    move(new, "approved", Move.Cause.REVIEW, "2015-12-03")
    move(never, "rejected", Move.Cause.REVIEW, "2015-12-03")

    assert items(get(campaign)) == [old.item.code, new.item.code]
    assert items(get(campaign, updated_from="2015-12-03T00:00:00")) == [new.item.code]
    assert items(get(campaign, updated_from="2015-12-03T00:00:01")) == []
    assert items(get(campaign, lost="true", updated_from="2015-12-02T00:00")) == [gone.item.code]
    assert items(get(campaign, lost="true", updated_from="2015-12-02T00:00:01")) == []
    (row,) = get(campaign, lost="true", updated_from="2015-12-02T00:00").json()["results"]
    assert (row["status"], row["badge"]) == ("cleared_out", None)
    assert get(campaign, lost="true").json() == {"updated_from": "Say since when."}
    assert get(campaign, updated_from="soon").status_code == 400


def test_an_outer_item_is_on_no_branchs_page(campaign):
    outer, branch = entry_in(campaign, "outer"), entry_in(campaign, "branch-01")

    assert items(get(campaign, "venue-items", "branch-01")) == [branch.item.code]
    assert items(get(campaign, "venue-items", "outer")) == [outer.item.code]
    assert items(get(campaign)) == [outer.item.code, branch.item.code]


def test_a_page_that_is_offline_has_no_items(campaign):
    entry = entry_in(campaign, "presale-01")

    def on_page(at):
        return items(get(campaign, "venue-items", "presale-01", at=at))

    assert on_page("2015-12-11T23:59:59") == [entry.item.code]
    assert on_page("2015-12-12T00:00:00") == []


def test_pages_follow_each_other_and_cost_the_same(campaign, django_assert_max_num_queries):
    client = api(staff(AUDITOR))
    address = reverse("privileges", args=[campaign.code])

    def queries(address):
        with django_assert_max_num_queries(10) as found:
            page = client.get(address).json()
        return len(found), page

    entry_in(campaign)
    queries(address)
    one, _page = queries(address)
    for _ in range(4):
        entry_in(campaign)
    seen, following = [], f"{address}?page_size=2"
    while following:
        number, page = queries(following)
        assert number == one
        assert "count" not in page
        seen += [row["id"] for row in page["results"]]
        following = page["next"]
    assert len(seen) == len(set(seen)) == 5

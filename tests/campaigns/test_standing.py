"""Campaign items, campaign merchants, badges, and the separate windows of a venue."""

from decimal import Decimal

import pytest

from campaigns import lifecycle, standing
from campaigns.models import Campaign, Entry, Move
from tests.factories import EntryFactory, VersionFactory
from tests.large_campaign import large_campaign, version_of
from tests.times import local

pytestmark = pytest.mark.django_db
STATUSES = [status for status in Entry.Status.values if status != "draft"]


@pytest.fixture
def campaign():
    return large_campaign()


def entry_in(campaign, venue, **fields):
    return EntryFactory(
        campaign=campaign, venue=campaign.venues.get(code=venue), version=version_of(campaign),
        **fields,
    )  # fmt: skip


def shows(campaign, venue, at):
    return standing.showings(campaign, local(at))[campaign.venues.get(code=venue).pk]


@pytest.mark.parametrize("status", STATUSES)
def test_a_campaign_item_is_approved_or_at_risk(campaign, status):
    entry = entry_in(campaign, "branch-01", status=status)

    is_item = status in {"approved", "at_risk"}
    assert standing.is_campaign_item(entry) is is_item
    assert standing.campaign_items(campaign).exists() is is_item
    assert standing.is_campaign_merchant(campaign, entry.seller) is is_item
    assert standing.campaign_merchants(campaign).exists() is is_item


def test_the_standing_ends_with_the_move(campaign):
    entry = entry_in(campaign, "branch-01")
    other = entry_in(campaign, "branch-02", seller=entry.seller)
    for gone in (entry, other):
        assert standing.is_campaign_merchant(campaign, entry.seller)
        lifecycle.transition(
            entries={gone.pk: gone.revision}, from_status="approved", to_status="cleared_out",
            cause=Move.Cause.SWEEP, at=local("2015-12-02"),
        )  # fmt: skip

    assert not standing.is_campaign_merchant(campaign, entry.seller)
    assert list(standing.campaign_merchants(campaign)) == []


def test_another_campaign_does_not_count(campaign):
    entry = EntryFactory()

    assert not standing.is_campaign_merchant(campaign, entry.seller)


@pytest.mark.parametrize(
    ("at", "has_badge"),
    [
        ("2015-11-24 23:59:59", False),
        ("2015-11-25 00:00:00", True),
        ("2015-12-12 01:59:59", True),
        ("2015-12-12 02:00:00", False),
    ],
)
def test_a_badge_shows_in_its_window(campaign, at, has_badge):
    entry = entry_in(campaign, "presale-01")

    shown = standing.showings(campaign, local(at))

    expected = {"en": "Presale", "zh-hans": "预售"} if has_badge else {}
    assert standing.badge_of(entry, shown) == expected


@pytest.mark.parametrize(
    ("at", "online", "on_sale"),
    [
        ("2015-12-11 23:59:59", True, True),
        ("2015-12-12 00:00:00", False, True),
        ("2015-12-12 01:59:59", False, True),
        ("2015-12-12 02:00:00", False, False),
    ],
)
def test_a_page_and_its_items_have_windows_of_their_own(campaign, at, online, on_sale):
    showing = shows(campaign, "presale-01", at)

    assert (showing.is_online, showing.is_on_sale) == (online, on_sale)


def test_a_window_that_is_not_named_is_no_limit(campaign):
    showing = shows(campaign, "main", "2015-10-19")

    assert (showing.is_online, showing.is_on_sale) == (True, True)


def test_nothing_shows_before_a_rulebook_is_in_force(campaign):
    assert standing.showings(campaign, local("2015-10-09 23:59:59")) == {}


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [("draft", False), ("published", True), ("suspended", True), ("ended", False)],
)
def test_nothing_shows_of_a_campaign_that_is_over(campaign, state, is_shown):
    Campaign.objects.filter(pk=campaign.pk).update(state=state)
    campaign.refresh_from_db()

    showing = shows(campaign, "outer", "2015-12-01")

    assert (showing.is_online, bool(showing.badge)) == (is_shown, is_shown)


@pytest.mark.parametrize("status", STATUSES)
def test_only_campaign_items_have_badges(campaign, status):
    entry = entry_in(campaign, "outer", status=status)

    badge = standing.badge_of(entry, standing.showings(campaign, local("2015-12-01")))

    assert bool(badge) is (status in {"approved", "at_risk"})


def test_one_style_shows_everywhere_and_always(campaign):
    styles = [{"en": "1212 annual gala", "zh-hans": "1212年度盛典"},
              {"en": "1212 price", "zh-hans": "1212价"}]  # fmt: skip
    picked = {
        shows(campaign, venue, at).badge["en"]
        for venue in ("outer", "branch-01", "branch-34")
        for at in ("2015-11-20", "2015-12-12 12:00")
    }

    assert len(picked) == 1
    assert picked <= {style["en"] for style in styles}


def test_every_style_is_some_campaigns(campaign):
    terms = version_of(campaign).venueterms_set.get(code="outer")
    picked = {standing._style(Campaign(code=f"campaign-{i}"), terms)["en"] for i in range(40)}

    assert picked == {"1212 annual gala", "1212 price"}


def test_the_effective_price_is_of_the_entry_that_stands(campaign):
    outer = entry_in(campaign, "outer", activity_price=Decimal("50.00"))
    branch = entry_in(
        campaign, "branch-01", item=outer.item, seller=outer.seller, status="in_review",
        activity_price=Decimal("48.00"),
    )  # fmt: skip

    def effective():
        items = standing.with_effective_price(standing.campaign_items(campaign))
        return [(entry.pk, entry.effective_price) for entry in items]

    assert effective() == [(outer.pk, Decimal("50.00"))]
    lifecycle.transition(
        entries={outer.pk: outer.revision}, from_status="approved", to_status="superseded",
        cause=Move.Cause.TAKEOVER, at=local("2015-11-20"),
    )  # fmt: skip
    lifecycle.transition(
        entries={branch.pk: branch.revision}, from_status="in_review", to_status="approved",
        cause=Move.Cause.REVIEW, at=local("2015-11-20"),
    )  # fmt: skip
    assert effective() == [(branch.pk, Decimal("48.00"))]


def test_of_two_entries_the_one_approved_last_rules(campaign):
    first = entry_in(
        campaign, "outer", activity_price=Decimal("50.00"), approved_at=local("2015-11-02")
    )
    entry_in(
        campaign, "branch-01", item=first.item, seller=first.seller,
        activity_price=Decimal("48.00"), approved_at=local("2015-11-01"),
    )  # fmt: skip

    items = standing.with_effective_price(standing.campaign_items(campaign)).order_by("pk")

    assert [entry.effective_price for entry in items] == [Decimal("50.00")] * 2


def test_the_version_in_force_says_what_shows(campaign):
    VersionFactory(campaign=campaign, number=2, effective_at=local("2015-12-01"))

    assert len(standing.showings(campaign, local("2015-11-30 23:59:59"))) == 85
    assert standing.showings(campaign, local("2015-12-01")) == {}


def test_what_shows_takes_three_queries(campaign, django_assert_num_queries):
    with django_assert_num_queries(3):
        standing.showings(campaign, local("2015-12-01"))

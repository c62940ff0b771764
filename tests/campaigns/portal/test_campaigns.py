"""The list of campaigns, and one campaign before and after joining."""

import pytest

from campaigns.models import Campaign, Registration
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    AllotmentFactory,
    EntryFactory,
    MilestoneFactory,
    PromotionFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    VenueTermsFactory,
    VersionFactory,
    open_campaign,
)
from tests.times import local


def test_a_shop_reads_before_joining_what_is_not_met(pages, opened, shop, codes):
    shop.dingtalk_bound = False
    shop.save()
    answer = pages.get("campaign", codes[0])
    (verdict,) = answer.context["verdicts"]
    assert (verdict.title, verdict.outcome) == ("The messenger is bound", "fail")
    (line,) = verdict.lines
    assert (line.label, line.measured, line.needed) == ("Messenger bound", "no", "yes")
    assert line.known_at == local("2023-04-01")
    text = text_of(answer)
    assert "not met Messenger bound no needed: yes known since 1 Apr 2023, 00:00" in text
    assert "What to do: Bind it." in text
    assert "Messenger bound is yes" in text  # the requirement's sentence


def test_a_requirement_that_is_met_says_so(pages, opened, codes):
    answer = pages.get("campaign", codes[0])
    assert [verdict.outcome for verdict in answer.context["verdicts"]] == ["pass"]
    assert "The one requirement is met." in text_of(answer)


def test_a_value_that_is_not_known_is_neither_met_nor_not(pages, opened, shop, codes):
    shop.dingtalk_bound = None
    shop.save()
    opened.version.requirement_set.filter(code="bound").update(missing="hold")
    (verdict,) = pages.get("campaign", codes[0]).context["verdicts"]
    assert verdict.outcome == "hold"
    assert (verdict.lines[0].measured, verdict.lines[0].mark) == ("not known", "hold")
    assert verdict.lines[0].known_at is None


def test_what_items_need_is_said_in_sentences(pages, opened, codes):
    asks = pages.get("campaign", codes[0]).context["asks"]
    assert asks == [
        {
            "title": "The price is low enough",
            "sentence": "Campaign price is at most 0.9 × List price",
            "venues": "",
        }
    ]


def test_everything_is_said_in_chinese_too(pages, opened, shop, codes):
    shop.dingtalk_bound = False
    shop.save()
    pages.client.cookies["django_language"] = "zh-hans"
    answer = pages.get("campaign", codes[0])
    (verdict,) = answer.context["verdicts"]
    assert (verdict.title, verdict.remedy) == ("已绑定钉钉", "请绑定。")
    assert answer.context["title"] == "礼遇季"
    assert (verdict.lines[0].measured, verdict.lines[0].needed) == ("否", "是")


@pytest.mark.parametrize(
    ("at_text", "phases", "next_one", "filing"),
    [
        ("2023-04-25 14:59:59", [], "items starts in less than a minute", "soon"),
        ("2023-05-10 12:00", ["sellers", "items"], "preheat starts in 4 days, 12 hours", "open"),
        ("2023-05-15", ["sellers", "items", "preheat"], "live starts in 1 day, 20 hours", "open"),
        (
            "2023-05-16 18:00",
            ["sellers", "items", "preheat"],
            "live starts in 2 hours",
            "paused",
        ),
        (
            "2023-05-20 23:59:59",
            ["sellers", "items", "live"],
            "items ends in less than a minute",
            "open",
        ),
        ("2023-05-21", [], "", "over"),
    ],
)
def test_phase_and_countdown(pages, opened, codes, at, at_text, phases, next_one, filing):
    for row in opened.version.milestone_set.all():
        row.title = {"en": row.code}
        row.save()
    at.set(local(at_text))
    calendar = pages.get("campaign", codes[0]).context["calendar"]
    assert sorted(row.code for row in calendar.phases) == sorted(phases)
    assert calendar.next.replace("\xa0", " ") == next_one
    assert calendar.filing == filing


def test_a_pause_is_told_before_and_while_it_lasts(pages, opened, codes, at):
    text = "Registration will pause from 16 May 2023, 18:00 to 16 May 2023, 20:30."
    assert text in text_of(pages.get("campaign", codes[0]))
    at.set(local("2023-05-16 20:29:59"))
    text = "Registration is paused from 16 May 2023, 18:00 to 16 May 2023, 20:30."
    assert text in text_of(pages.get("campaign", codes[0]))
    at.set(local("2023-05-16 20:30"))
    assert "pause" not in text_of(pages.get("campaign", codes[0])).replace("Nothing", "")


def test_a_suspended_campaign_takes_nothing(pages, opened, registration, codes):
    Campaign.objects.update(state="suspended")
    answer = pages.get("campaign", codes[0])
    assert "suspended this campaign" in text_of(answer)
    assert pages.address("items", codes[0]) not in answer.content.decode()


def test_places_say_how_many_are_left_and_why(pages, opened, registration, codes):
    QuotaFactory(
        version=opened.version, code="stock", title={"en": "Stock places"}, ceiling=30, floor=3,
        allotted=True,
    )  # fmt: skip
    AllotmentFactory(
        campaign=opened.campaign, seller=registration.seller, quota_code="stock", places=2
    )
    EntryFactory(registration=registration, venue=opened.venue)
    (place,) = pages.get("campaign", codes[0]).context["places"]
    assert (place["used"], place["ceiling"], place["left"]) == (1, 3, 2)
    assert place["note"] == "2 left. The marketplace allotted 2; the range is 3 to 30."


def test_who_uses_the_places_is_listed(pages, opened, registration, codes):
    QuotaFactory(
        version=opened.version, code="stock", where=["entry.list_source", "==", "stock_list"]
    )
    mine = EntryFactory(registration=registration, venue=opened.venue)
    EntryFactory(registration=registration, venue=opened.venue, list_source="recommended_list")
    EntryFactory(registration=registration, venue=opened.venue, status="rejected")
    assert [row.pk for row in pages.get("place", codes[0], "stock").context["page"]] == [mine.pk]
    pages.get("place", codes[0], "other", expect=404)


def test_the_list_puts_first_where_something_can_be_done(pages, opened, registration):
    later = VersionFactory(campaign__code="later")
    MilestoneFactory(
        version=later, code="r", kind="item_registration", starts_at=local("2023-06-01"),
        ends_at=local("2023-06-10"),
    )  # fmt: skip
    other = open_campaign()
    rows = pages.get("campaigns").context["page"].rows
    assert [row.code for row in rows] == [opened.campaign.code, other.campaign.code, "later"]
    assert [row.calendar.filing for row in rows] == ["open", "open", "soon"]


def test_the_list_counts_the_shops_own_entries(pages, opened, registration):
    for status in ("approved", "approved", "in_review", "abnormal", "rejected"):
        EntryFactory(registration=registration, venue=opened.venue, status=status)
    EntryFactory(campaign=opened.campaign)
    (row,) = pages.get("campaigns").context["page"].rows
    assert [(name, number) for name, number, _address in row.figures] == [
        ("Approved and showing", 2),
        ("Needs care", 1),
        ("Waiting for a decision", 1),
        ("Ended", 1),
    ]
    for _name, number, address in row.figures:
        assert len(pages.client.get(address).context["page"]) == number


@pytest.mark.parametrize("others", [0, 2, 11])
def test_the_list_asks_as_much_for_one_campaign_as_for_many(
    pages, opened, registration, others, django_assert_num_queries
):
    for _ in range(others):
        made = open_campaign()
        RegistrationFactory(campaign=made.campaign, seller=pages.seller, version=made.version)
        EntryFactory(campaign=made.campaign, seller=pages.seller)
    pages.get("campaigns")
    with django_assert_num_queries(12):
        pages.get("campaigns")


def test_a_fragment_says_what_is_missing_for_joining(pages, opened, shop, codes):
    assert "Your shop meets the one requirement" in text_of(pages.get("standing", codes[0]))
    shop.dingtalk_bound = False
    shop.save()
    text = text_of(pages.get("standing", codes[0]))
    assert "not met The messenger is bound Messenger bound no" in text
    assert "<html" not in pages.get("standing", codes[0]).content.decode()


def test_venues_and_tools_are_described(pages, opened, codes):
    VenueTermsFactory(
        version=opened.version, code="second", title={"en": "Second"}, takes_registrations=False
    )
    PromotionFactory(version=opened.version, code="cut", kind="mandatory", title={"en": "Cut"})
    text = text_of(pages.get("campaign", codes[0]))
    assert "Second Filled by the marketplace." in text
    assert "Cut mandatory tool" in text


def test_the_version_in_force_is_the_one_shown(pages, opened, codes, at):
    newer = VersionFactory(
        campaign=opened.campaign, number=2, effective_at=local("2023-05-12"),
        published_at=local("2023-05-12"),
    )  # fmt: skip
    VenueTermsFactory(version=newer)
    RequirementFactory(
        version=newer, code="new", subject="seller", require=["seller.growth_level", ">=", 6],
        title={"en": "Level 6"}, stages={"admission": "reject"},
    )  # fmt: skip
    at.set(local("2023-05-11 23:59:59"))
    shown = [verdict.code for verdict in pages.get("campaign", codes[0]).context["verdicts"]]
    assert shown == ["bound"]
    at.set(local("2023-05-12"))
    shown = [verdict.code for verdict in pages.get("campaign", codes[0]).context["verdicts"]]
    assert shown == ["new"]


def test_a_shop_may_join_once_it_passes(pages, opened, shop, codes):
    assert pages.get("join", codes[0]).context["met"] == 1
    answer = pages.client.post(pages.address("join", codes[0]), follow=True)
    assert "Your shop takes part in Gifting season." in text_of(answer)
    assert Registration.objects.get(seller=shop, status="joined").campaign == opened.campaign
    again = pages.client.post(pages.address("join", codes[0]), follow=True)
    assert Registration.objects.filter(seller=shop, status="joined").count() == 1
    assert again.status_code == 200


def test_a_shop_that_fails_is_told_measured_and_needed(pages, opened, shop, codes):
    shop.dingtalk_bound = False
    shop.save()
    text = text_of(pages.get("join", codes[0]))
    assert "Requirements met 0 of 1" in text
    assert "Try all the same" in text
    refused = pages.post("join", codes[0], expect=200)
    assert "Messenger bound no needed: yes" in text_of(refused)
    assert not Registration.objects.filter(seller=shop, status="joined").exists()


def test_joining_in_the_pause_is_refused_with_its_times(pages, opened, codes, at):
    at.set(local("2023-05-16 18:00"))
    assert "From 16 May 2023, 18:00 to 16 May 2023, 20:30" in text_of(pages.get("join", codes[0]))
    text = text_of(pages.post("join", codes[0], expect=200))
    assert "Registration is paused" in text


def test_leaving_says_how_many_entries_become_void(pages, opened, registration, codes):
    for status in ("approved", "in_review", "rejected"):
        EntryFactory(registration=registration, venue=opened.venue, status=status)
    text = text_of(pages.get("leave", codes[0]))
    assert "2 entries become void." in text
    assert "You may join and file again until 20 May 2023, 24:00" in text
    pages.post("leave", codes[0])
    registration.refresh_from_db()
    assert registration.status == "withdrawn"
    statuses = registration.entries.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["void", "void", "rejected"]


def test_leaving_is_refused_where_a_venue_keeps_its_entries(pages, opened, registration, codes):
    opened.version.venueterms_set.update(cancellable_after_approval=False)
    EntryFactory(registration=registration, venue=opened.venue)
    answer = pages.client.post(pages.address("leave", codes[0]), follow=True)
    assert "The venue does not let approved entries go" in text_of(answer)
    registration.refresh_from_db()
    assert registration.status == "joined"

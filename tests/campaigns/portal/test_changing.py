"""Withdrawing, repricing and publishing again."""

from decimal import Decimal

import pytest

from campaigns import sweeping
from campaigns.models import CancellationRequest, Decision, Entry, Notice, ReasonTemplate
from campaigns.reviewing import approve
from sellers.models import Item
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    FILED,
    EntryFactory,
    ItemFactory,
    LockFactory,
    ParallelPriceFactory,
    RequirementFactory,
    StatisticFactory,
)
from tests.times import local


@pytest.fixture
def entry(registration, opened):
    return EntryFactory(registration=registration, venue=opened.venue)


def test_withdrawing_says_first_what_it_costs(pages, registration, opened, entry):
    pending = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    ended = EntryFactory(registration=registration, venue=opened.venue, status="rejected")
    answer = pages.get("withdraw", entry=[entry.pk, pending.pk, ended.pk])
    text = text_of(answer)
    assert "Will be withdrawn 2 Approved until now 1 Waiting for a decision 1" in text
    assert "items can be filed again until 20 May 2023, 24:00." in text
    assert "Stays: It has ended already" in text
    entry.refresh_from_db()
    assert entry.status == "approved"


def test_several_are_withdrawn_at_once(pages, registration, opened, entry):
    other = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    answer = pages.client.post(
        pages.address("withdraw"), {"entry": [entry.pk, other.pk]}, follow=True
    )
    assert "2 entries are withdrawn." in text_of(answer)
    assert set(Entry.objects.values_list("status", flat=True)) == {"withdrawn"}


def test_a_venue_may_keep_what_is_approved(pages, registration, opened, entry):
    opened.version.venueterms_set.update(cancellable_after_approval=False)
    pending = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    text = text_of(pages.get("withdraw", entry=[entry.pk, pending.pk]))
    assert "Stays: The venue does not let approved entries go" in text
    answer = pages.client.post(
        pages.address("withdraw"), {"entry": [entry.pk, pending.pk]}, follow=True
    )
    text = text_of(answer)
    assert "1 entry is withdrawn." in text
    assert "The venue does not let approved entries go" in text
    entry.refresh_from_db()
    assert entry.status == "approved"


def test_after_the_window_a_withdrawn_item_cannot_come_back(pages, entry, opened, at):
    at.set(local("2023-05-21"))
    text = text_of(pages.get("withdraw", entry=entry.pk))
    assert "registration is not open; a withdrawn item cannot be filed again." in text


def test_withdrawing_nothing_is_told(pages, entry):
    for chosen in ({}, {"entry": "x"}, {"entry": "0"}):
        answer = pages.client.get(pages.address("withdraw"), chosen, follow=True)
        assert "Choose at least one entry." in text_of(answer)


def test_a_price_may_be_lowered(pages, entry):
    answer = pages.client.post(pages.address("reprice", entry.pk), {"price": "79.99"}, follow=True)
    assert "The campaign price is 79.99." in text_of(answer)
    entry.refresh_from_db()
    assert (entry.activity_price, entry.status) == (Decimal("79.99"), "approved")


def test_a_rise_that_a_requirement_refuses_says_why(pages, entry):
    answer = pages.post("reprice", entry.pk, price="95.00", expect=200)
    text = text_of(answer)
    assert "The price was not changed." in text
    assert "Campaign price: 95.00 CNY , needed: at most 90 CNY" in text
    assert 'value="95.00"' in answer.content.decode()
    entry.refresh_from_db()
    assert entry.activity_price == Decimal("88.00")


@pytest.mark.parametrize(
    ("when", "price", "accepted"),
    [
        ("2023-05-14 23:59:59", "88.01", True),
        ("2023-05-15", "88.01", False),
        ("2023-05-15", "87.99", True),
        ("2023-05-20 23:59:59", "88.01", False),
        ("2023-05-21", "88.01", True),
    ],
)
def test_a_lock_answers_loudly(pages, opened, entry, at, when, price, accepted):
    LockFactory(version=opened.version, code="lock", title={"en": "Prices may not rise"})
    at.set(local(when))
    answer = pages.client.post(pages.address("reprice", entry.pk), {"price": price}, follow=True)
    entry.refresh_from_db()
    assert entry.activity_price == Decimal(price if accepted else "88.00")
    if not accepted:
        content = answer.content.decode()
        assert 'class="alert alert-danger" role="alert"' in content
        assert (
            "The price is locked – Until 20 May 2023, 24:00 it may be lowered but not raised: "
            "88.00 to 88.01 is a rise."
        ) in text_of(answer)


def test_a_lock_to_come_is_told_before(pages, opened, entry):
    LockFactory(version=opened.version, code="lock", title={"en": "Prices may not rise"})
    text = text_of(pages.get("reprice", entry.pk))
    assert "Prices may not rise : 15 May 2023, 00:00 – 20 May 2023, 24:00." in text


@pytest.mark.parametrize("price", ["", "abc", "0", "88.001"])
def test_a_price_that_is_none_changes_nothing(pages, entry, price):
    answer = pages.post("reprice", entry.pk, price=price, expect=200)
    assert answer.context["problem"]
    assert 'aria-invalid="true"' in answer.content.decode()


def test_an_ended_entry_keeps_its_price(pages, registration, opened):
    entry = EntryFactory(registration=registration, venue=opened.venue, status="rejected")
    assert pages.post("reprice", entry.pk, price="1").url == pages.address("entry", entry.pk)
    entry.refresh_from_db()
    assert entry.activity_price == Decimal("88.00")


@pytest.fixture
def unpublished(registration, opened):
    """An entry whose group-buy price is another than its own."""
    StatisticFactory(
        version=opened.version, code="item.group_buy", function="last", source="parallel_prices",
        field="price", slot="number_02", title={"en": "Group-buy price"},
    )  # fmt: skip
    RequirementFactory(
        version=opened.version, code="equal", title={"en": "The two prices are equal"},
        require=["item.group_buy", "==", {"metric": "entry.activity_price"}], missing="pass",
        stages={"recheck": "unpublish"},
    )  # fmt: skip
    item = ItemFactory(seller=registration.seller)
    ParallelPriceFactory(item=item, price=Decimal("80.00"))
    return EntryFactory(
        registration=registration, venue=opened.venue, item=item, status="unpublished"
    )


def test_publishing_again_is_refused_until_the_price_is_right(pages, unpublished):
    refused = pages.post("republish", unpublished.pk, expect=200)
    text = text_of(refused)
    assert "It was checked again and stays unpublished." in text
    assert "Group-buy price 80.00 CNY needed: 88.00" in text
    pages.post("reprice", unpublished.pk, price="80.00")
    unpublished.refresh_from_db()
    assert unpublished.status == "unpublished"
    answer = pages.client.post(pages.address("republish", unpublished.pk), follow=True)
    assert "The entry is published again." in text_of(answer)
    unpublished.refresh_from_db()
    assert unpublished.status == "approved"


def test_only_an_unpublished_entry_is_published_again(pages, entry):
    assert pages.post("republish", entry.pk).url == pages.address("entry", entry.pk)
    assert pages.get("republish", entry.pk, expect=302)


@pytest.mark.parametrize(
    ("when", "warned"),
    [
        ("2023-05-19 23:59:59", False),
        ("2023-05-20 00:00:00", True),
        ("2023-05-20 23:59:59", True),
        ("2023-05-21 00:00:00", False),
    ],
)
def test_withdrawing_just_before_filing_ends_is_warned_of(pages, opened, entry, at, when, warned):
    opened.version.venueterms_set.update(withdrawal_warning_hours=24)
    at.set(local(when))
    text = text_of(pages.get("withdraw", entry=[entry.pk]))
    assert ("Main venue: filing ends at 20 May 2023, 24:00" in text) == warned
    assert "Withdraw 1 entry" in text


def test_a_withdrawn_item_that_is_filed_again_keeps_both_entries(pages, registration, opened):
    first = EntryFactory(registration=registration, venue=opened.venue, status="withdrawn")
    again = EntryFactory(registration=registration, venue=opened.venue, item=first.item)
    assert pages.get("entry", first.pk).context["entry"].status == "withdrawn"
    assert pages.get("entry", again.pk).context["entry"].status == "approved"


def test_where_it_cannot_be_withdrawn_the_marketplace_is_asked(pages, opened, entry):
    opened.version.venueterms_set.update(cancellable_after_approval=False)
    assert "Ask the marketplace to take it off" in text_of(pages.get("withdraw", entry=[entry.pk]))
    assert "Ask to cancel…" in text_of(pages.get("entry", entry.pk))
    pages.get("ask_to_cancel", entry.pk)
    pages.post("ask_to_cancel", entry.pk, note="sold out")
    asked = CancellationRequest.objects.get()
    assert (asked.entry, asked.note) == (entry, "sold out")
    assert "Ask to cancel…" not in text_of(pages.get("entry", entry.pk))
    answer = pages.client.post(pages.address("ask_to_cancel", entry.pk), follow=True)
    assert "It was asked for already" in text_of(answer)
    assert CancellationRequest.objects.count() == 1


def test_what_is_decided_and_not_released_does_not_show(pages, registration, opened):
    entry = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    before = text_of(pages.get("entry", entry.pk))
    opened.version.venueterms_set.update(release="together")
    approve(entries={entry.pk: 1}, at=FILED, actor=None)
    assert Decision.objects.get().entry == entry
    assert text_of(pages.get("entry", entry.pk)) == before
    assert "88.00 in review Nothing to do" in text_of(pages.get("entries"))


def test_a_reason_code_is_shown_in_its_words(pages, registration, opened, entry):
    RequirementFactory(
        version=opened.version, code="stock", reason="sold_out", require=["item.stock", ">", 0],
        stages={"recheck": "clear_out"},
    )  # fmt: skip
    ReasonTemplate.objects.create(code="sold_out", use="clear_out", text={"en": "It is sold out"})
    Item.objects.filter(pk=entry.item_id).update(stock=0)
    night = local("2023-05-11 02:00")
    opened.campaign.breaker_share = 1
    opened.campaign.save()
    sweeping.work(sweeping.start(campaign=opened.campaign, at=night, mode="enforce"))
    text = text_of(pages.get("entry", entry.pk))
    assert text.count("It is sold out") == 2
    notice = Notice.objects.get()
    assert "It is sold out" in text_of(pages.get("notice", notice.pk))

"""The inbox: what is shown, what is read, and the number in the navigation."""

import pytest

from campaigns.lifecycle import transition
from campaigns.models import Entry, Move, Notice, NoticeLine, ReasonTemplate
from tests.campaigns.portal.conftest import text_of
from tests.factories import FILED, EntryFactory, SellerFactory


@pytest.fixture
def tell(opened, registration):
    """Writes a notice about some entries to the shop."""

    def write(cause="approved", entries=0, state="sent", key=None, **more):
        notice = Notice.objects.create(
            seller=more.pop("seller", registration.seller),
            campaign=opened.campaign,
            cause=cause,
            key=key or f"key{Notice.objects.count()}",
            state=state,
            at=FILED,
            **more,
        )
        for _ in range(entries):
            entry = EntryFactory(registration=registration, venue=opened.venue)
            NoticeLine.objects.create(
                notice=notice, entry=entry, from_status="in_review", to_status="approved"
            )
        return notice

    return write


def test_notices_are_shown_newest_first(pages, tell):
    first, second = tell("approved"), tell("cleared_out")
    tell("approved", state="open")
    tell("approved", seller=SellerFactory())
    rows = pages.get("inbox").context["page"].rows
    assert [row.pk for row in rows] == [second.pk, first.pk]
    assert [row.heading for row in rows] == ["Entries cleared out", "Entries approved"]


def test_the_navigation_counts_what_is_unread(pages, tell):
    assert 'class="count"' not in pages.get("inbox").content.decode()
    notices = [tell() for _ in range(3)]
    assert "Inbox 3 unread" in text_of(pages.get("entries"))
    pages.get("notice", notices[0].pk)
    assert "Inbox 2 unread" in text_of(pages.get("entries"))


def test_the_count_stops_at_99(pages, tell, opened, registration):
    Notice.objects.bulk_create(
        Notice(
            seller=registration.seller, campaign=opened.campaign, cause="approved", key=f"m{n}",
            state="sent", at=FILED,
        )
        for n in range(100)
    )  # fmt: skip
    assert "Inbox 99+ unread" in text_of(pages.get("inbox"))


def test_opening_a_notice_marks_it_as_read_once(pages, tell, at):
    notice = tell(entries=1)
    pages.get("notice", notice.pk)
    notice.refresh_from_db()
    assert notice.read_at == FILED


def test_a_notice_can_be_unread_again_and_all_be_read(pages, tell):
    notices = [tell(read_at=FILED), tell()]
    pages.post("inbox_mark", unread=notices[0].pk)
    assert Notice.objects.filter(read_at=None).count() == 2
    pages.post("inbox_mark")
    assert not Notice.objects.filter(read_at=None).exists()


def test_marking_leaves_other_shops_notices_alone(pages, tell):
    other = tell(seller=SellerFactory(), read_at=FILED)
    unread = tell(seller=SellerFactory())
    pages.post("inbox_mark", unread=other.pk)
    pages.post("inbox_mark", unread="x")
    pages.post("inbox_mark")
    other.refresh_from_db()
    unread.refresh_from_db()
    assert (other.read_at, unread.read_at) == (FILED, None)


def test_only_unread_ones_can_be_shown(pages, tell):
    tell(read_at=FILED)
    unread = tell()
    assert [row.pk for row in pages.get("inbox", only="unread").context["page"]] == [unread.pk]


def test_a_notice_leads_to_its_entries(pages, tell):
    notice = tell(entries=2)
    answer = pages.get("notice", notice.pk)
    lines = answer.context["page"].rows
    assert len(lines) == 2
    for line in lines:
        assert pages.address("entry", line.entry_id) in answer.content.decode()


def test_a_notice_without_entries_is_about_the_shop(pages, tell, opened):
    answer = pages.get("notice", tell("registration_rejected").pk)
    assert "This notice is about the shop as a whole." in text_of(answer)
    assert pages.address("campaign", opened.campaign.code) in answer.content.decode()


@pytest.mark.parametrize("number", [1, 3, 40])
def test_the_pages_ask_as_much_for_one_row_as_for_many(
    pages, tell, number, django_assert_num_queries
):
    notice = tell(entries=number)
    for _ in range(number):
        tell()
    pages.get("notice", notice.pk)
    with django_assert_num_queries(6):
        pages.get("inbox")
    with django_assert_num_queries(7):
        pages.get("notice", notice.pk)


def cleared(opened, registration, reason, number=1):
    """Entries cleared out by an operator for a reason, and the notice of it."""
    rows = EntryFactory.create_batch(number, registration=registration, venue=opened.venue)
    transition(
        entries={row.pk: row.revision for row in rows}, from_status="approved",
        to_status="cleared_out", cause=Move.Cause.OPERATOR, at=FILED, reason=reason,
    )  # fmt: skip
    return rows, Notice.objects.get(cause="cleared_out")


def test_a_notice_says_why_in_the_readers_language(pages, opened, registration):
    ReasonTemplate.objects.create(
        code="fake", use="clear_out", text={"en": "Counterfeit", "zh-hans": "假货"}
    )
    (entry,), notice = cleared(opened, registration, "fake")
    page = text_of(pages.get("notice", notice.pk))
    assert "cleared out Counterfeit" in page
    assert "Fix what is named; while registration is open the item may be filed again." in page
    pages.client.cookies["django_language"] = "zh-hans"
    assert "假货" in text_of(pages.get("notice", notice.pk))
    # Also when the entry has moved on since.
    Entry.objects.filter(pk=entry.pk).update(status="approved")
    assert "假货" in text_of(pages.get("notice", notice.pk))


@pytest.mark.parametrize("number", [1, 3, 40])
def test_reasons_ask_as_much_for_one_row_as_for_many(
    pages, opened, registration, number, django_assert_num_queries
):
    _rows, notice = cleared(opened, registration, "bound", number)
    assert text_of(pages.get("notice", notice.pk)).count("The messenger is bound") == number
    with django_assert_num_queries(12):
        pages.get("notice", notice.pk)


def test_a_notice_without_entries_says_what_it_is_about(pages, tell):
    notice = tell("invited", params={"venue": {"en": "Outer venue"}, "items": ["Tea", "<b>Pot"]})
    answer = pages.get("notice", notice.pk)
    assert "Your shop is invited" in text_of(answer)
    assert "Outer venue invites your shop to file there." in text_of(answer)
    assert "Items invited: Tea, <b>Pot." in text_of(answer)
    assert "<b>Pot" not in answer.content.decode()


def test_an_empty_inbox(pages):
    assert "Nothing here yet" in text_of(pages.get("inbox"))
    assert "Everything is read" in text_of(pages.get("inbox", only="unread"))

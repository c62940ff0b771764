"""My entries: the list with reasons, and one entry with history and evidence."""

from datetime import timedelta

import pytest

from campaigns.lifecycle import transition, transition_registrations
from campaigns.models import Entry, EntryHistory, Finding, Ground, Move, ReasonTemplate, SweepRun
from campaigns.registering import FilingRow, file_entries, reprice_entry
from campaigns.reviewing import reject
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    FILED,
    EntryFactory,
    ItemFactory,
    PromotionFactory,
    RegistrationFactory,
    SweepRunFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

SECOND = timedelta(seconds=1)
NIGHT = local("2023-05-11 02:00")


def swept(entry, to_status, *, measured="95.00", at=NIGHT, of_shop=False):
    """Move an entry as a re-check does, with a finding and its ground."""
    run = SweepRun.objects.filter(campaign=entry.campaign, at=at).first()
    run = run or SweepRunFactory(campaign=entry.campaign, version=entry.version, at=at)
    requirement = entry.version.requirement_set.get(code="cheap")
    finding = Finding.objects.create(
        campaign=entry.campaign,
        registration=entry.registration,
        entry=None if of_shop else entry,
        requirement=requirement,
        version=entry.version,
        run=run,
        stage="recheck",
        code="cheap",
        outcome="fail",
        action=to_status,
        at=at,
    )
    Ground.objects.create(
        finding=finding, path="require", metric="entry.activity_price", measured=measured,
        comparator="<=", threshold="90", unit="CNY", known_at=local("2023-05-09 09:00"),
        result=False,
    )  # fmt: skip
    transition(
        entries={entry.pk: entry.revision},
        from_status=entry.status,
        to_status=to_status,
        cause=Move.Cause.SWEEP,
        at=at,
        run=run,
        reason="cheap",
    )
    entry.refresh_from_db()
    return finding


@pytest.fixture
def filed(registration, opened, shop, user):
    """One entry approved and one refused at filing."""
    ItemFactory(seller=shop, code="GOOD")
    ItemFactory(seller=shop, code="DEAR")
    rows = [FilingRow("GOOD", "80.00"), FilingRow("DEAR", "95.00")]
    file_entries(
        registration=registration, venue=opened.venue, rows=rows, at=FILED, actor=user, key="k"
    )
    return {entry.item.code: entry for entry in Entry.objects.select_related("item")}


def rows_of(answer):
    return {entry.item.code: entry for entry in answer.context["page"]}


def test_a_refused_entry_says_measured_needed_and_what_to_do(pages, filed):
    answer = pages.get("entries")
    (verdict,) = rows_of(answer)["DEAR"].why
    assert (verdict.title, verdict.lines[0].measured, verdict.lines[0].needed) == (
        "The price is low enough",
        "95.00 CNY",
        "at most 90 CNY",
    )
    text = text_of(answer)
    assert (
        "rejected The price is low enough Campaign price 95.00 CNY needed: at most 90 CNY" in text
    )
    assert "Fix what is named and file the item again while registration is open." in text
    assert rows_of(answer)["GOOD"].why == []


def test_a_swept_entry_shows_the_run_that_moved_it(pages, filed):
    entry = filed["GOOD"]
    swept(entry, "abnormal", measured="91.00")
    swept(entry, "cleared_out", measured="92.00", at=local("2023-05-12 02:00"))
    (verdict,) = rows_of(pages.get("entries"))["GOOD"].why
    assert verdict.lines[0].measured == "92.00 CNY"
    evidence = pages.get("entry", entry.pk).context["evidence"]
    assert [verdict.lines[0].measured for _finding, verdict in evidence] == [
        "92.00 CNY",
        "91.00 CNY",
    ]


def test_a_failure_of_the_shop_stands_with_its_entries(pages, filed):
    swept(filed["GOOD"], "abnormal", of_shop=True)
    (verdict,) = rows_of(pages.get("entries"))["GOOD"].why
    assert verdict.code == "cheap"


def test_a_recovered_entry_has_no_reason_left(pages, filed):
    entry = filed["GOOD"]
    swept(entry, "abnormal")
    transition(
        entries={entry.pk: entry.revision}, from_status="abnormal", to_status="approved",
        cause=Move.Cause.SWEEP, at=NIGHT,
    )  # fmt: skip
    assert rows_of(pages.get("entries"))["GOOD"].why == []


def test_a_reviewers_reason_is_told_in_the_readers_language(pages, registration, opened):
    entry = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    template = ReasonTemplate.objects.create(
        code="theme", text={"en": "It does not fit.", "zh-hans": "与主题不符。"}
    )
    reject(
        entries={entry.pk: entry.revision}, at=NIGHT, actor=UserFactory(), template=template,
        note="See 3.2.",
    )  # fmt: skip
    text = text_of(pages.get("entry", entry.pk))
    assert "Refused by a reviewer It does not fit. See 3.2." in text
    pages.client.cookies["django_language"] = "zh-hans"
    assert "与主题不符。 See 3.2." in text_of(pages.get("entry", entry.pk))


def test_a_refused_rise_is_evidence_but_not_the_reason(pages, filed, user):
    entry = filed["GOOD"]
    reprice_entry(entry=entry, price="95.00", at=NIGHT, actor=user)
    swept(entry, "abnormal", at=local("2023-05-12 02:00"))
    answer = pages.get("entry", entry.pk)
    assert len(answer.context["entry"].why) == 1
    assert len(answer.context["evidence"]) == 2


def test_when_the_rules_changed_the_evidence_keeps_its_version(pages, filed):
    text = text_of(pages.get("entry", filed["DEAR"].pk))
    assert "rulebook version 1" in text
    assert "Campaign price 95.00 CNY at most 90 CNY" in text


def test_the_history_tells_every_move_and_its_cause(pages, filed):
    entry = filed["GOOD"]
    swept(entry, "abnormal")
    history = pages.get("entry", entry.pk).context["history"]
    assert [(row.status, row.cause, row.why) for row in history] == [
        ("submitted", "filing", ""),
        ("approved", "filing", ""),
        ("abnormal", "nightly re-check", "The price is low enough"),
    ]
    assert len(history) == EntryHistory.objects.filter(entry=entry).count()


def test_a_risk_says_until_when_it_can_be_fixed(pages, filed, at):
    entry = filed["GOOD"]
    swept(entry, "at_risk")
    Entry.objects.filter(pk=entry.pk).update(at_risk_until=local("2023-05-13 02:00"))
    at.set(local("2023-05-11 12:00"))
    assert "fix by 13 May 2023, 02:00" in text_of(pages.get("entries"))
    text = text_of(pages.get("entry", entry.pk)).replace("\xa0", " ")
    assert "Fix by 13 May 2023, 02:00, in 1 day, 14 hours." in text


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("approved", {"reprice", "withdraw"}),
        ("in_review", {"reprice", "withdraw"}),
        ("abnormal", {"reprice", "withdraw"}),
        ("unpublished", {"reprice", "withdraw", "republish"}),
        ("rejected", {"file_again"}),
        ("cleared_out", {"file_again"}),
        ("withdrawn", {"file_again"}),
    ],
)
def test_an_entry_offers_what_its_status_allows(pages, registration, opened, status, offered):
    entry = EntryFactory(registration=registration, venue=opened.venue, status=status)
    content = pages.get("entry", entry.pk).content.decode()
    for name in ("reprice", "republish", "file_again"):
        assert (pages.address(name, entry.pk) in content) == (name in offered)
    assert (f"{pages.address('withdraw')}?entry={entry.pk}" in content) == ("withdraw" in offered)


CLOSED = local("2023-05-21")


@pytest.mark.rule("D12-106")
@pytest.mark.parametrize("status", ["rejected", "cleared_out"])
@pytest.mark.parametrize(("at_time", "is_open"), [(CLOSED - SECOND, True), (CLOSED, False)])
def test_filing_again_is_offered_while_the_venue_takes_items(
    pages, registration, opened, at, status, at_time, is_open
):
    opened.version.venueterms_set.update(contact="Xiao Er, ext. 12")
    entry = EntryFactory(registration=registration, venue=opened.venue, status=status)
    at.set(at_time)
    answer = pages.get("entry", entry.pk)
    text = text_of(answer)
    assert (pages.address("file_again", entry.pk) in answer.content.decode()) is is_open
    closed = "It cannot be filed again now. Registration closed at 20 May 2023, 24:00."
    assert (closed in text) is not is_open
    by_owner = "only the venue’s operator can bring it back" in text
    assert by_owner is (status == "cleared_out" and not is_open)
    assert ("Contact of the venue: Xiao Er, ext. 12." in text) is not is_open

    answer = pages.post("file_again", entry.pk)
    onwards = pages.address("prices", opened.campaign.code, opened.venue.code)
    assert (answer.url == onwards) is is_open


def test_an_entry_that_stands_says_nothing_of_filing_again(pages, registration, opened, at):
    entry = EntryFactory(registration=registration, venue=opened.venue)
    at.set(CLOSED)
    assert "It cannot be filed again now." not in text_of(pages.get("entry", entry.pk))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "bag"}, {"A"}),
        ({"q": "b"}, {"A", "B"}),
        ({"status": "approved"}, {"A"}),
        ({"status": "group:care"}, {"B"}),
        ({"status": "group:pending"}, {"C"}),
        ({"status": "group:ended"}, {"D"}),
        ({"status": "group:running"}, {"A"}),
        ({"campaign": "first"}, {"A", "B", "C"}),
        ({"venue": "other"}, {"D"}),
        ({"q": "bag", "status": "group:care"}, set()),
    ],
)
def test_entries_are_found(pages, registration, opened, shop, query, found):
    other = open_campaign()
    elsewhere = RegistrationFactory(campaign=other.campaign, seller=shop, version=other.version)
    for code, title, status in (
        ("A", "Bag", "approved"),
        ("B", "Shoe", "abnormal"),
        ("C", "Hat", "in_review"),
    ):
        item = ItemFactory(seller=shop, code=code, title=title)
        EntryFactory(registration=registration, venue=opened.venue, item=item, status=status)
    item = ItemFactory(seller=shop, code="D", title="Scarf")
    EntryFactory(registration=elsewhere, venue=other.venue, item=item, status="rejected")
    query = {
        key: {"first": opened.campaign.pk, "other": other.venue.pk}.get(value, value)
        for key, value in query.items()
    }
    assert set(rows_of(pages.get("entries", **query))) == found


def test_drafts_of_a_check_are_no_entries(pages, registration, opened):
    draft = EntryFactory(registration=registration, venue=opened.venue, status="draft")
    assert len(pages.get("entries").context["page"]) == 0
    pages.get("entry", draft.pk, expect=404)


def test_pages_go_by_key(pages, registration, opened):
    rows = [EntryFactory(registration=registration, venue=opened.venue) for _ in range(52)]
    first = pages.get("entries").context["page"]
    assert [row.pk for row in first] == [row.pk for row in reversed(rows[2:])]
    assert first.previous == ""
    address = pages.address("entries")
    second = pages.client.get(f"{address}?{first.next}").context["page"]
    assert [row.pk for row in second] == [rows[1].pk, rows[0].pk]
    assert second.next == ""
    back = pages.client.get(f"{address}?{second.previous}").context["page"]
    assert [row.pk for row in back] == [row.pk for row in first]
    for nonsense in ("x", "-1", "9" * 30):
        assert len(pages.client.get(address, {"after": nonsense}).context["page"]) == 50


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_asks_as_much_for_one_entry_as_for_many(
    pages, registration, opened, number, django_assert_num_queries
):
    for _ in range(number):
        for status in ("approved", "abnormal"):
            entry = EntryFactory(registration=registration, venue=opened.venue)
            if status == "abnormal":
                swept(entry, "abnormal")
    pages.get("entries")
    with django_assert_num_queries(13):
        pages.get("entries")


def test_a_voluntary_play_is_joined_and_left(pages, registration, opened):
    PromotionFactory(
        version=opened.version, code="wrap", title={"en": "Gift wrap"},
        terms={"open_to": ["approved"]},
    )  # fmt: skip
    approved = EntryFactory(registration=registration, venue=opened.venue)
    waiting = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    assert "Gift wrap for approved entries" in text_of(pages.get("entry", waiting.pk))
    pages.post("plays", waiting.pk, join="wrap")
    assert not waiting.plays.exists()
    pages.post("plays", approved.pk, join="wrap")
    assert list(approved.plays.values_list("play", flat=True)) == ["wrap"]
    assert "Gift wrap takes part" in text_of(pages.get("entry", approved.pk))
    pages.post("plays", approved.pk, leave="wrap")
    assert not approved.plays.exists()


def test_void_entries_say_that_the_registration_ended(pages, registration, opened, user):
    entry = EntryFactory(registration=registration, venue=opened.venue)
    transition_registrations(
        registrations={registration.pk: registration.revision}, from_status="joined",
        to_status="withdrawn", cause=Move.Cause.SELLER, at=NIGHT,
    )  # fmt: skip
    assert "the registration ended" in text_of(pages.get("entry", entry.pk))


def test_the_venue_has_the_name_of_its_newest_terms(pages, registration, opened):
    second = VenueTermsFactory(version=opened.version, code="second", title={"en": "Second"})
    EntryFactory(registration=registration, venue=second.venue)
    assert pages.get("entries").context["page"].rows[0].venue_title == "Second"


def test_nothing_filed_yet(pages):
    assert "No entries yet" in text_of(pages.get("entries"))
    assert "No entry matches" in text_of(pages.get("entries", q="x"))

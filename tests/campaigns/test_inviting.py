"""Issuing invitations, and what sellers answer."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import inviting
from campaigns.inviting import (
    Issue,
    accept,
    decline,
    invitations_of,
    invite,
    invite_from,
    invite_selected,
    mark_seen,
)
from campaigns.models import Invitation, Notice
from campaigns.uninviting import entries_under, revoke
from sellers.feeds.problems import FeedError
from sellers.models import Item, Seller
from tests.factories import (
    FILED,
    EntryFactory,
    InvitationFactory,
    ItemFactory,
    RegistrationFactory,
    RequirementFactory,
    RoundResultFactory,
    SellerFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def opened():
    return open_campaign(invitation_only=True)


@pytest.fixture
def issue(opened):
    return Issue(opened.venue, "batch", FILED)


def issued():
    return list(
        Invitation.objects.order_by("id").values_list("seller__code", "item__code", "state")
    )


def told():
    return list(Notice.objects.order_by("id").values_list("seller__code", "cause", "state"))


def test_sellers_are_invited_with_an_item_or_any(opened, issue):
    one = ItemFactory(code="i1", seller__code="s1")
    SellerFactory(code="s2")
    done = invite(issue, [(1, "s1", "i1"), (2, "s2", ""), (3, "s1", "i1")])
    assert (done.new, done.repeated, done.problems) == (2, 1, [])
    assert issued() == [("s1", "i1", "issued"), ("s2", None, "issued")]
    assert told() == [("s1", "invited", "ready"), ("s2", "invited", "ready")]
    made = Invitation.objects.get(item=one)
    assert (made.campaign, made.venue, made.issued_at) == (opened.campaign, opened.venue, FILED)


def test_the_notice_names_the_venue_and_until_when(opened):
    SellerFactory(code="s1")
    opened.terms.title = {"en": "Outer venue"}
    opened.terms.save()
    issue = Issue(opened.venue, "batch", FILED, expires_at=local("2023-05-21"))
    invite(issue, [(1, "s1", "")])
    assert Notice.objects.get().params == {
        "venue": {"en": "Outer venue"},
        "until": "2023-05-21T00:00:00+08:00",
    }


def test_the_same_batch_again_changes_nothing(opened, issue):
    SellerFactory(code="s1")
    for expected in ((1, 0), (0, 1)):
        done = invite(issue, [(1, "s1", "")])
        assert (done.new, done.repeated) == expected
    assert (len(issued()), len(told())) == (1, 1)
    invite(Issue(opened.venue, "another", FILED), [(1, "s1", "")])
    assert (len(issued()), len(told())) == (2, 2)


def test_a_notice_that_a_killed_batch_left_out_is_written_by_the_next(issue, monkeypatch):
    SellerFactory(code="s1")
    with monkeypatch.context() as patch:
        patch.setattr(inviting, "_tell", lambda issue: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            invite(issue, [(1, "s1", "")])
    assert (len(issued()), told()) == (1, [])
    invite(issue, [(1, "s1", "")])
    assert told() == [("s1", "invited", "ready")]


def test_bad_lines_are_told_and_the_others_invited(issue):
    ItemFactory(code="i1", seller__code="s1")
    ItemFactory(code="i2", seller__code="s2")
    rows = [(2, "s1", "i1"), (3, "nobody", ""), (4, "s1", "nothing"), (5, "s1", "i2")]
    done = invite(issue, rows)
    assert done.new == 1
    assert [tuple(problem) for problem in done.problems] == [
        (3, "seller", "nobody", "there is no such seller"),
        (4, "item", "nothing", "there is no such item"),
        (5, "item", "i2", "the item is another seller’s"),
    ]
    assert issued() == [("s1", "i1", "issued")]


def test_a_table_is_read_line_by_line(issue, tmp_path):
    ItemFactory(code="i1", seller__code="s1")
    SellerFactory(code="s2")
    path = tmp_path / "invitations.csv"
    path.write_bytes(b"item,seller,remark\ni1,s1,good\n,s2,any\n,,\nx\n,s\xff,\n,nobody,\n")
    done = invite_from(issue, path)
    assert (done.new, done.repeated) == (2, 0)
    assert [tuple(problem) for problem in done.problems] == [
        (4, "seller", "", "is empty"),
        (5, "", "", "has 1 cells where the header has 3"),
        (6, "seller", "s�", "is not UTF-8 text"),
        (7, "seller", "nobody", "there is no such seller"),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "empty"), (b"shop,item\na,b\n", "“seller” is missing"), (b"seller;item\n", "commas")],
)
def test_what_is_no_table_invites_nobody(issue, tmp_path, content, text):
    path = tmp_path / "invitations.csv"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=text):
        invite_from(issue, path)
    assert issued() == []


@pytest.mark.parametrize("source", ["", "x" * 81])
def test_a_batch_has_a_source(opened, source):
    with pytest.raises(ValueError, match="source"):
        Issue(opened.venue, source, FILED)


def test_an_invitation_cannot_end_before_it_begins(opened):
    with pytest.raises(ValueError, match="end"):
        Issue(opened.venue, "batch", FILED, expires_at=FILED)


def test_what_a_query_selects_is_invited(issue):
    strong = SellerFactory.create_batch(2, growth_level=6)
    SellerFactory(growth_level=5)
    selected = Seller.objects.filter(growth_level__gte=6)
    assert [invite_selected(issue, selected), invite_selected(issue, selected)] == [2, 0]
    assert [row[:2] for row in issued()] == [(seller.code, None) for seller in strong]
    assert len(told()) == 2


def test_items_that_a_query_selects_are_invited(issue):
    deep = ItemFactory(stock=900)
    ItemFactory()
    assert invite_selected(issue, Item.objects.filter(stock__gte=900)) == 1
    assert issued() == [(deep.seller.code, deep.code, "issued")]


def test_only_who_is_neither_invited_nor_in_is_invited_afresh(opened):
    new, invited, expired, declined, entered, left = SellerFactory.create_batch(6)
    venue = opened.venue
    InvitationFactory(venue=venue, seller=invited)
    InvitationFactory(venue=venue, seller=expired, expires_at=FILED)
    InvitationFactory(venue=venue, seller=declined, state="declined")
    EntryFactory(campaign=opened.campaign, venue=venue, seller=entered)
    EntryFactory(campaign=opened.campaign, venue=venue, seller=left, status="withdrawn")
    elsewhere = VenueTermsFactory(version=opened.version, code="elsewhere").venue
    InvitationFactory(venue=elsewhere, seller=new)
    rows = Seller.objects.filter(
        pk__in=[s.pk for s in (new, invited, expired, declined, entered, left)]
    )
    hour = Issue(venue, "hour 10", FILED)
    assert [invite_selected(hour, rows, fresh=True), invite_selected(hour, rows, fresh=True)] == [
        4,
        0,
    ]
    fresh = Invitation.objects.filter(source="hour 10").values_list("seller", flat=True)
    assert set(fresh) == {new.pk, expired.pk, declined.pk, left.pk}


@pytest.mark.parametrize(
    ("invitation", "listed"),
    [
        ({}, True),
        ({"state": "seen"}, True),
        ({"state": "accepted"}, True),
        ({"state": "declined"}, False),
        ({"state": "revoked"}, False),
        ({"expires_at": FILED}, False),
        ({"expires_at": FILED + SECOND}, True),
        ({"issued_at": FILED + SECOND}, False),
    ],
)
def test_a_sellers_list_has_the_open_ones(opened, invitation, listed):
    made = InvitationFactory(venue=opened.venue, **invitation)
    InvitationFactory(venue=opened.venue)
    assert list(invitations_of(made.seller, FILED)) == ([made] if listed else [])


def test_an_invitation_is_first_seen_once(opened):
    made = InvitationFactory(venue=opened.venue)
    answered = InvitationFactory(venue=opened.venue, state="accepted")
    ids = [made.pk, answered.pk]
    assert [mark_seen(ids, FILED), mark_seen(ids, FILED + SECOND)] == [1, 0]
    made.refresh_from_db()
    assert (made.state, made.seen_at) == ("seen", FILED)


def joined(opened, **more):
    made = InvitationFactory(venue=opened.venue, **more)
    RegistrationFactory(campaign=opened.campaign, version=opened.version, seller=made.seller)
    return made


@pytest.mark.parametrize(
    ("invitation", "accepted"),
    [
        ({}, True),
        ({"state": "seen"}, True),
        ({"state": "accepted"}, True),
        ({"state": "declined"}, False),
        ({"state": "revoked"}, False),
        ({"expires_at": FILED}, False),
        ({"expires_at": FILED + SECOND}, True),
    ],
)
def test_an_open_invitation_is_accepted(opened, invitation, accepted):
    made = joined(opened, **invitation)
    before = made.state
    answer = accept(invitation=made, at=FILED)
    assert answer.accepted is accepted
    assert [refusal.code for refusal in answer.refusals] == (
        [] if accepted else ["invitation_closed"]
    )
    made.refresh_from_db()
    assert made.state == ("accepted" if accepted else before)


def test_who_has_not_joined_accepts_nothing(opened):
    made = InvitationFactory(venue=opened.venue)
    assert accept(invitation=made, at=FILED).refusals[0].code == "not_registered"
    made.refresh_from_db()
    assert made.state == "issued"


@pytest.mark.parametrize("by_kind", [True, False])
def test_what_the_venue_asks_of_sellers_is_asked(opened, by_kind):
    """An exam of this venue's kind, and one of another venue's."""
    VenueTermsFactory(version=opened.version, code="other", kind="other")
    exam = ["registration.rounds_passed", "contains", "exam"]
    where = {"venue_kinds": ["main"]} if by_kind else {"venue_code": "main"}
    RequirementFactory(
        version=opened.version, code="exam", subject="registration", require=exam, **where
    )
    RequirementFactory(
        version=opened.version,
        code="elsewhere",
        subject="registration",
        require=["registration.rounds_passed", "contains", "nothing"],
        venue_kinds=["other"],
    )
    made = joined(opened)
    answer = accept(invitation=made, at=FILED)
    assert (answer.accepted, [finding.code for finding in answer.findings]) == (False, ["exam"])
    RoundResultFactory(
        registration=made.seller.registrations.get(), code="exam", state="passed", passed_at=FILED
    )
    assert accept(invitation=made, at=FILED).accepted


def test_a_requirement_that_cannot_be_answered_does_not_stop_it(opened):
    RequirementFactory(
        version=opened.version,
        subject="seller",
        require=["seller.service_score", ">=", "3.5"],
        missing="hold",
    )
    assert accept(invitation=joined(opened), at=FILED).accepted


def test_what_was_revoked_meanwhile_is_not_accepted(opened):
    made = joined(opened)
    revoke(Invitation.objects.filter(pk=made.pk), at=FILED)
    answer = accept(invitation=made, at=FILED)
    assert (answer.accepted, answer.refusals[0].params) == (False, {"state": "revoked"})


@pytest.mark.parametrize(
    ("invitation", "refused"),
    [
        ({}, None),
        ({"state": "accepted"}, None),
        ({"state": "revoked"}, "invitation_closed"),
        ({"expires_at": FILED}, "invitation_closed"),
    ],
)
def test_an_open_invitation_is_declined(opened, invitation, refused):
    made = InvitationFactory(venue=opened.venue, **invitation)
    found = decline(invitation=made, at=FILED)
    assert (found and found.code) == refused
    made.refresh_from_db()
    assert (made.state == "declined") is (refused is None)


def test_open_ones_are_revoked_and_entries_stay(opened):
    made = joined(opened)
    entry = EntryFactory(
        registration=made.seller.registrations.get(), venue=opened.venue, slot_source="invitation"
    )
    InvitationFactory(venue=opened.venue, state="declined")
    rows = Invitation.objects.filter(venue=opened.venue)
    assert entries_under(rows) == 1
    assert [revoke(rows, at=FILED), revoke(rows, at=FILED)] == [1, 0]
    entry.refresh_from_db()
    assert entry.status == "approved"
    assert sorted(row[2] for row in issued()) == ["declined", "revoked"]


def test_the_number_of_queries_is_that_of_one(opened):
    counts = {}
    for number in (1, 3, 600):
        sellers = SellerFactory.create_batch(number)
        issue = Issue(opened.venue, f"batch {number}", FILED)
        with CaptureQueriesContext(connection) as captured:
            done = invite(issue, [(line, s.code, "") for line, s in enumerate(sellers, 1)])
        assert done.new == number
        counts[number] = len(captured)
    assert counts[1] == counts[3] == counts[600]


def test_the_command_invites_a_file(opened, tmp_path, capsys):
    SellerFactory(code="s1")
    path = tmp_path / "outer.csv"
    path.write_text("seller\ns1\nnobody\n")
    call_command("invite", opened.campaign.code, "main", str(path), "--at", "2023-05-10T12:00")
    printed = capsys.readouterr()
    assert printed.out.strip() == "1 invited, 0 there already, 1 left out"
    assert f"{path}:3: seller 'nobody': there is no such seller" in printed.err
    made = Invitation.objects.get()
    assert (made.source, made.issued_at) == ("outer.csv", FILED)


def test_the_command_says_what_it_cannot_do(opened, tmp_path):
    with pytest.raises(CommandError, match="no venue"):
        call_command("invite", opened.campaign.code, "nowhere", "x.csv")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("invite", opened.campaign.code, "main", str(tmp_path / "x.csv"))

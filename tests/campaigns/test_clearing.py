"""Clear-outs by people, requests for them, and what the venue's owner brings back."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import cancelling, permissions
from campaigns.claims import DECISION, FILING, ScopeBook, subject, take
from campaigns.clearing import clear_out, restore
from campaigns.models import CancellationRequest, Claim, Entry, Invitation, Notice, ReasonTemplate
from campaigns.reviewing import approve, reinstate, reject
from config.roles import sync_roles
from tests.factories import (
    ClaimScopeFactory,
    ConflictFactory,
    EntryFactory,
    InvitationFactory,
    QuotaFactory,
    RegistrationFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")
# Filing in the venue of `open_campaign` ends then.
CLOSED = local("2023-05-21")
LIVE = ["approved", "at_risk", "abnormal", "unpublished"]


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def opened(owner):
    opened = open_campaign(
        review_mode="system_then_manual",
        cancellable_after_approval=False,
        late_refiles="owner",
        contact="Xiao Er, ext. 12",
    )
    opened.venue.owner = owner
    opened.venue.save()
    return opened


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


@pytest.fixture
def fake():
    return ReasonTemplate.objects.create(
        code="fake_item", use="clear_out", text={"en": "Not genuine", "zh-hans": "假货"}
    )


@pytest.fixture
def entry_in(opened, registration):
    def make(status="approved", **fields):
        fields.setdefault("registration", registration)
        return EntryFactory(**{"venue": opened.venue, "status": status, **fields})

    return make


def seen(*entries):
    return {entry.pk: entry.revision for entry in entries}


def outcomes(results):
    return [result.outcome for result in results]


def status(*entries):
    return [Entry.objects.get(pk=entry.pk).status for entry in entries]


@pytest.mark.parametrize("before", Entry.Status.values)
def test_only_live_entries_are_cleared_out(entry_in, fake, before):
    operator = UserFactory()
    entry = entry_in(before)
    (result,) = clear_out(entries=seen(entry), reason=fake, note=" photo 3 ", at=AT, actor=operator)
    entry.refresh_from_db()
    if before not in LIVE:
        assert (result.outcome, entry.status) == ("not_pending", before)
        assert not entry.findings.exists()
        return
    assert (result.outcome, entry.status) == ("cleared_out", "cleared_out")
    step = entry.history.get()
    assert (step.reason, step.move.cause, step.move.actor) == ("fake_item", "operator", operator)
    finding = entry.findings.get()
    assert (finding.code, finding.action) == ("cleared_out_by_operator", "clear_out")
    assert finding.params == {
        "reason": "fake_item",
        "text": {"en": "Not genuine", "zh-hans": "假货"},
        "note": "photo 3",
    }
    assert Notice.objects.get().cause == "cleared_out"
    assert not Claim.objects.filter(entry=entry).exists()


def test_a_seller_gets_one_notice_and_an_edited_entry_is_left(entry_in, fake):
    entries = [entry_in(), entry_in("at_risk"), entry_in(revision=2)]
    results = clear_out(entries={e.pk: 1 for e in entries}, reason=fake, at=AT, actor=None)
    assert outcomes(results) == ["cleared_out", "cleared_out", "changed"]
    notice = Notice.objects.get()
    assert (notice.state, notice.lines.count()) == ("ready", 2)


def test_a_reason_of_another_use_is_refused(entry_in):
    other = ReasonTemplate.objects.create(code="blur", use="rejection")
    entry = entry_in()
    with pytest.raises(ValueError, match="blur is not a reason for clear-outs"):
        clear_out(entries=seen(entry), reason=other, at=AT, actor=None)
    assert status(entry) == ["approved"]


def test_the_owner_brings_back_what_still_finds_its_claims_and_place(opened, entry_in, owner):
    QuotaFactory(version=opened.version, ceiling=2)
    ClaimScopeFactory(version=opened.version, code="one", taken=DECISION)
    gone, held, second = entry_in("cleared_out"), entry_in("cleared_out"), entry_in("cleared_out")
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    rival = entry_in(venue=branch, item=held.item)
    book = ScopeBook(opened.version)
    Claim.objects.filter(entry=rival).delete()
    take({rival.pk: book.keys(subject(rival), FILING, DECISION)})
    results = restore(entries=seen(gone, held, second), at=CLOSED, actor=owner)
    assert outcomes(results) == ["restored", "refused", "refused"]
    assert [row.code for row in results[1].refusals] == ["already_claimed"]
    assert [row.code for row in results[2].refusals] == ["quota_full"]
    gone.refresh_from_db()
    step = gone.history.get()
    assert (gone.status, step.reason, step.move.actor) == ("approved", "restored", owner)
    assert Claim.objects.filter(entry=gone).count() == 2
    assert Notice.objects.get().cause == "restored"


def test_nothing_comes_back_under_a_registration_that_ended(opened, entry_in):
    ended = RegistrationFactory(campaign=opened.campaign, version=opened.version, status="void")
    entry = entry_in("cleared_out", registration=ended)
    (result,) = restore(entries=seen(entry), at=CLOSED, actor=None)
    assert (result.outcome, result.refusals[0].code) == ("refused", "not_registered")
    assert status(entry) == ["cleared_out"]


@pytest.mark.parametrize(("bring_back", "done"), [(restore, "restored"), (reinstate, "reinstated")])
def test_nothing_comes_back_beside_what_excludes_it(opened, entry_in, bring_back, done):
    ConflictFactory(version=opened.version, code="in_b", venue_kinds=["main"], against=["b"])
    other = VenueTermsFactory(version=opened.version, code="b", kind="b").venue
    entry, free = entry_in("cleared_out"), entry_in("cleared_out")
    rival = entry_in(venue=other, item=entry.item)
    results = bring_back(entries=seen(entry, free), at=CLOSED, actor=None)
    assert outcomes(results) == ["refused", done]
    (refusal,) = results[0].refusals
    assert (refusal.code, refusal.params["entry"]) == ("conflict", rival.pk)
    assert status(entry) == ["cleared_out"]


@pytest.mark.parametrize("before", [s for s in Entry.Status.values if s != "cleared_out"])
def test_only_cleared_out_entries_are_restored(entry_in, before):
    entry = entry_in(before)
    assert outcomes(restore(entries=seen(entry), at=CLOSED, actor=None)) == ["not_pending"]
    assert status(entry) == [before]


def test_who_may_restore(opened, owner):
    sync_roles()
    operator, reviewer = UserFactory(), UserFactory()
    for user, role in ((operator, "operator"), (reviewer, "reviewer"), (owner, "reviewer")):
        user.groups.add(Group.objects.get(name=role))
    may = [permissions.may_restore(user, opened.venue) for user in (operator, owner, reviewer)]
    assert may == [True, True, False]


@pytest.mark.parametrize("decide", ["approve", "reject"])
@pytest.mark.parametrize(("seconds", "refused"), [(-1, False), (0, True)])
def test_after_filing_has_ended_only_the_owner_decides_what_was_filed_again(
    entry_in, owner, decide, seconds, refused
):
    cleared = entry_in("cleared_out")
    refiled, fresh = entry_in("in_review", item=cleared.item), entry_in("in_review")
    arguments = {"at": CLOSED + timedelta(seconds=seconds)}
    if decide == "reject":
        arguments["note"] = "no"
    act = {"approve": approve, "reject": reject}[decide]
    done = {"approve": "approved", "reject": "rejected"}[decide]
    results = act(entries=seen(refiled, fresh), actor=UserFactory(), **arguments)
    assert outcomes(results) == ["refused" if refused else done, done]
    if refused:
        (refusal,) = results[0].refusals
        assert (refusal.code, refusal.params["contact"]) == ("owner_only", "Xiao Er, ext. 12")
        assert refusal.params["owner"] == str(owner)
        assert status(refiled) == ["in_review"]
        assert outcomes(act(entries=seen(refiled), actor=owner, **arguments)) == [done]
    assert status(refiled) == [done]


def test_where_reviewers_decide_late_refiles_anybody_does(opened, entry_in):
    opened.terms.late_refiles = "reviewer"
    opened.terms.save()
    cleared = entry_in("cleared_out")
    refiled = entry_in("in_review", item=cleared.item)
    assert outcomes(approve(entries=seen(refiled), at=CLOSED, actor=UserFactory())) == ["approved"]


@pytest.mark.parametrize("before", [s for s in Entry.Status.values if s != "draft"])
def test_a_seller_asks_only_where_it_cannot_withdraw(entry_in, before):
    entry = entry_in(before)
    refusal = cancelling.ask(entry=entry, note="sold out", at=AT, actor=UserFactory())
    expected = {"submitted": "withdrawable", "in_review": "withdrawable"}
    expected |= dict.fromkeys(LIVE, None)
    assert (refusal.code if refusal else None) == expected.get(before, "already_ended")
    assert CancellationRequest.objects.count() == (before in LIVE)


def test_a_venue_that_lets_go_need_not_be_asked(opened, entry_in):
    opened.terms.cancellable_after_approval = True
    opened.terms.save()
    assert cancelling.ask(entry=entry_in(), note="", at=AT, actor=None).code == "withdrawable"


def test_a_granted_request_is_a_clear_out(entry_in):
    seller, operator = UserFactory(), UserFactory()
    entry, ended = entry_in(), entry_in()
    for row in (entry, ended):
        assert cancelling.ask(entry=row, note="sold out", at=AT, actor=seller) is None
    assert cancelling.ask(entry=entry, note="", at=AT, actor=seller).code == "already_asked"
    Entry.objects.filter(pk=ended.pk).update(status="void")
    ids = list(CancellationRequest.objects.values_list("id", flat=True))

    later = AT + timedelta(hours=1)
    results = cancelling.grant(requests=ids, at=later, actor=operator)

    assert outcomes(results) == ["cleared_out", "not_pending"]
    assert cancelling.grant(requests=ids, at=later, actor=operator) == []
    assert status(entry, ended) == ["cleared_out", "void"]
    step = entry.history.get()
    assert (step.reason, step.move.actor) == ("seller_request", operator)
    params = entry.findings.get().params
    assert (params["requested_by"], params["note"]) == (str(seller), "sold out")
    answers = CancellationRequest.objects.order_by("id").values_list("granted", "answered_by")
    assert list(answers) == [(True, operator.pk), (None, operator.pk)]


def test_a_refused_request_is_told_and_may_be_made_again(entry_in):
    entry = entry_in()
    cancelling.ask(entry=entry, note="", at=AT, actor=None)
    asked = CancellationRequest.objects.get()
    with pytest.raises(ValueError, match="needs a reason"):
        cancelling.refuse(requests=[asked.pk], note=" ", at=AT, actor=None)
    assert cancelling.refuse(requests=[asked.pk], note="too late", at=AT, actor=None) == 1
    assert cancelling.refuse(requests=[asked.pk], note="too late", at=AT, actor=None) == 0
    asked.refresh_from_db()
    assert (asked.granted, asked.answered_at, status(entry)) == (False, AT, ["approved"])
    notice = Notice.objects.get()
    assert (notice.cause, notice.state, notice.lines.get().entry) == (
        "request_refused",
        "ready",
        entry,
    )
    assert entry.findings.get().params["note"] == "too late"
    assert cancelling.ask(entry=entry, note="", at=AT, actor=None) is None


@pytest.mark.rule("D12-075")
@pytest.mark.parametrize(
    ("invitation", "source", "outcome"),
    [
        ({}, "seller", "restored"),
        ({"item": None}, "seller", "restored"),
        ({"expires_at": CLOSED}, "seller", "refused"),
        ({"expires_at": CLOSED + timedelta(seconds=1)}, "seller", "restored"),
        ({"state": "revoked"}, "seller", "refused"),
        ({"state": "declined"}, "seller", "refused"),
        (None, "seller", "refused"),
        # What the platform brought needed none when it was filed.
        (None, "platform", "restored"),
    ],
)
def test_what_comes_back_is_invited_still(opened, entry_in, invitation, source, outcome):
    opened.version.venueterms_set.update(invitation_only=True)
    entry = entry_in("cleared_out", slot_source="invitation", source=source)
    if invitation is not None:
        InvitationFactory(
            **{"venue": opened.venue, "seller": entry.seller, "item": entry.item, **invitation}
        )
    (result,) = restore(entries=seen(entry), at=CLOSED, actor=None)
    assert result.outcome == outcome
    entry.refresh_from_db()
    assert entry.slot_source == "invitation"
    if outcome == "restored":
        assert entry.status == "approved"
        assert set(Invitation.objects.values_list("state", flat=True)) <= {"accepted"}
    else:
        assert [(row.code, row.params) for row in result.refusals] == [
            ("not_invited", {"venue": opened.venue.code})
        ]
        assert entry.status == "cleared_out"


@pytest.mark.rule("D12-116")
def test_without_an_invitation_what_comes_back_uses_a_free_choice_while_there_is_one(
    opened, entry_in
):
    opened.version.venueterms_set.update(invitation_only=True)
    QuotaFactory(version=opened.version, code="free", ceiling=1, free_choice=True)
    first, second = (entry_in("cleared_out", slot_source="invitation") for _ in "12")
    results = restore(entries=seen(first, second), at=CLOSED, actor=None)
    assert outcomes(results) == ["restored", "refused"]
    assert [row.code for row in results[1].refusals] == ["quota_full"]
    sources = dict(Entry.objects.values_list("id", "slot_source"))
    assert sources == {first.pk: "free", second.pk: "invitation"}


def test_where_an_invitation_is_there_again_no_free_choice_is_used(opened, entry_in):
    opened.version.venueterms_set.update(invitation_only=True)
    QuotaFactory(version=opened.version, code="free", ceiling=0, free_choice=True)
    entry = entry_in("cleared_out", slot_source="free")
    InvitationFactory(venue=opened.venue, seller=entry.seller, item=entry.item)
    assert outcomes(restore(entries=seen(entry), at=CLOSED, actor=None)) == ["restored"]
    entry.refresh_from_db()
    assert entry.slot_source == "invitation"


def test_restoring_many_takes_no_more_queries_than_one(opened, entry_in):
    opened.version.venueterms_set.update(invitation_only=True)
    QuotaFactory(version=opened.version, code="free", ceiling=1000, free_choice=True)
    counts = []
    for number in (2, 3, 40):
        entries = [entry_in("cleared_out") for _ in range(number)]
        InvitationFactory(venue=opened.venue, seller=entries[0].seller, item=entries[0].item)
        with CaptureQueriesContext(connection) as captured:
            results = restore(entries=seen(*entries), at=CLOSED, actor=None)
        assert outcomes(results) == ["restored"] * number
        counts.append(len(captured))
    assert len(set(counts)) == 1

"""Claims: which an entry needs, who gets them, and what happens when two want the same."""

import pytest

from campaigns import claims
from campaigns.claims import DECISION, FILING, Key, ScopeBook, campaign_scope, venue_scope
from campaigns.holdings import Holdings, Wish
from campaigns.models import Claim, Entry
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    EntryFactory,
    QuotaFactory,
    RegistrationFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def draft(registration, venue, **kwargs):
    return EntryFactory(registration=registration, venue=venue, status="draft", **kwargs)


def holdings(opened, registration):
    return Holdings(version=opened.version, registrations=[registration.pk], at=FILED)


def wishes(*entries, **kwargs):
    return [Wish(claims.subject(entry), **kwargs) for entry in entries]


def held():
    return set(Claim.objects.values_list("scope", "subject_kind", "subject_id", "entry"))


def test_the_keys_of_an_entry_follow_the_scopes(opened, registration):
    version = opened.version
    ClaimScopeFactory(version=version, code="all")
    ClaimScopeFactory(version=version, code="late", taken="decision")
    ClaimScopeFactory(version=version, code="branches", venue_kinds=["branch"])
    ClaimScopeFactory(version=version, code="shop", subject_kind="seller")
    branch = VenueTermsFactory(version=version, code="branch", kind="branch").venue
    book = ScopeBook(version)
    entry = draft(registration, branch)
    item, seller = entry.item_id, entry.seller_id

    def key(code, kind="item", pk=item):
        return Key(campaign_scope(opened.campaign.pk, code), kind, pk)

    own = Key(venue_scope(branch.pk), "item", item)
    subject = claims.subject(entry)
    assert book.keys(subject, FILING) == (
        key("all"),
        key("branches"),
        key("shop", "seller", seller),
        own,
    )
    assert book.keys(subject, DECISION) == (key("late"),)
    elsewhere = claims.subject(draft(registration, opened.venue))
    assert "branches" not in {k.scope.rpartition(":")[2] for k in book.keys(elsewhere, FILING)}


def test_of_two_takers_the_first_gets_it_and_the_other_nothing(opened, registration):
    version = opened.version
    ClaimScopeFactory(version=version, code="all")
    branch = VenueTermsFactory(version=version, code="branch").venue
    first = draft(registration, opened.venue)
    second = draft(registration, branch, item=first.item)
    book = ScopeBook(version)
    assert claims.take({first.pk: book.keys(claims.subject(first), FILING)}) == {}
    mine = held()
    refused = claims.take({second.pk: book.keys(claims.subject(second), FILING)})
    assert {pk: holder.entry_id for pk, holder in refused.items()} == {second.pk: first.pk}
    assert refused[second.pk].scope == campaign_scope(opened.campaign.pk, "all")
    assert held() == mine


def test_one_loser_does_not_stop_the_others(opened, registration):
    entries = [draft(registration, opened.venue) for _ in range(5)]
    taken = EntryFactory(registration=registration, venue=opened.venue, item=entries[2].item)
    book = ScopeBook(opened.version)
    refused = claims.take({e.pk: book.keys(claims.subject(e), FILING) for e in entries})
    assert {pk: holder.entry_id for pk, holder in refused.items()} == {entries[2].pk: taken.pk}
    assert Claim.objects.count() == 5


def test_a_claim_taken_between_look_and_insert_is_refused(opened, registration, monkeypatch):
    """Somebody else's insert is committed after this one looked for holders."""
    QuotaFactory(version=opened.version, code="stock", ceiling=1)
    first, second = draft(registration, opened.venue), draft(registration, opened.venue)
    rival = draft(registration, opened.venue, item=first.item)
    take = claims.take

    def rival_first(wanted):
        monkeypatch.setattr(claims, "take", take)
        key = Key(venue_scope(opened.venue.pk), "item", first.item_id)
        assert take({rival.pk: (key,)}) == {}
        return take(wanted)

    monkeypatch.setattr(claims, "take", rival_first)
    refused = holdings(opened, registration).take(wishes(first, second))
    assert [refusal.code for refusal in refused[first.pk]] == ["already_claimed"]
    assert refused[first.pk][0].params["entry"] == rival.pk
    # The place that the first one did not use after all is the second one's.
    assert set(refused) == {first.pk}
    assert Claim.objects.get(entry=second).subject_id == second.item_id


def test_what_one_row_was_refused_another_may_have(opened, registration):
    """One entry a shop: the first row fails on its item's claim, so the second is the one."""
    ClaimScopeFactory(version=opened.version, code="shop", subject_kind="seller")
    taken = EntryFactory(venue=opened.venue, registration=registration)
    first = draft(registration, opened.venue, item=taken.item)
    second, third = draft(registration, opened.venue), draft(registration, opened.venue)
    refused = holdings(opened, registration).take(wishes(first, second, third))
    assert {pk: [r.params["entry"] for r in rows] for pk, rows in refused.items()} == {
        first.pk: [taken.pk],
        third.pk: [second.pk],
    }


def test_a_plan_writes_nothing(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=1)
    first, second = draft(registration, opened.venue), draft(registration, opened.venue)
    plan = holdings(opened, registration).plan(wishes(first, second))
    assert set(plan.granted) == {first.pk}
    assert [r.code for r in plan.refused[second.pk]] == ["quota_full"]
    assert not Claim.objects.exists()


def test_every_full_quota_is_named(opened, registration):
    QuotaFactory(version=opened.version, code="one", ceiling=0)
    QuotaFactory(version=opened.version, code="two", ceiling=0, venue_code="main")
    QuotaFactory(version=opened.version, code="free", ceiling=1)
    entry = draft(registration, opened.venue)
    refused = holdings(opened, registration).take(wishes(entry))
    assert sorted(r.params["quota"] for r in refused[entry.pk]) == ["one", "two"]


def test_what_holds_a_place_already_needs_none(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=1)
    ClaimScopeFactory(version=opened.version, code="late", taken="decision")
    entry = EntryFactory(registration=registration, venue=opened.venue, status="in_review")
    wish = wishes(entry, moments=(DECISION,), place=False)
    assert holdings(opened, registration).take(wish) == {}
    assert {scope for scope, *_rest in held()} == {
        venue_scope(opened.venue.pk),
        campaign_scope(opened.campaign.pk, "late"),
    }


@pytest.fixture
def takeover(opened, registration):
    """An entry in the main venue, and a draft of the same item in a branch that takes over."""
    ClaimScopeFactory(version=opened.version, code="best", takeovers=[["branch", "main"]])
    branch = VenueTermsFactory(version=opened.version, code="branch", kind="branch").venue
    old = EntryFactory(registration=registration, venue=opened.venue, claim=False)
    book = ScopeBook(opened.version)
    claims.take({old.pk: book.keys(claims.subject(old), FILING)})
    return old, draft(registration, branch, item=old.item)


def test_a_takeover_moves_the_claim_and_ends_the_old_entry(opened, registration, takeover):
    old, new = takeover
    assert holdings(opened, registration).take(wishes(new)) == {}
    old.refresh_from_db()
    assert (old.status, old.history.get().to_status) == ("superseded", "superseded")
    assert {entry for *_key, entry in held()} == {new.pk}
    assert Claim.objects.count() == 2


def test_no_takeover_without_a_place_for_the_new_one(opened, registration, takeover):
    old, new = takeover
    QuotaFactory(version=opened.version, code="branch", ceiling=0, venue_code="branch")
    refused = holdings(opened, registration).take(wishes(new))
    assert [r.code for r in refused[new.pk]] == ["quota_full"]
    old.refresh_from_db()
    assert old.status == "approved"
    assert {entry for *_key, entry in held()} == {old.pk}


def test_a_takeover_of_an_entry_that_ends_meanwhile(opened, registration, takeover, monkeypatch):
    """The old entry is cleared out between the plan and the takeover: its claim is simply free."""
    from campaigns.lifecycle import transition

    old, new = takeover
    plan = Holdings.plan

    def cleared_out_after(self, wanted):
        made = plan(self, wanted)
        if Entry.objects.get(pk=old.pk).status == "approved":
            transition(
                entries={old.pk: old.revision},
                from_status="approved",
                to_status="cleared_out",
                cause="sweep",
                at=FILED,
            )
        return made

    monkeypatch.setattr(Holdings, "plan", cleared_out_after)
    assert holdings(opened, registration).take(wishes(new)) == {}
    old.refresh_from_db()
    assert old.status == "cleared_out"
    assert {entry for *_key, entry in held()} == {new.pk}

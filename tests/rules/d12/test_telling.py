"""Results and clear-outs as sellers learn of them: notices, badges, the workbench (2.3 C, 5.6)."""

import pytest

from campaigns import (
    cancelling,
    clearing,
    delivering,
    messengers,
    notices,
    overdue,
    privileges,
    releasing,
    reviewing,
    standing,
)
from campaigns.models import Channel, Delivery, Entry, EntryHistory, Notice, ReasonTemplate
from campaigns.notice_reasons import Reasons
from sellers.models import Seller
from tests.rules.d12.test_refiling import free_places
from tests.times import local

PRESALE, BRANCH, OUTER = "presale_women", "lingerie", "outer"
ADDRESSES = ["wecombot://app", "wecombot://messenger"]
RESULTS = local("2015-11-30 10:00")


@pytest.fixture
def sent(world, monkeypatch):
    """Addresses that a message went to, in order; the seller has an app and a messenger beside
    the workbench's inbox."""
    seller = Seller.objects.get(code="s1")
    for name in ("app", "messenger"):
        Channel.objects.create(seller=seller, name=name, url=f"wecombot://{name}", language="en")
    addresses = []
    monkeypatch.setattr(
        messengers, "send", lambda address, title, body: addresses.append((address, title, body))
    )
    put_aside()
    return addresses


def deliver(at):
    """The outbox at work, twice over."""
    for _again in range(2):
        notices.send_ready(at=at)
        delivering.send_due(at=at)


def reasons_of(notice):
    """The words of a notice's lines, by the item's code."""
    lines = list(notice.lines.select_related("entry__item"))
    words = Reasons([notice], lines)
    return {line.entry.item.code: words.of_line(line) for line in lines}


def put_aside():
    """Forget what was told so far, so that a test sees only what comes after."""
    Notice.objects.all().delete()


@pytest.mark.rule("D12-048")
def test_results_are_told_in_three_channels_once_each(world, sent):
    world.items({"code": "b2"})
    good, bad = (row.entry for row in world.file("b1", "b2", venue=BRANCH))
    at = local("2015-11-21 12:00")
    reviewing.approve(entries={good.pk: 1}, at=at, actor=world.user)
    reviewing.reject(entries={bad.pk: 1}, at=at, actor=world.user, note="blurred picture")
    deliver(at)
    assert (sent, Notice.objects.filter(cause="results").count()) == ([], 0)

    for _again in range(2):
        releasing.release(campaign=world.campaign, at=RESULTS, actor=world.user)
    deliver(RESULTS)

    (notice,) = Notice.objects.filter(cause="results")
    assert dict(notice.lines.values_list("entry__item__code", "to_status")) == {
        "b1": "approved", "b2": "rejected",
    }  # fmt: skip
    assert sorted(address for address, _title, _body in sent) == ADDRESSES
    assert list(Delivery.objects.values_list("state", flat=True)) == ["sent", "sent"]


@pytest.mark.rule("D12-048")
@pytest.mark.parametrize(
    ("at", "is_overdue"), [("2015-11-30 23:59:59", False), ("2015-12-01 00:00:00", True)]
)
def test_what_is_still_pending_on_1_december_is_overdue(world, at, is_overdue):
    world.items({"code": "b2"}, {"code": "b3"})
    undecided, decided, published = (
        row.entry for row in world.file("b1", "b2", "b3", venue=BRANCH)
    )
    world.approve(published.pk, at=local("2015-11-21 12:00"), venue=BRANCH)
    world.approve(decided.pk, at=local("2015-11-21 13:00"))

    late = overdue.overdue(Entry.objects.all(), local(at))

    assert set(late) == ({undecided, decided} if is_overdue else set())
    venue = world.venue(BRANCH).pk
    assert overdue.count_by_venue([venue], local(at)) == {venue: 2 * is_overdue}


@pytest.mark.rule("D12-048")
@pytest.mark.parametrize(
    ("at", "status"), [("2015-11-30 23:59:59", "in_review"), ("2015-12-01 00:00:00", "approved")]
)
def test_what_is_decided_is_published_by_itself_when_it_is_due(world, at, status):
    (row,) = world.file(venue=BRANCH)
    world.approve(row.entry.pk, at=local("2015-11-21 12:00"))

    releasing.work_due(local(at))

    assert world.status(row.entry) == status


@pytest.mark.rule("D12-103")
def test_a_clear_out_is_told_once_with_the_reason_of_each_entry(world, sent):
    world.items({"code": "b2"}, {"code": "b3"})
    world.approved("b1", "b2", "b3", venue=BRANCH)
    put_aside()
    world.feed("items", {"code": "b1", "stock": "199"}, at="2015-11-20 18:00:00")
    world.sell({"item": "b2", "unit_price": "98.99"}, paid_at="2015-11-20 18:00:00")
    world.sweep("2015-11-21 02:00:00")
    world.sweep("2015-11-22 02:00:00")
    deliver(local("2015-11-22 03:00:00"))

    (notice,) = Notice.objects.all()
    assert notice.cause == "cleared_out"
    assert reasons_of(notice) == {
        "b1": ["Branches: stock at least the venue's standard"],
        "b2": ["The item was sold below its campaign price before the sale."],
    }
    assert sorted(address for address, _title, _body in sent) == ADDRESSES
    for _address, _title, body in sent:
        assert "sold below its campaign price before the sale" in body


@pytest.mark.rule("D12-103")
def test_what_stays_is_not_told_of(world, sent):
    world.approved(venue=BRANCH)
    put_aside()
    world.feed("items", {"code": "b1", "stock": "200"}, at="2015-11-20 18:00:00")
    world.sweep("2015-11-21 02:00:00")
    deliver(local("2015-11-21 03:00:00"))

    assert (sent, Notice.objects.count()) == ([], 0)


@pytest.mark.rule("D12-103", "D12-104")
def test_an_operators_clear_out_is_told_as_well_and_takes_the_badge(world, sent):
    (entry,) = world.approved(venue=BRANCH)
    put_aside()
    at = local("2015-12-08 10:00")
    reason = ReasonTemplate.objects.get(code="sold_early")

    clearing.clear_out(
        entries={entry.pk: Entry.objects.get(pk=entry.pk).revision}, reason=reason, at=at,
        actor=world.user,
    )  # fmt: skip
    deliver(at)

    (notice,) = Notice.objects.all()
    assert reasons_of(notice) == {
        "b1": ["The item was sold below its campaign price before the sale."]
    }
    assert len(sent) == 2
    assert list(privileges.lines(world.campaign, at)) == []


@pytest.mark.rule("D12-104")
@pytest.mark.parametrize("at", ["2015-12-08 10:00:00", "2015-12-12 10:00:00"])
@pytest.mark.parametrize(("rules_ok", "badged"), [("true", True), ("false", False)])
def test_the_badge_is_gone_in_preheat_and_on_the_day(world, workbench, at, rules_ok, badged):
    (entry,) = world.approved(venue=BRANCH)
    # Sold again lately, so that nothing else stands against it.
    world.sell({"item": "b1", "quantity": "30"}, paid_at="2015-12-01 12:00:00")
    world.sellers({"code": "s1", "marketing_rules_ok": rules_ok}, at="2015-12-07 10:00:00")
    world.sweep("2015-12-08 02:00:00")
    entry.refresh_from_db()

    shown = standing.showings(world.campaign, local(at))
    assert bool(standing.badge_of(entry, shown)) is badged
    assert [line[2] for line in privileges.lines(world.campaign, local(at))] == ["b1"] * badged
    page = workbench("entry", entry.pk, at=at)
    assert (b">cleared out</span>" in page.content, b">approved</span>" in page.content) == (
        not badged, badged,
    )  # fmt: skip


@pytest.mark.rule("D12-107")
def test_the_workbench_shows_every_change_on_its_next_load(world, workbench):
    def shown(at):
        (row,) = workbench("entries", at=at).context["page"]
        return row.status

    (row,) = world.file(venue=BRANCH)
    assert shown("2015-11-20 12:00:01") == "in_review"
    world.approve(row.entry.pk, at=local("2015-11-20 13:00"))
    # Nobody sees a decision before its release.
    assert shown("2015-11-20 13:00:01") == "in_review"
    releasing.release(campaign=world.campaign, at=local("2015-11-20 14:00"), actor=world.user)
    assert shown("2015-11-20 14:00:01") == "approved"
    world.feed("items", {"code": "b1", "stock": "199"}, at="2015-11-20 18:00:00")
    world.sweep("2015-11-21 02:00:00")
    assert shown("2015-11-21 02:00:01") == "cleared_out"


@pytest.mark.rule("D12-101")
@pytest.mark.parametrize("venue", [PRESALE, BRANCH])
@pytest.mark.parametrize("granted", [True, False])
def test_an_operator_takes_an_entry_off_at_the_sellers_request(world, venue, granted):
    (entry,) = world.approved(venue=venue)
    put_aside()
    entry.refresh_from_db()
    asked, done = local("2015-11-26 10:00"), local("2015-11-26 15:00")
    assert cancelling.ask(entry=entry, note="sold out", at=asked, actor=world.user) is None
    assert world.status(entry) == "approved"
    (request,) = entry.cancellation_requests.all()

    if granted:
        cancelling.grant(requests=[request.pk], at=done, actor=world.user)
    else:
        cancelling.refuse(requests=[request.pk], note="too late", at=done, actor=world.user)

    request.refresh_from_db()
    assert (request.answered_by, request.granted) == (world.user, granted)
    last = EntryHistory.objects.filter(entry=entry).select_related("move").latest("id")
    found = (last.to_status, last.reason, last.move.actor, last.at == done)
    if granted:
        assert found == ("cleared_out", "seller_request", world.user, True)
        (notice,) = Notice.objects.all()
        assert reasons_of(notice)[entry.item.code][0] == "Taken off at the seller's own request."
    else:
        assert (found[0], world.status(entry)) == ("approved", "approved")


@pytest.mark.rule("D12-101")
def test_who_can_cancel_alone_need_not_ask(world):
    free_places(world)
    (entry,) = world.approved(venue=OUTER)
    entry.refresh_from_db()

    refusal = cancelling.ask(entry=entry, note="", at=local("2015-11-26"), actor=world.user)

    assert refusal.code == "withdrawable"

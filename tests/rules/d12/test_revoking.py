"""Section 8: a shop's permission taken back urgently; and 2.3 D, registrations from elsewhere."""

import pytest

from campaigns import revoking
from campaigns.models import Entry, EntryHistory, ReasonTemplate
from campaigns.registering import FilingRow, file_entries
from tests.factories import UserFactory
from tests.times import local

AT = local("2015-11-20 15:00:00")


def revoke(world, seller):
    reason = ReasonTemplate.objects.get(code="abnormal_orders", use="revocation")
    return revoking.revoke(
        campaign=world.campaign, seller=seller, reason=reason, note="", at=AT,
        actor=UserFactory(username="operator"),
    )  # fmt: skip


@pytest.fixture
def entries(world):
    """Approved entries of "s1" in two kinds of venues, one that is pending, one of another shop."""
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"}, {"code": "b2"})
    world.ready("s2")
    presale, branch, other = (
        world.approved(*items, **where)[0]
        for items, where in [
            ((), {"venue": "presale_women"}),
            ((), {"venue": "lingerie"}),
            (("i2",), {"venue": "lingerie", "seller": "s2"}),
        ]
    )
    (pending,) = world.file("b2", venue="lingerie")
    return presale, branch, pending.entry, other


@pytest.mark.rule("D12-146")
def test_revoking_takes_all_the_shops_entries_off_at_once_and_is_logged(world, entries):
    presale, branch, *_others = entries

    row = revoke(world, presale.seller)

    assert [world.status(entry) for entry in entries] == [
        "cleared_out", "cleared_out", "void", "approved",
    ]  # fmt: skip
    assert (row.at, row.actor.username, row.reason.code) == (AT, "operator", "abnormal_orders")
    for entry in (presale, branch):
        last = EntryHistory.objects.filter(entry=entry).select_related("move").latest("id")
        assert (last.at, last.reason, last.move.actor) == (AT, "abnormal_orders", row.actor)
    assert not Entry.objects.filter(seller=presale.seller, status="approved").exists()


@pytest.mark.rule("D12-146")
def test_nothing_is_taken_in_until_the_permission_is_back(world, entries):
    seller = entries[0].seller
    row = revoke(world, seller)
    later = local("2015-11-21 10:00:00")
    refused = world.join(at=later)
    assert not refused.joined
    assert "permission_revoked" in [finding.code for finding in refused.findings]
    assert world.join("s2", at=later).joined

    assert revoking.lift(revocation=row, at=later, actor=world.user)

    assert world.join(at=later).joined
    # What was taken off stays off.
    assert world.status(entries[1]) == "cleared_out"


def file_from(world, source):
    (row,) = file_entries(
        registration=world.registration(), venue=world.venue("women"),
        rows=[FilingRow(item="b1", price="99.00")], at=local("2015-11-20 12:00:00"),
        actor=world.user, key="from elsewhere", source=source,
    ).rows  # fmt: skip
    return row


@pytest.mark.rule("D12-045")
@pytest.mark.parametrize(
    ("source", "taken"),
    [("seller", True), ("platform", True), ("import", True), ("partner_site", False)],
)
def test_only_the_campaign_centre_takes_registrations(world, caplog, source, taken):
    row = file_from(world, source)

    codes = [finding.code for finding in row.findings if finding.outcome == "fail"]
    assert (row.status, codes) == (("in_review", []) if taken else ("rejected", ["unknown_source"]))
    assert ("partner_site" in caplog.text) is not taken

"""What the tests of the network of venues do with the world: invite, decide, publish, withdraw."""

from campaigns import inviting, releasing, reviewing, standing, withdrawing
from campaigns.inviting import Issue
from campaigns.models import Entry
from tests.times import local

INVITED = local("2015-10-29 00:00:00")
SHOWN_ON = local("2015-12-12 12:00")


def invite(world, *items, seller="s1", source="batch", at=INVITED, expires_at=None):
    """Invite a seller to outer with each item ("" for any); what came of it."""
    issue = Issue(world.venue("outer"), source, at, expires_at, actor=world.user)
    done = inviting.invite(issue, [(line, seller, item) for line, item in enumerate(items, 1)])
    assert done.problems == []
    return done


def filed(world, item, **options):
    """File one item that is not refused; its entry."""
    (row,) = world.file(item, **options)
    assert row.status != "rejected", codes_of(row)
    return row.entry


def codes_of(row):
    """Codes of what a row failed for, each once: every full quota that it could use is named."""
    return sorted({finding.code for finding in row.findings if finding.outcome == "fail"})


def outcomes(rows):
    """(status, codes) of rows."""
    return [(row.status, codes_of(row)) for row in rows]


def in_the_way(row):
    """(conflict, venue, status) of what a row was refused for, nothing else being found."""
    found = [finding for finding in row.findings if finding.outcome == "fail"]
    assert {finding.code for finding in found} <= {"conflict"}
    assert (row.status == "rejected") == bool(found)
    return [tuple(row.params[key] for key in ("conflict", "venue", "status")) for row in found]


def decide(world, entry, at):
    """A reviewer approves; what came of it."""
    entry.refresh_from_db()
    (result,) = reviewing.approve(
        entries={entry.pk: entry.revision}, at=local(at), actor=world.user
    )
    return result


def publish_results(world, at):
    """Publish what is decided in the venues that release their results together."""
    releasing.release(campaign=world.campaign, at=local(at), actor=world.user)


def approve(world, entry, at):
    """A reviewer approves, and the result is published where results are published together."""
    decide(world, entry, at)
    publish_results(world, at)
    assert world.status(entry) == "approved"


def reject(world, entry, at):
    """A reviewer rejects, and the result is published where results are published together."""
    entry.refresh_from_db()
    reviewing.reject(
        entries={entry.pk: entry.revision}, at=local(at), actor=world.user, note="Not this time"
    )
    publish_results(world, at)
    assert world.status(entry) == "rejected"


def withdraw(world, entry, at):
    """The seller takes an entry back."""
    refusal = withdrawing.withdraw_entry(entry=entry, at=local(at), actor=world.user)
    assert refusal is None


def effective_price(entry):
    """The price that rules for the entry's item in the campaign; None while it is in by none."""
    return standing.with_effective_price(Entry.objects.filter(pk=entry.pk)).get().effective_price

"""Publishing results: what was decided in venues that release together is carried out (D12-048).

A release is a row, so that one that was cut off is taken up where it stood, and every seller gets
one notice for the whole of it. Each chunk is one transaction; a decision that was carried out is
gone, so nothing happens twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q, QuerySet

from campaigns import claims, deciding, notices
from campaigns.admission import rulebook_at
from campaigns.conflicts import conflicts_when_decided
from campaigns.evidence import save_requirements
from campaigns.lifecycle import PENDING
from campaigns.models import (
    Campaign,
    Decision,
    Entry,
    Move,
    Release,
    RulebookVersion,
    Venue,
    VenueTerms,
)
from campaigns.prevailing import prevail
from campaigns.reviewing import evaluate
from campaigns.rulebooks.versions import version_in_force
from campaigns.verdicts import REVIEW, Case, reasoned

CHUNK = 2000
ALL, DUE = "all", "due"
# What sellers' notices call it: one for approvals and refusals alike.
RESULTS = "results"

APPROVED, REJECTED, RETURNED, CHANGED = "approved", "rejected", "returned", "changed"
_S = Entry.Status


@dataclass(frozen=True)
class Preview:
    """What a release would do, in entries.

    ``returned`` fail something by now and go back to the queue (None where that was not asked),
    ``changed`` were edited since they were decided, and ``open`` ones are not decided.
    """

    approve: int
    reject: int
    changed: int
    open: int
    returned: int | None = None
    by_venue: dict[str, dict[str, int]] = field(default_factory=dict)


def release(
    *, campaign: Campaign, scope: str = ALL, at: datetime, actor, venue: Venue | None = None
) -> Release:
    """Publish what is decided: ``start`` and ``work`` in one. Raises NoRulebook."""
    return work(start(campaign=campaign, scope=scope, at=at, actor=actor, venue=venue), at=at)


def start(
    *, campaign: Campaign, scope: str = ALL, at: datetime, actor, venue: Venue | None = None
) -> Release:
    """The release of that scope that is at work or was cut off, else a new one.

    ``scope`` is "all" venues, or those that are "due"; with ``venue`` it is that one alone.
    """
    if venue is not None:
        scope = f"venue:{venue.pk}"
    unfinished = Release.objects.filter(campaign=campaign, scope=scope, finished_at=None)
    try:
        with transaction.atomic():
            return unfinished.first() or Release.objects.create(
                campaign=campaign, scope=scope, at=at, actor=actor
            )
    except IntegrityError:
        return unfinished.get()


def work(release: Release, *, at: datetime) -> Release:
    """Carry the release's decisions out until none is left. Two may work on one, and one that was
    killed leaves whole chunks. Raises NoRulebook."""
    version = rulebook_at(release.campaign, at)
    while ids := _next(release, version, at):
        _carry_out(release, version, ids, at)
    Release.objects.filter(pk=release.pk, finished_at=None).update(finished_at=at)
    notices.close(key=_key(release))
    release.refresh_from_db()
    return release


def work_due(at: datetime) -> list[Release]:
    """Publish the results that are due by the instant, and take up releases that were cut off."""
    open_ones = Release.objects.filter(finished_at=None).select_related("campaign")
    waiting = Campaign.objects.filter(
        state=Campaign.State.PUBLISHED, pk__in=Decision.objects.values("venue__campaign")
    ).order_by("pk")
    found = list(open_ones.order_by("pk"))
    taken_up = {(row.campaign_id, row.scope) for row in found}
    for campaign in waiting:
        version = version_in_force(campaign, at)
        if version is None or (campaign.pk, DUE) in taken_up:
            continue
        if Decision.objects.filter(venue__in=due_venues(version, at)).exists():
            found.append(start(campaign=campaign, scope=DUE, at=at, actor=None))
    return [work(row, at=at) for row in found]


def due_venues(version: RulebookVersion, at: datetime) -> QuerySet[VenueTerms]:
    """Ids of the venues whose results are due by the instant, released together."""
    terms = version.venueterms_set.filter(release=VenueTerms.Release.TOGETHER, results_due__lte=at)
    return terms.values("venue")


def preview(
    *,
    campaign: Campaign,
    scope: str = ALL,
    at: datetime,
    venue: Venue | None = None,
    evaluated: bool = False,
) -> Preview:
    """What ``release`` would do now; nothing moves. ``evaluated`` also asks the requirements, which
    takes as long as the release does. Raises NoRulebook."""
    version = rulebook_at(campaign, at)
    shown = Release(campaign=campaign, scope=f"venue:{venue.pk}" if venue else scope)
    decisions = _decisions(shown, version, at)
    numbers = decisions.values_list("venue__code", "verdict").annotate(
        standing=Count("id", filter=Q(revision=F("entry__revision"))), number=Count("id")
    )
    by_venue = defaultdict(Counter)
    for code, verdict, standing, number in numbers.order_by():
        by_venue[code][verdict] += standing
        by_venue[code][CHANGED] += number - standing
    total = sum(by_venue.values(), Counter())
    waiting = Entry.objects.filter(
        status__in=PENDING, decision=None, venue__in=_venues(shown, version, at)
    )
    return Preview(
        approve=total[Decision.Verdict.APPROVE.value],
        reject=total[Decision.Verdict.REJECT.value],
        changed=total[CHANGED],
        open=waiting.count(),
        returned=_would_return(decisions, version, at) if evaluated else None,
        by_venue={code: dict(+counts) for code, counts in sorted(by_venue.items())},
    )


def _would_return(decisions, version, at) -> int:
    standing = decisions.filter(
        verdict=Decision.Verdict.APPROVE, revision=F("entry__revision")
    ).order_by("id")
    failing, last = 0, 0
    while rows := list(standing.filter(id__gt=last).select_related("entry")[:CHUNK]):
        last = rows[-1].pk
        entries = [row.entry for row in rows]
        failed = evaluate(version, entries, at)[1]
        passing = [entry for entry in entries if entry.pk not in failed]
        failing += len(failed) + len(conflicts_when_decided(version, passing, unreleased=False))
    return failing


def _venues(release, version, at):
    """Ids of the venues that a release covers."""
    if release.scope == DUE:
        return due_venues(version, at)
    if release.scope != ALL:
        return [int(release.scope.removeprefix("venue:"))]
    together = version.venueterms_set.filter(release=VenueTerms.Release.TOGETHER)
    decided = Decision.objects.filter(venue__campaign=release.campaign_id)
    return Venue.objects.filter(
        Q(pk__in=together.values("venue")) | Q(pk__in=decided.values("venue"))
    ).values("pk")


def _decisions(release, version, at):
    return Decision.objects.filter(venue__in=_venues(release, version, at))


def _next(release, version, at) -> list[int]:
    """The entries (ids) of the next chunk."""
    rows = _decisions(release, version, at).order_by("id")
    return list(rows.values_list("entry_id", flat=True)[:CHUNK])


def _carry_out(release, version, ids, at):
    """Carry out a chunk in one transaction; what is decided anew meanwhile is left for the next.

    The locks are taken as everywhere: registrations, entries, then what stands beside them.
    """
    # Of two that exclude each other the one decided first stands.
    seen = Decision.objects.filter(entry__in=ids).order_by("decided_at", "id")
    seen = {row.entry_id: row for row in seen}
    case = Case(
        seen={pk: row.revision for pk, row in seen.items()},
        statuses=PENDING,
        at=at,
        actor=release.actor,
        key=_key(release),
        leaves_taken=False,
    )
    rows = case.rows()
    yes = [row for row in rows if seen[row.pk].verdict == Decision.Verdict.APPROVE]
    found, failing = evaluate(version, yes, at) if yes else ({}, set())
    with transaction.atomic():
        standing = case.locked(rows)
        now = Decision.objects.filter(entry__in=ids).select_related("template", "decided_by")
        decisions = {row.entry_id: row for row in now if _is_same(row, seen[row.entry_id])}
        stale = [pk for pk in decisions if pk in case.results]
        deciding.drop(stale, version)
        standing = [row for row in standing if row.pk in decisions]
        asked = {row.pk for row in yes}
        counts = Counter({CHANGED: len(stale)})
        counts += _approve(
            case, version, [row for row in standing if row.pk in asked], decisions, found, failing
        )
        counts += _reject(
            case, version, [row for row in standing if row.pk not in asked], decisions
        )
        _count(release, counts)


def _is_same(decision, seen):
    return (decision.verdict, decision.revision) == (seen.verdict, seen.revision)


def _approve(case, version, rows, decisions, found, failing) -> Counter:
    failing = failing & {row.pk for row in rows}
    passing = [row for row in rows if row.pk not in failing]
    without = case.take_decided(version, passing, unreleased=False)
    save_requirements(
        {pk: found[pk] for pk in sorted(failing)}, owner="entry", version=version, at=case.at
    )
    case.save(without, version)
    returned = failing | without.keys()
    deciding.drop(returned, version)
    approved = [row for row in passing if row.pk not in without]
    for (decider, _code), group in _by_decider(approved, decisions):
        case.move(group, _S.APPROVED, Move.Cause.REVIEW, actor=decider, notice_cause=RESULTS)
    prevail(
        approved,
        scopes=claims.ScopeBook(version),
        version=version,
        at=case.at,
        actor=case.actor,
        notice_key=case.key,
    )
    return Counter({APPROVED: len(approved), RETURNED: len(returned)})


def _reject(case, version, rows, decisions) -> Counter:
    reasons = {
        row.pk: [
            reasoned("rejected_by_reviewer", decisions[row.pk].template, decisions[row.pk].note)
        ]
        for row in rows
    }
    case.save(reasons, version, stage=REVIEW)
    for (decider, code), group in _by_decider(rows, decisions):
        case.move(
            group,
            _S.REJECTED,
            Move.Cause.REVIEW,
            actor=decider,
            reason=code,
            notice_cause=RESULTS,
        )
    return Counter({REJECTED: len(rows)})


def _by_decider(rows, decisions) -> Iterator:
    """Rows by who decided them and for which reason: history names these, the release who
    published them."""
    groups = defaultdict(list)
    for row in rows:
        decision = decisions[row.pk]
        code = decision.template.code if decision.template else ""
        groups[decision.decided_by, code].append(row)
    yield from groups.items()


def _count(release, counts):
    """Add a chunk's numbers to the release's, in the chunk's transaction."""
    row = Release.objects.filter(pk=release.pk)
    if connection.features.has_select_for_update:
        row = row.select_for_update()
    total = Counter(row.get().counts) + counts
    Release.objects.filter(pk=release.pk).update(counts=dict(total))


def _key(release) -> str:
    return f"release:{release.pk}"

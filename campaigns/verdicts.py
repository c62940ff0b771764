"""What people's decisions over many entries have in common: what was seen, and what became of it.

A decision is made on what the person saw: an entry edited meanwhile, or taken to review by another,
is left for another look. It is carried out by chunks, in a transaction each.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from django.db import connection

from campaigns import claims, holdings, notices
from campaigns.admission import rulebook_at
from campaigns.claims import DECISION
from campaigns.conflicts import conflicts_of, conflicts_when_decided
from campaigns.eligibility.grounds import FindingDraft
from campaigns.evidence import ADMISSION, save_refusals
from campaigns.holdings import Holdings, Wish
from campaigns.lifecycle import transition
from campaigns.models import Entry, ReasonTemplate, Registration, RulebookVersion
from campaigns.prevailing import winners_over
from campaigns.timeline import Refusal

CHUNK = 2000
REVIEW = "review"


class Outcome(StrEnum):
    """What became of one entry of a decision."""

    APPROVED = "approved"
    REJECTED = "rejected"
    # Decided, and kept until the venue's results are released.
    KEPT = "kept"
    # A decision that was not released yet is taken back.
    TAKEN_BACK = "taken_back"
    REINSTATED = "reinstated"
    RESTORED = "restored"
    CLEARED_OUT = "cleared_out"
    # The system finds now what it did not at filing, or the claim or place is somebody else's.
    REFUSED = "refused"
    # Not, or no longer, in a status that can be decided so.
    NOT_PENDING = "not_pending"
    # Edited since the person saw it.
    CHANGED = "changed"
    # Another reviewer is at it.
    TAKEN = "taken"


@dataclass(frozen=True)
class Result:
    """What became of one entry: the outcome, and why where it was refused."""

    entry_id: int
    outcome: Outcome
    findings: list[FindingDraft] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass
class Case:
    """One chunk of a decision: the revisions that were seen, and the results as they come."""

    seen: Mapping[int, int]
    statuses: Container[str]
    at: datetime
    actor: object
    key: str
    # Whether entries that another person has taken to review are left to them.
    leaves_taken: bool = True
    results: dict[int, Result] = field(default_factory=dict)

    def rows(self) -> list[Entry]:
        """The entries that can be decided; the others get their result."""
        found = {row.pk: row for row in Entry.objects.filter(id__in=list(self.seen))}
        left = []
        for pk, revision in self.seen.items():
            row = found.get(pk)
            if row is None or row.status not in self.statuses:
                self.end(pk, Outcome.NOT_PENDING)
            elif row.revision != revision:
                self.end(pk, Outcome.CHANGED)
            elif self._is_taken(row.claimed_by_id, row.claimed_until):
                self.end(pk, Outcome.TAKEN)
            else:
                left.append(row)
        ended = [pk for pk, row in found.items() if row.status == Entry.Status.SUPERSEDED]
        self._name_holders(ended)
        return left

    def locked(self, rows: list[Entry]) -> list[Entry]:
        """The rows still as they were seen, locked with their registrations; the others get their
        result."""
        holdings.lock_registrations({row.registration_id for row in rows})
        current = Entry.objects.filter(id__in=[row.pk for row in rows]).order_by("id")
        if connection.features.has_select_for_update:
            current = current.select_for_update()
        columns = ["id", "status", "revision", "claimed_by", "claimed_until"]
        now = {row[0]: row[1:] for row in current.values_list(*columns)}
        standing, superseded = [], []
        for row in rows:
            status, revision, taker, until = now.get(row.pk, ("", 0, None, None))
            if status not in self.statuses or revision != self.seen[row.pk]:
                self.end(row.pk, Outcome.CHANGED)
                if status == Entry.Status.SUPERSEDED:
                    superseded.append(row.pk)
            elif self._is_taken(taker, until):
                self.end(row.pk, Outcome.TAKEN)
            else:
                row.status = status
                standing.append(row)
        self._name_holders(superseded)
        return standing

    def end(self, pk: int, outcome: Outcome, findings=(), refusals=()) -> None:
        """Note the result for an entry."""
        self.results[pk] = Result(pk, outcome, list(findings), list(refusals))

    def end_all(self, rows: Iterable[Entry], outcome: Outcome, refused: Mapping) -> None:
        """Note the outcome for the rows, or why they were refused (entry id to refusals)."""
        for row in rows:
            reasons = refused.get(row.pk, [])
            self.end(row.pk, Outcome.REFUSED if reasons else outcome, refusals=reasons)

    def holdings(self, version: RulebookVersion, rows: Iterable[Entry]) -> Holdings:
        """The claims and places of the rows' registrations."""
        registrations = {row.registration_id for row in rows}
        return Holdings(version=version, registrations=registrations, at=self.at)

    def take(
        self, version: RulebookVersion, rows: Iterable[Entry], wishes: list[Wish]
    ) -> dict[int, list[Refusal]]:
        """Take what the entries wish for; the entries refused, and why."""
        held = self.holdings(version, rows)
        return held.take(wishes, actor=self.actor, notice_key=self.key)

    def take_decided(
        self,
        version: RulebookVersion,
        rows: Iterable[Entry],
        *,
        kept: Container[int] = (),
        unreleased: bool,
    ) -> dict[int, list[Refusal]]:
        """Take what pending entries claim when they are decided, in the order given; those that
        cannot be approved, and why.

        What came to stand in another venue while they waited bars them as it bars a filing
        (D12-026, 043, 085), with ``unreleased`` also what is decided and not released yet. In the
        venues ``kept`` (ids) decisions wait for their release. A handful of queries, once more for
        every venue that an item waits in if claims are lost.
        """
        refused, granted, left = {}, set(), list(rows)
        while left:
            barred = conflicts_when_decided(version, left, approved=granted, unreleased=unreleased)
            free = [row for row in left if row.pk not in barred]
            lost = self.take(
                version,
                free,
                [
                    Wish(
                        claims.subject(row),
                        (DECISION,),
                        place=False,
                        released=row.venue_id not in kept,
                    )
                    for row in free
                ],
            )
            granted |= {row.pk for row in free} - lost.keys()
            refused |= barred | lost
            # What stood in the way only of these may stand now.
            left = [
                row
                for row in left
                if row.pk in barred
                and any(refusal.params["entry"] in lost for refusal in barred[row.pk])
            ]
            for row in left:
                del refused[row.pk]
        return refused

    def move(self, rows: Iterable[Entry], to_status: str, cause: str, **more) -> None:
        """Move locked rows, by the status each has."""
        groups = defaultdict(dict)
        for row in rows:
            groups[row.status][row.pk] = row.revision
        for status, seen in sorted(groups.items()):
            transition(
                entries=seen,
                from_status=status,
                to_status=to_status,
                cause=cause,
                at=self.at,
                notice_key=self.key,
                **{"actor": self.actor, **more},
            )

    def save(self, refused: Mapping, version: RulebookVersion, *, stage: str = ADMISSION) -> None:
        """Keep why entries were refused."""
        save_refusals(
            [({"entry": pk}, refusal) for pk, rows in refused.items() for refusal in rows],
            version=version,
            at=self.at,
            stage=stage,
        )

    def _is_taken(self, taker, until):
        mine = taker == getattr(self.actor, "pk", None)
        return self.leaves_taken and until is not None and until > self.at and not mine

    def _name_holders(self, ids):
        """Who lost against another entry is refused with the holder named (D12-042)."""
        for pk, refusal in (winners_over(ids) if ids else {}).items():
            self.end(pk, Outcome.REFUSED, refusals=[refusal])


def by_chunks(
    entries: Mapping[int, int],
    decide: Callable[[Case], None],
    *,
    statuses: Container[str],
    at: datetime,
    actor,
    what: str = REVIEW,
) -> list[Result]:
    """Decide by chunks, one result per id in the order given; sellers get one notice for all of
    them when the last is done."""
    key = f"{what}:{uuid4()}"
    ids, results = list(entries), {}
    for start in range(0, len(ids), CHUNK):
        seen = {pk: entries[pk] for pk in ids[start : start + CHUNK]}
        case = Case(seen=seen, statuses=statuses, at=at, actor=actor, key=key)
        decide(case)
        results |= case.results
    notices.close(key=key)
    return [results[pk] for pk in ids]


def by_version(rows: Iterable[Entry], at: datetime) -> list[tuple[RulebookVersion, list[Entry]]]:
    """Entries by the rulebook version in force in their campaign; usually one."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.campaign_id].append(row)
    return [
        (rulebook_at(groups[campaign_id][0].campaign, at), groups[campaign_id])
        for campaign_id in sorted(groups)
    ]


def barred(
    version: RulebookVersion, rows: Iterable[Entry], *, becoming: str
) -> dict[int, list[Refusal]]:
    """The ended entries that cannot come back as ``becoming``: their registration does not stand
    any more, or another entry of the item stands in a venue that excludes theirs (D12-026, 043)."""
    rows = list(rows)
    gone = _unregistered(rows)
    left = [row for row in rows if row.pk not in gone]
    return gone | conflicts_of(version, left, becoming=becoming)


def _unregistered(rows):
    gone = dict(
        Registration.objects.filter(id__in={row.registration_id for row in rows})
        .exclude(status=Registration.Status.JOINED)
        .values_list("id", "status")
    )
    return {
        row.pk: [Refusal("not_registered", {"registration": gone[row.registration_id]})]
        for row in rows
        if row.registration_id in gone
    }


def reasoned(code: str, template: ReasonTemplate | None, note: str, **more) -> Refusal:
    """A person's reason as it is kept with each entry: a template's text, a note, or both."""
    return Refusal(
        code,
        {
            "reason": template.code if template else "",
            "text": template.text if template else {},
            "note": note.strip(),
            **more,
        },
    )

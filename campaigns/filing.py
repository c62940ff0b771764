"""Filing items: stored as drafts, checked all at once, and settled in file order.

A row that fails is kept as a rejected entry with its evidence. Only a request that cannot be read
stores nothing.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from campaigns import holdings, notices, tallies
from campaigns.admission import Admission, rulebook_at
from campaigns.drafts import FilingRow, drafts_of, readable, store
from campaigns.evidence import save_refusals, save_requirements
from campaigns.lifecycle import transition
from campaigns.models import Entry, Filing, Finding, Move, Registration, Venue
from campaigns.outcomes import FilingResult, result_of
from campaigns.prevailing import prevail

logger = logging.getLogger(__name__)

_S = Entry.Status


def file_entries(
    *,
    registration: Registration,
    venue: Venue,
    rows: Sequence[FilingRow],
    at: datetime,
    actor,
    key: str,
    source: str = Entry.Source.SELLER,
) -> FilingResult:
    """File items in a venue under a registration (G520-002, 019..040, 062).

    All checks are made for every row and every reason kept; then the rows that passed take their
    claims and places in file order; then the venue's review mode decides. The same ``key`` again
    returns what came of it the first time. What comes from a ``source`` that ``Entry.Source`` does
    not name is refused, row by row, and logged (D12-045). Raises UnreadableRequest, and NoRulebook.
    """
    if source not in Entry.Source.values:
        logger.warning("filing %s of %s comes from %r", key, registration.pk, source)
    rows = readable(registration, venue, rows, key)
    version = rulebook_at(registration.campaign, at)
    filing = store(
        registration=registration,
        venue=venue,
        version=version,
        rows=rows,
        at=at,
        actor=actor,
        key=key,
        source=source,
    )
    if filing.done:
        return result_of(filing, repeated=True)
    if filing.at != at:
        # An attempt that was cut off is taken up as of its own instant.
        version = rulebook_at(registration.campaign, filing.at)
    admission = Admission(version, venue, filing.at, source)
    items = dict(drafts_of(filing).values_list("pk", "item_id"))
    facts = admission.refresh(sellers=[registration.seller_id], items=items.values())
    if admission.asks_for_slots:
        # Conditions may look at where a place comes from; who gets one is settled under the lock.
        quotas = admission.holdings(registration.pk, facts).quotas
        entries = list(drafts_of(filing))
        admission.slots(entries, quotas).store(entries)
    found = admission.checker(facts).findings(items)
    settled = _settle(filing, admission, found, facts, actor=actor)
    return result_of(filing, repeated=not settled)


def _settle(filing, admission, found, facts, *, actor) -> bool:
    """Move the filing's drafts to where they belong; False if somebody else did meanwhile.

    ``found`` maps entry ids to the requirements that they fail or cannot answer; ``facts`` are the
    statistics of then.
    """
    key = f"filing:{filing.pk}"
    with transaction.atomic():
        holdings.lock_registrations([filing.registration_id])
        if Filing.objects.filter(pk=filing.pk, done=True).exists():
            return False
        registration = Registration.objects.get(pk=filing.registration_id)
        entries = list(drafts_of(filing))
        ids = [entry.pk for entry in entries]
        held = admission.holdings(filing.registration_id, facts)
        slots = admission.slots(entries, held.quotas)
        slots.store(entries)
        refusals = admission.rows_refused(registration, entries, slots)
        stored = Finding.objects.filter(entry__in=ids, filing=filing)
        out = {*refusals, *stored.values_list("entry", flat=True)}
        goal = admission.goals(entries, found, out)
        wishes = admission.wishes(entries, goal, slots)
        without = held.take(wishes, actor=actor, notice_key=key)
        for pk, reasons in without.items():
            refusals.setdefault(pk, []).extend(reasons)
            del goal[pk]
        slots.settle(entries, goal, held.chosen, held.used)
        slots.accept(held.used, filing.at)
        version, at = admission.version, admission.at
        save_requirements(found, owner="entry", version=version, at=at, filing=filing)
        save_refusals(
            [({"entry": pk}, refusal) for pk, rows in refusals.items() for refusal in rows],
            version=version,
            at=at,
            filing=filing,
        )
        tallies.count_refusals(filing=filing, at=at)
        waiting = [pk for pk, status in goal.items() if admission.is_held(found.get(pk, []))]
        if waiting:
            Entry.objects.filter(id__in=waiting).update(held=True)
        _move(entries, goal, at=at, actor=actor, key=key)
        approved = [entry for entry in entries if goal.get(entry.pk) == _S.APPROVED]
        prevail(approved, scopes=held.scopes, version=version, at=at, actor=actor, notice_key=key)
        notices.close(key=key)
        Filing.objects.filter(pk=filing.pk).update(done=True)
    return True


def _move(entries, goal, *, at, actor, key):
    """Move drafts to rejected or submitted, and the submitted ones to their goal."""
    revisions = {entry.pk: entry.revision for entry in entries}
    groups = {
        (_S.DRAFT, _S.REJECTED): [pk for pk in revisions if pk not in goal],
        (_S.DRAFT, _S.SUBMITTED): list(goal),
    }
    for status in (_S.APPROVED, _S.IN_REVIEW):
        groups[_S.SUBMITTED, status] = [pk for pk, wanted in goal.items() if wanted == status]
    for (from_status, to_status), ids in groups.items():
        transition(
            entries={pk: revisions[pk] for pk in ids},
            from_status=from_status,
            to_status=to_status,
            cause=Move.Cause.FILING,
            at=at,
            actor=actor,
            notice_key=key,
        )

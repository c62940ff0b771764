"""What would become of a filing: the same checks over drafts that are taken away again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q

from campaigns.admission import Admission, rulebook_at
from campaigns.drafts import FilingRow, discard, drafts_of, readable, store
from campaigns.eligibility.grounds import FindingDraft
from campaigns.joining import registration_for
from campaigns.models import Campaign, Entry, Finding, Venue
from campaigns.timeline import Refusal
from sellers.models import Seller

PREVIEW_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class PreviewRow:
    """What would become of one row: the status, process reasons, and every requirement."""

    line: int
    item: str
    status: str
    refusals: list[Refusal] = field(default_factory=list)
    requirements: list[FindingDraft] = field(default_factory=list)


def preview_entries(
    *,
    campaign: Campaign,
    seller: Seller,
    venue: Venue,
    rows: Sequence[FilingRow],
    at: datetime,
    source: str = Entry.Source.SELLER,
) -> list[PreviewRow]:
    """What filing these rows now would bring, with every requirement's measured and threshold.

    Nothing stays but refreshed statistics. A seller who has not joined may ask too. Raises
    UnreadableRequest, and NoRulebook.
    """
    version = rulebook_at(campaign, at)
    registration = registration_for(campaign=campaign, seller=seller, version=version, at=at)
    key = f"preview:{uuid4()}"
    rows = readable(registration, venue, rows, key)
    filing = store(
        registration=registration,
        venue=venue,
        version=version,
        rows=rows,
        at=at,
        actor=None,
        key=key,
        source=source,
        lasts=PREVIEW_LASTS,
    )
    try:
        return _judge(filing, rows, Admission(version, venue, at, source))
    finally:
        discard(filing)


def _judge(filing, rows, admission):
    registration = filing.registration
    entries = list(drafts_of(filing))
    facts = admission.refresh(
        sellers=[registration.seller_id], items=[entry.item_id for entry in entries]
    )
    held = admission.holdings(registration.pk, facts)
    slots = admission.slots(entries, held.quotas)
    slots.store(entries)
    explained = admission.checker(facts).explain([entry.pk for entry in entries])
    refused, wrong = admission.rows_refused(registration, entries, slots), _row_refusals(filing)
    out = {entry.pk for entry in entries if entry.pk in refused or entry.line in wrong}
    goals = admission.goals(entries, explained, out)
    without = held.plan(admission.wishes(entries, goals, slots)).refused
    by_line = {entry.line: entry for entry in entries}
    result = []
    for line, row in enumerate(rows, 1):
        pk = by_line[line].pk if line in by_line else None
        reasons = [*wrong.get(line, []), *without.get(pk, []), *refused.get(pk, [])]
        status = Entry.Status.REJECTED if reasons else goals.get(pk, Entry.Status.REJECTED)
        result.append(PreviewRow(line, row.item, status, reasons, explained.get(pk, [])))
    return result


def _row_refusals(filing):
    """What is wrong with rows in themselves, by line."""
    found = {}
    of_filing = Q(entry__filing=filing) | Q(registration=filing.registration_id, entry=None)
    stored = Finding.objects.filter(of_filing, filing=filing).order_by("id")
    for code, params, line in stored.values_list("code", "params", "entry__line"):
        line = params["line"] if line is None else line
        found.setdefault(line, []).append(Refusal(code, params))
    return found

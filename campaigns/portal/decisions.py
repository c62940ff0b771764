"""A seller's entries, and why they stand where they stand."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest

from campaigns.lifecycle import LIVE
from campaigns.models import Entry, EntryHistory, Finding, ReasonTemplate, VenueTerms
from campaigns.portal.evidence import Reader, Verdict
from campaigns.templatetags.figures import localised

# An entry in one of these needs no reason: it is where its seller wants it.
WITHOUT_REASON = frozenset({Entry.Status.APPROVED, Entry.Status.WITHDRAWN, Entry.Status.DRAFT})


def entries_of(request: HttpRequest) -> QuerySet[Entry]:
    """The seller's entries, drafts of a check left out."""
    return Entry.objects.filter(seller=request.acting.seller).exclude(status=Entry.Status.DRAFT)


def own_entry(request: HttpRequest, entry_id: int, *related: str) -> Entry:
    """One entry of the seller's with its item, venue and campaign; another's is a 404."""
    rows = entries_of(request).select_related("item", "venue", "campaign", "move", *related)
    entry = rows.filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    entry.venue_title = localised(venue_titles([entry.venue_id]).get(entry.venue_id))
    return entry


def reasons_of(entries: Iterable[Entry]) -> dict[int, list[Verdict]]:
    """The findings behind each entry's status, by entry id; ``move`` is read with the entries.

    A re-check's are those of the run that made the latest move, the shop's own included; else
    those of the filing or the review that made it. A handful of queries for any number of entries.
    """
    entries = [entry for entry in entries if entry.status not in WITHOUT_REASON]
    if not entries:
        return {}
    runs = {entry.move.run_id for entry in entries if entry.move and entry.move.run_id}
    registrations = {entry.registration_id for entry in entries}
    of_entries = Q(entry__in=[entry.pk for entry in entries])
    of_shops = Q(registration__in=registrations, entry__isnull=True)
    found = (
        Finding.objects.filter(of_entries | of_shops)
        .filter(Q(run__isnull=True) | Q(run__in=runs))
        .select_related("requirement")
        .prefetch_related("grounds")
        .order_by("id")
    )
    by_entry, by_shop = defaultdict(list), defaultdict(list)
    for finding in found:
        (by_entry if finding.entry_id else by_shop)[
            finding.entry_id or (finding.registration_id, finding.run_id)
        ].append(finding)
    reader = Reader({finding.version_id for rows in by_entry.values() for finding in rows})
    result = {}
    for entry in entries:
        run = entry.move.run_id if entry.move else None
        mine = [finding for finding in by_entry[entry.pk] if _led_to(finding, entry, run)]
        mine += by_shop[entry.registration_id, run] if run else []
        result[entry.pk] = [reader.finding(finding) for finding in mine]
    return result


def reason_texts(entries: Iterable[Entry]) -> dict[int, str]:
    """What the marketplace calls the reason of a re-check's latest move, in the reader's language,
    by entry id; left out where it has no text for the code. Two queries."""
    ids = [entry.pk for entry in entries if entry.move and entry.move.run_id]
    steps = EntryHistory.objects.filter(entry__in=ids, move=F("entry__move"))
    codes = dict(steps.exclude(reason="").values_list("entry", "reason")) if ids else {}
    if not codes:
        return {}
    texts = dict(
        ReasonTemplate.objects.filter(code__in=set(codes.values())).values_list("code", "text")
    )
    return {pk: localised(texts[code]) for pk, code in codes.items() if code in texts}


def _led_to(finding: Finding, entry: Entry, run: int | None) -> bool:
    """Whether a finding is of the run, or else of the instant, that made the latest move."""
    if run or entry.move is None:
        return finding.run_id == run
    return finding.run_id is None and finding.at == entry.move.at


def venue_titles(venues: Iterable[int]) -> dict[int, dict]:
    """Venue id to its title texts, by the newest version that has the venue."""
    rows = VenueTerms.objects.filter(venue__in=set(venues)).order_by("version__number")
    return {
        venue: title or {"en": code}
        for venue, title, code in rows.values_list("venue_id", "title", "code")
    }


def can_act(entry: Entry) -> bool:
    """Whether the entry still takes part, so that its seller may change or withdraw it."""
    return entry.status in LIVE or entry.status in {Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW}

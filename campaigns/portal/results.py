"""What became of a filing: one row per item, with every reason, to read and to download."""

from collections import Counter

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from campaigns.models import Entry, Filing
from campaigns.outcomes import FilingResult, RowResult, result_of
from campaigns.portal import reasons
from campaigns.portal.decisions import venue_titles
from campaigns.portal.evidence import Reader
from campaigns.portal.page import seller_page, show
from campaigns.portal.refiling import why_not
from campaigns.portal.standing import trail_of
from campaigns.spreadsheets import csv_answer
from campaigns.templatetags.figures import localised

ROWS = 100
ACCEPTED, REVIEW, REFUSED, OTHER = "accepted", "review", "refused", "other"


@seller_page
def filing(request: HttpRequest, filing_id: int) -> HttpResponse:
    """The filing's rows, all or those with one outcome."""
    found = _own(request, filing_id)
    result = result_of(found)
    rows = [(outcome_of(row), row) for row in result.rows]
    counts = Counter(outcome for outcome, _row in rows)
    only = request.GET.get("only", "")
    if only in counts:
        rows = [(outcome, row) for outcome, row in rows if outcome == only]
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    reader = _reader(result)
    page.object_list = [_shown(reader, outcome, row) for outcome, row in page.object_list]
    context = {
        "filing": found,
        "campaign": found.registration.campaign,
        "venue_title": localised(venue_titles([found.venue_id]).get(found.venue_id)),
        "page": page,
        "counts": counts,
        "total": len(result.rows),
        "only": only if only in counts else "",
        "why_not_again": why_not(found.registration, found.venue, request.at),
        "refused_again": any(row["entry"] and row["outcome"] == REFUSED for row in page),
    }
    trail = trail_of(request, found.registration.campaign, (_("Result"), ""))
    return show(request, "filing", context, section="campaigns", trail=trail)


@seller_page
def filing_csv(request: HttpRequest, filing_id: int) -> HttpResponse:
    """The same as a table: one line per row and reason."""
    found = _own(request, filing_id)
    result = result_of(found)
    reader = _reader(result)
    header = [
        _("row"), _("item"), _("title"), _("price"), _("status"), _("reason"),
        _("fact"), _("measured"), _("needed"), _("what to do"),
    ]  # fmt: skip
    lines = []
    for row in result.rows:
        entry = row.entry
        start = [
            row.line,
            row.item,
            entry.item.title if entry else "",
            entry.activity_price if entry else "",
            Entry.Status(row.status).label,
        ]
        verdicts = [reader.finding(finding) for finding in row.findings]
        for verdict in verdicts:
            for line in verdict.failed or [None]:
                measured = [line.label, line.measured, line.needed] if line else ["", "", ""]
                lines.append([*start, verdict.title, *measured, verdict.remedy])
        if not verdicts:
            lines.append([*start, "", "", "", "", ""])
    return csv_answer(f"filing-{found.pk}.csv", [header, *lines])


def outcome_of(row: RowResult) -> str:
    """Where a row stands now: accepted, review, refused, or other (it has moved since)."""
    if row.status in {Entry.Status.APPROVED, Entry.Status.AT_RISK}:
        return ACCEPTED
    if row.status in {Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW}:
        return REVIEW
    return REFUSED if row.status == Entry.Status.REJECTED else OTHER


def _own(request, filing_id):
    found = (
        Filing.objects.filter(registration__seller=request.acting.seller, done=True)
        .select_related("registration__campaign", "venue")
        .filter(pk=filing_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _reader(result: FilingResult) -> Reader:
    return Reader({finding.version_id for row in result.rows for finding in row.findings})


def _shown(reader, outcome, row):
    return {
        "line": row.line,
        "item": row.item,
        "title": row.entry.item.title if row.entry else "",
        "entry": row.entry,
        "price": row.entry.activity_price if row.entry else None,
        "status": row.status,
        "label": Entry.Status(row.status).label,
        "outcome": outcome,
        "verdicts": [reader.finding(finding) for finding in row.findings],
        "next_step": reasons.next_step(row.status),
    }

"""The second step of filing: prices, lists and tools, a check, and then filing once."""

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.admission import NoRulebook
from campaigns.drafts import UnreadableRequest
from campaigns.filing import FilingRow, file_entries
from campaigns.models import Entry, Filing
from campaigns.portal import worksheet
from campaigns.portal.choosing import parse_ids
from campaigns.portal.evidence import FAIL, HOLD, Reader, Verdict, of_refusal
from campaigns.portal.page import filing_page, show
from campaigns.portal.places import places_shown
from campaigns.portal.standing import filing_place, trail_of
from campaigns.portal.suggesting import list_prices_at
from campaigns.portal.tools import tools_of
from campaigns.portal.worksheet import Row, Worksheet
from campaigns.previewing import PreviewRow, preview_entries
from sellers.models import Item

HUNDRED = Decimal(100)
# What filing would bring, by the status it would lead to.
WOULD_BE = {
    Entry.Status.APPROVED: gettext_lazy("approved at once"),
    Entry.Status.IN_REVIEW: gettext_lazy("goes to review"),
    Entry.Status.SUBMITTED: gettext_lazy("goes to review"),
    Entry.Status.REJECTED: gettext_lazy("would be refused"),
}


@dataclass
class Line:
    """One row of the page: the item, what was typed, and how a check came out."""

    item: Item
    row: Row
    problem: str = ""
    since: object = None
    status: str = ""
    verdicts: tuple = ()

    @property
    def label(self) -> str:
        """What filing it would bring, in words."""
        return str(WOULD_BE[self.status]) if self.status else ""

    @property
    def sources(self) -> list[tuple[str, str]]:
        """The lists that it may be picked from."""
        return worksheet.sources_of(self.item)


@filing_page
def prices(request: HttpRequest, code: str, venue: str) -> HttpResponse:
    """The worksheet with prices. POST checks it, files it, fills prices in or takes a row out."""
    campaign, place, registration = filing_place(request, code, venue)
    sheet = worksheet.load(request, registration, place)
    context = {"campaign": campaign, "venue": place, "sheet": sheet}
    if request.method == "POST":
        done = Filing.objects.filter(registration=registration, key=request.POST.get("key", ""))
        if filing := done.filter(done=True).first():
            return redirect("portal:filing", request.acting.seller.pk, filing.pk)
        take_over(request, sheet)
        worksheet.save(request, registration, place, sheet)
        answer = _act(request, registration, place, sheet, context)
        if answer is not None:
            return answer
    elif not sheet.rows:
        return redirect("portal:choose", request.acting.seller.pk, code, venue)
    lines = context.setdefault("lines", lines_of(request, sheet))
    context |= {
        "tools": tools_of(campaign.calendar.version),
        "places": places_shown(request, campaign, registration),
        "problems": sum(1 for line in lines if line.problem),
    }
    trail = trail_of(request, campaign, (_("File items"), ""))
    return show(request, "prices", context, section="campaigns", trail=trail)


def take_over(request: HttpRequest, sheet: Worksheet) -> None:
    """Put what was typed into the worksheet; only the seller's own items count."""
    ids = parse_ids(request.POST.get("items", "").split(","))[: worksheet.LARGEST]
    mine = set(
        Item.objects.filter(seller=request.acting.seller, pk__in=ids).values_list("pk", flat=True)
    )
    known = sheet.rows
    sheet.rows = {}
    for pk in ids:
        if pk in mine:
            old = known.get(pk, Row())
            source = request.POST.get(f"source-{pk}", old.source)
            sheet.rows[pk] = Row(
                price=request.POST.get(f"price-{pk}", "").strip()[:40],
                source=source if source in Entry.ListSource.values else "",
                highest=old.highest,
            )
    sheet.tools = request.POST.getlist("tools")[:50]
    sheet.key = request.POST.get("key", "")[:64] or sheet.key


def lines_of(request: HttpRequest, sheet: Worksheet) -> list[Line]:
    """The rows with their items, and since when the price that bounds each holds."""
    items = Item.objects.filter(seller=request.acting.seller).in_bulk(list(sheet.rows))
    highest = {pk: Decimal(row.highest) for pk, row in sheet.rows.items() if row.highest}
    since = list_prices_at(highest)
    return [
        Line(item=items[pk], row=row, since=since.get(pk))
        for pk, row in sheet.rows.items()
        if pk in items
    ]


def _act(request, registration, place, sheet, context):
    """Do what the button says; a response, or None to show the page with what was found."""
    back = redirect(request.get_full_path())
    if remove := parse_ids([request.POST.get("remove", "")]):
        sheet.remove(remove)
        worksheet.save(request, registration, place, sheet)
        return back
    action = request.POST.get("do")
    lines = context["lines"] = lines_of(request, sheet)
    if action == "fill":
        if _fill(request, lines):
            worksheet.save(request, registration, place, sheet)
            return back
        return None
    for line in lines:
        line.problem = worksheet.price_problem(line.row.price)
    if not lines or any(line.problem for line in lines):
        return None
    try:
        if action == "file":
            return _file(request, registration, place, sheet, lines)
        checked = _check(request, registration, place, sheet, lines)
        if action == "file_passing":
            passing = [line for line in lines if line.status != Entry.Status.REJECTED]
            if passing:
                return _file(request, registration, place, sheet, passing)
    except (UnreadableRequest, NoRulebook):
        messages.error(request, _("The marketplace takes nothing in here at the moment."))
        return back
    context |= checked
    return None


def _rows(sheet, lines):
    return [
        FilingRow(
            item=line.item.code,
            price=line.row.amount,
            list_source=line.row.source or None,
            tools=tuple(sheet.tools),
        )
        for line in lines
    ]


def _check(request, registration, place, sheet, lines):
    """Evaluate the rows without filing them; writes the outcome into the lines."""
    results = preview_entries(
        campaign=registration.campaign,
        seller=request.acting.seller,
        venue=place,
        rows=_rows(sheet, lines),
        at=request.at,
    )
    reader = Reader([place.campaign.calendar.version.pk])
    for line, result in zip(lines, results, strict=True):
        line.status = result.status
        line.verdicts = tuple(_verdicts(reader, result))
    counts = Counter(line.status for line in lines)
    refused = counts[Entry.Status.REJECTED]
    return {
        "checked": True,
        "counts": [(status, str(WOULD_BE[status]), n) for status, n in counts.items()],
        "refused": refused,
        "passing": len(lines) - refused,
    }


def _verdicts(reader, result: PreviewRow) -> list[Verdict]:
    found = [of_refusal(refusal.code, refusal.params) for refusal in result.refusals]
    found += [reader.draft(draft) for draft in result.requirements if draft.outcome in (FAIL, HOLD)]
    return found


def _file(request, registration, place, sheet, lines):
    """File the lines once; what is left of the worksheet stays with a key of its own."""
    result = file_entries(
        registration=registration,
        venue=place,
        rows=_rows(sheet, lines),
        at=request.at,
        actor=request.user,
        key=sheet.key,
    )
    sheet.remove([line.item.pk for line in lines])
    sheet.key = Worksheet().key
    worksheet.save(request, registration, place, sheet)
    return redirect("portal:filing", request.acting.seller.pk, result.filing.pk)


def _fill(request, lines):
    """Set every price to the highest that passes, lowered by a percentage; False if unreadable."""
    text = request.POST.get("percent", "").strip().rstrip("%") or "0"
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) < 100:
        messages.error(request, _("Give a whole percentage from 0 to 99."))
        return False
    share = (HUNDRED - int(text)) / HUNDRED
    for line in lines:
        base = Decimal(line.row.highest) if line.row.highest else line.item.list_price
        if base is not None:
            line.row.price = str((base * share).quantize(worksheet.CENT, rounding=ROUND_DOWN))
    return True

"""Filing by a table: a CSV is read onto the worksheet; bad lines are told, none is lost."""

import csv
import io
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.portal import worksheet
from campaigns.portal.page import filing_page, show
from campaigns.portal.standing import filing_place, trail_of
from campaigns.portal.suggesting import prefill
from campaigns.portal.worksheet import Row
from campaigns.spreadsheets import csv_answer, plain
from sellers.models import Item

LARGEST_FILE = 1024 * 1024
# Spreadsheets on Chinese systems save the second.
ENCODINGS = ("utf-8-sig", "gb18030")
HEADERS = {
    "item": ("item", "item code", "code", "商品", "商品编码"),
    "price": ("price", "campaign price", "activity_price", "活动价", "价格"),
    "list": ("list", "list_source", "产品列表", "列表"),
}
LISTS = {
    "stock_list": "stock_list",
    "stock": "stock_list",
    "stock list": "stock_list",
    "现货产品列表": "stock_list",
    "现货": "stock_list",
    "recommended_list": "recommended_list",
    "recommended": "recommended_list",
    "recommended list": "recommended_list",
    "推荐产品列表": "recommended_list",
    "推荐": "recommended_list",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of one line of the file."""

    line: int
    field: str
    value: str
    reason: str


class UnreadableTable(ValueError):
    """A file that is no table at all; the message is for people."""


@filing_page
def upload(request: HttpRequest, code: str, venue: str) -> HttpResponse:
    """Take a file or pasted lines. With bad lines, show them beside the text to be corrected; the
    good ones are taken only if the seller says so."""
    campaign, place, registration = filing_place(request, code, venue)
    context = {"campaign": campaign, "venue": place, "most": worksheet.LARGEST, "text": ""}
    if request.method == "POST":
        try:
            context["text"] = text = _text(request)
            rows, faults = read_table(text, request.acting.seller)
        except UnreadableTable as error:
            rows, faults, context["error"] = {}, [], str(error)
        take_good = request.POST.get("bad") == "skip"
        if rows and (take_good or not faults):
            sheet = worksheet.load(request, registration, place)
            left_out = _merge(sheet, rows)
            prefill(request, registration, place, sheet)
            worksheet.save(request, registration, place, sheet)
            _tell(request, len(rows) - left_out, left_out, faults)
            return redirect("portal:prices", request.acting.seller.pk, code, venue)
        context |= {"faults": faults, "good": len(rows), "take_good": take_good}
    trail = trail_of(request, campaign, (_("File from a table"), ""))
    return show(request, "upload", context, section="campaigns", trail=trail)


@filing_page
def template(request: HttpRequest, code: str, venue: str) -> HttpResponse:
    """A table to fill in: the seller's items that can be picked, their lists, an empty price."""
    filing_place(request, code, venue)
    items = Item.objects.filter(seller=request.acting.seller).order_by("pk")[: worksheet.LARGEST]
    lines = [
        [item.code, "", worksheet.default_source(item), item.list_price, item.title]
        for item in items
    ]
    header = ["item", "price", "list", "list price", "title"]
    return csv_answer(f"{code}-{venue}.csv", [header, *lines])


def read_table(text: str, seller) -> tuple[dict[int, Row], list[Fault]]:
    """The rows of a table by item id, and its faults; raises UnreadableTable.

    The first line names the columns: an item code and a price, and a list if wanted.
    """
    dialect = _delimiter(text)
    reader = csv.reader(io.StringIO(text), delimiter=dialect)
    try:
        lines = [
            (reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise UnreadableTable(
            _("Line %(line)d cannot be read: %(reason)s.")
            % {"line": reader.line_num, "reason": error}
        ) from None
    columns = _columns(lines)
    lines = lines[1:]
    if len(lines) > worksheet.LARGEST:
        raise UnreadableTable(
            _("The table has %(number)d rows; at most %(most)d are filed at once.")
            % {"number": len(lines), "most": worksheet.LARGEST}
        )
    codes = {_cell(cells, columns["item"]) for _line, cells in lines}
    items = {item.code: item for item in Item.objects.filter(seller=seller, code__in=codes)}
    rows, faults, seen = {}, [], {}
    for line, cells in lines:
        row, found = _row(line, cells, columns, items, seen)
        if found:
            faults += found
        else:
            rows[items[_cell(cells, columns["item"])].pk] = row
    return rows, faults


def _row(line, cells, columns, items, seen):
    """The row of one line, and what is wrong with it."""
    code, price = _cell(cells, columns["item"]), _cell(cells, columns["price"])
    listed = _cell(cells, columns.get("list"))
    faults = []
    if code not in items:
        faults.append(Fault(line, "item", code, _("No item of your shop has this code.")))
    elif code in seen:
        reason = _("The item is on line %(line)d already.") % {"line": seen[code]}
        faults.append(Fault(line, "item", code, reason))
    seen.setdefault(code, line)
    if problem := worksheet.price_problem(price):
        faults.append(Fault(line, "price", price, problem))
    source = LISTS.get(listed.lower(), "")
    if listed and not source:
        reason = _("Expected stock_list or recommended_list.")
        faults.append(Fault(line, "list", listed, reason))
    if not faults and not source:
        source = worksheet.default_source(items[code])
    return Row(price=price, source=source), faults


def _columns(lines):
    """Field to column number, read from the first line."""
    if not lines:
        raise UnreadableTable(_("There is nothing in it."))
    names = [plain(cell).lower() for cell in lines[0][1]]
    columns = {}
    for field, known in HEADERS.items():
        found = [number for number, name in enumerate(names) if name in known]
        if found:
            columns[field] = found[0]
    missing = [field for field in ("item", "price") if field not in columns]
    if missing:
        raise UnreadableTable(
            _("The first line must name the columns; missing: %(names)s.")
            % {"names": ", ".join(missing)}
        )
    return columns


def _cell(cells, number):
    return plain(cells[number]) if number is not None and number < len(cells) else ""


def _delimiter(text):
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _text(request):
    """The pasted text, or else what the file holds."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    if file.size > LARGEST_FILE:
        raise UnreadableTable(_("The file is larger than 1 MB."))
    content = file.read()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(_("The file is no text. Save it as CSV (UTF-8)."))


def _merge(sheet, rows):
    """Put the rows on the worksheet over what is there; returns how many did not fit."""
    left_out = 0
    for pk, row in rows.items():
        if pk not in sheet.rows and len(sheet.rows) >= worksheet.LARGEST:
            left_out += 1
            continue
        sheet.rows[pk] = row
    return left_out


def _tell(request, taken, left_out, faults):
    text = ngettext("%(number)d line was taken over.", "%(number)d lines were taken over.", taken)
    messages.success(request, text % {"number": taken})
    if faults:
        number = len({fault.line for fault in faults})
        text = ngettext(
            "%(number)d bad line was left out.", "%(number)d bad lines were left out.", number
        )
        messages.warning(request, text % {"number": number})
    if left_out:
        messages.warning(
            request,
            _("At most %(most)d items are filed at once; the others were left out.")
            % {"most": worksheet.LARGEST},
        )

"""Tables that sellers download: CSV that spreadsheets open as what it is."""

import csv
from collections.abc import Iterable

from django.http import HttpResponse

# A cell that begins with one of these would be run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"


def csv_answer(name: str, rows: Iterable[Iterable]) -> HttpResponse:
    """A download of these rows, UTF-8 with a mark so that spreadsheets read Chinese."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.write(BYTE_ORDER_MARK)
    writer = csv.writer(answer)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return answer


def harmless(cell) -> str:
    """A cell's text; what would be a formula gets an apostrophe before it, as spreadsheets do."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" \n").startswith(FORMULA_STARTS) else text


def plain(cell: str) -> str:
    """A cell as it was before ``harmless``, without spaces around it."""
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") else text

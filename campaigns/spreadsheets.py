"""Tables that people take to a spreadsheet and bring back: CSV that opens as what it is."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

# A cell that begins with one of these would be run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets on Chinese systems save the second.
ENCODINGS = ("utf-8-sig", "gb18030")


class UnreadableSheet(ValueError):
    """A file that is no table at all; the message is for people."""


def csv_answer(name: str, rows: Iterable[Iterable]) -> HttpResponse:
    """A download of these rows, UTF-8 with a mark so that spreadsheets read Chinese."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.write(BYTE_ORDER_MARK)
    writer = csv.writer(answer)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return answer


def csv_stream(name: str, rows: Iterable[Iterable]) -> StreamingHttpResponse:
    """The same for a table of any length, sent line by line. Decimals and integers stay numbers,
    negative ones too."""
    writer = csv.writer(_Echo())

    def lines():
        yield BYTE_ORDER_MARK
        for row in rows:
            yield writer.writerow([_written(cell) for cell in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text):
        return text


def _written(cell):
    return (
        f"{cell:f}" if isinstance(cell, Decimal) else cell if type(cell) is int else harmless(cell)
    )


def harmless(cell) -> str:
    """A cell's text; what would be a formula gets an apostrophe before it, as spreadsheets do, and
    so does what begins with one, so that ``plain`` gives it back."""
    text = "" if cell is None else str(cell)
    begins = text.lstrip(" \n")
    return f"'{text}" if begins.startswith((*FORMULA_STARTS, "'")) else text


def plain(cell: str) -> str:
    """A cell as it was before ``harmless``, without spaces around it."""
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") else text


def text_of(content: bytes) -> str:
    """The text of a file as spreadsheets save it. Raises UnreadableSheet."""
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheet(_("The file is no text. Save it as CSV (UTF-8)."))


def records(text: str) -> list[tuple[int, list[str]]]:
    """The lines of a table that have anything in them, each with the number of the line on which it
    begins; separated by commas, semicolons or tabs, whichever the first has most of.

    Raises UnreadableSheet.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    found, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableSheet(
            _("Line %(line)d cannot be read: %(reason)s.") % {"line": line, "reason": error}
        ) from None
    return found

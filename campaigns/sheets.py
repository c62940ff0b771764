"""Tables that operators upload: a CSV's lines by column, and what is wrong with them.

Nothing is lost: a line that cannot be used is told with its number, field, value and reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from sellers.feeds.problems import FeedError, Problem
from sellers.feeds.reading import opened

Line = tuple[int, dict[str, str]]


def batches(
    path: Path, *, needed: Sequence[str], known: Sequence[str], problems: list[Problem]
) -> Iterator[list[Line]]:
    """The file's usable lines, a few thousand at a time: (line number, cells by column).

    ``needed`` columns must be there and filled in every line; of the others only ``known`` ones are
    read. What is wrong with a line is added to ``problems``. Raises FeedError for a file that
    cannot be read, or lacks a column.
    """
    with opened(path) as source:
        for name in needed:
            if name not in source.header:
                raise FeedError(_("the column “%(name)s” is missing") % {"name": name})
        wanted = {name: source.header.index(name) for name in known if name in source.header}
        for batch in source.batches():
            problems += [Problem(line, "", "", reason) for line, reason in batch.broken]
            lines = []
            for number, line in enumerate(batch.lines):
                cells = {
                    name: _text(batch.columns[place][number]) for name, place in wanted.items()
                }
                wrong = list(_wrong(line, cells, needed))
                if wrong:
                    problems += wrong
                else:
                    lines.append((line, cells))
            yield lines


def _text(cell):
    return "" if cell is None else str(cell).strip()


def _wrong(line, cells: dict[str, str], needed: Iterable[str]):
    for name, text in cells.items():
        if not text and name in needed:
            yield Problem(line, name, text, _("is empty"))
        elif "\0" in text or any("\udc80" <= mark <= "\udcff" for mark in text):
            shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            yield Problem(line, name, shown.replace("\0", "�"), _("is not UTF-8 text"))

"""What is wrong with a file, and the page that says so line by line."""

import csv
import re
from pathlib import Path
from typing import Any, NamedTuple

HEADER = ("file", "line", "field", "value", "reason")
# A spreadsheet runs a cell that begins so; a plain number with its sign is harmless.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class FeedError(Exception):
    """A file that cannot be fed at all; its text says why, and nothing of it was written."""


class Problem(NamedTuple):
    """One bad cell of one line."""

    line: int
    field: str
    value: str
    reason: str


def harmless(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


class Problems:
    """Collects bad lines into a CSV file, which is made with the first of them.

    `first` keeps the first few for a message. Use it as a context manager.
    """

    KEPT = 20

    def __init__(self, file_name: str, path: Path | None):
        self.path = path
        self.count = 0
        self.first: list[Problem] = []
        self._file_name = file_name
        self._stream = self._writer = None

    def __enter__(self):
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_error):
        if self._stream is not None:
            self._stream.close()

    def add(self, line: int, field: str, value: Any, reason: str) -> None:
        """Tell of one bad cell; `line` is the file's, counted from 1."""
        text = "" if value is None else str(value)
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.count += 1
        if len(self.first) < self.KEPT:
            self.first.append(Problem(line, field, text, reason))
        if self.path is None:
            return
        if self._stream is None:
            self._stream = self.path.open("w", newline="", encoding="utf-8")
            self._writer = csv.writer(self._stream)
            self._writer.writerow(HEADER)
        cells = (self._file_name, str(line), field, text, reason)
        self._writer.writerow([harmless(cell) for cell in cells])

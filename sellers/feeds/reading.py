"""Reading a file of lines and columns in batches: CSV, plain or gzip, or Parquet.

What a file is, its first bytes say, not its name. A file that is damaged (a truncated gzip, a
quotation mark that is never closed) raises FeedError; by then nothing of it has been written.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from django.utils.translation import gettext as _

from sellers.feeds.problems import FeedError

BATCH = 5_000


@dataclass
class Batch:
    """Some lines of a file. `columns` holds, per column of the header, the cells of `lines`;
    `broken` are lines that have no cells to speak of, as (line, reason)."""

    lines: list[int]
    columns: list[list[Any]]
    broken: list[tuple[int, str]]


class Source:
    """An open file: `header` are its column names; `read` of `size` units are behind."""

    def __init__(self, header, batches, size, position):
        self.header = header
        self.size = size
        self._batches = batches
        self._position = position

    @property
    def read(self) -> int:
        """How much of `size` has been read: bytes of a CSV file, rows of a Parquet file."""
        return self._position()

    def batches(self) -> Iterator[Batch]:
        """The file's lines, in order, once. Raises FeedError where the file is damaged."""
        with _refusing():
            yield from self._batches


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The file as a Source. Raises FeedError where it cannot be read."""
    with ExitStack() as stack:
        with _refusing():
            raw = stack.enter_context(path.open("rb"))
            start = raw.read(4)
            raw.seek(0)
            if not start:
                raise FeedError(_("the file is empty"))
            if start == b"PAR1":
                source = _parquet(raw)
            elif start[:2] == b"\x1f\x8b":
                unpacked = stack.enter_context(gzip.open(raw))
                source = _csv(stack, unpacked, path.stat().st_size, raw.tell)
            else:
                source = _csv(stack, raw, path.stat().st_size, raw.tell)
        yield source


@contextmanager
def _refusing():
    """What the libraries raise at a file that is damaged or not there, told as FeedError."""
    try:
        yield
    except (EOFError, zlib.error) as error:
        raise FeedError(_("the compressed file is cut off or damaged: %s") % error) from error
    except pyarrow.ArrowException as error:
        raise FeedError(_("the Parquet file is damaged: %s") % error) from error
    except OSError as error:  # gzip's BadGzipFile is one
        raise FeedError(_("the file cannot be read: %s") % error) from error


def _csv(stack, raw, size, position):
    if raw.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FeedError(_("the file is UTF-16; save it as UTF-8"))
    # Bytes that are no UTF-8 come through as surrogates, so that only their own lines are bad.
    text = stack.enter_context(
        io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    )
    rows = csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(rows)]
    except (StopIteration, csv.Error) as error:
        raise FeedError(_("the file has no header line")) from error
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise FeedError(_("the columns must be separated by commas"))
    return Source(header, _csv_batches(rows, len(header)), size, position)


def _csv_batches(rows, width):
    batch, kept = Batch([], [], []), []
    for line, row in _records(rows):
        if isinstance(row, str):
            batch.broken.append((line, row))
        elif len(row) != width:
            reason = _("has %(found)d cells where the header has %(width)d")
            batch.broken.append((line, reason % {"found": len(row), "width": width}))
        else:
            batch.lines.append(line)
            kept.append(row)
        if len(kept) + len(batch.broken) >= BATCH:
            yield _filled(batch, kept, width)
            batch, kept = Batch([], [], []), []
    yield _filled(batch, kept, width)


def _records(rows):
    """(line on which it begins, cells) of every record that is not blank; or (line, reason)."""
    line = rows.line_num + 1
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if "expected after" not in str(error):
                text = _("the quotation marks do not match in or after line %(line)d: %(error)s")
                raise FeedError(text % {"line": line, "error": error}) from error
            row = _("has a quotation mark inside a quoted cell; it must be doubled there")
        if row:
            yield line, row
        line = rows.line_num + 1


def _filled(batch, kept, width):
    batch.columns = [list(column) for column in zip(*kept, strict=True)] or [[]] * width
    return batch


def _parquet(raw):
    file = pyarrow.parquet.ParquetFile(raw)
    schema = file.schema_arrow
    for field in schema:
        if pyarrow.types.is_nested(field.type):
            text = _("the column %(name)s is of type %(type)s; cells must be plain values")
            raise FeedError(text % {"name": field.name, "type": field.type})
    state = {"read": 0}
    batches = _parquet_batches(file, state)
    return Source(schema.names, batches, file.metadata.num_rows, lambda: state["read"])


def _parquet_batches(file, state):
    for part in file.iter_batches(batch_size=BATCH):
        first = state["read"] + 1
        lines = list(range(first, first + part.num_rows))
        yield Batch(lines, [_values(column) for column in part.columns], [])
        state["read"] += part.num_rows


def _values(column):
    if pyarrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's instants end at microseconds; what lies beyond is cut off, not rounded.
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    if pyarrow.types.is_binary(column.type) or pyarrow.types.is_large_binary(column.type):
        return [
            None if cell is None else cell.decode("utf-8", "surrogateescape")
            for cell in column.to_pylist()
        ]
    return column.to_pylist()

"""A marketplace's folder: feed files by the instant at which they arrive, a plan, a cover page.

    marketplace.json        what it is, and every feed file in the order of its arrival
    feeds/<day>/<kind>.csv  what the feeds read: `manage.py feed KIND FILE --at INSTANT`
    plan/*.csv              what its sellers do: join, file, withdraw, set prices anew

Values are text: amounts as 88.00, instants local as 2023-05-16 20:00:00, truth as true or false,
and nothing where nothing is known.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

COVER = "marketplace.json"
FORMAT = 1
ORDER = (
    "categories", "sellers", "items", "list_prices", "parallel_prices", "orders", "qualifications",
    "facts", "violations", "carts",
)  # fmt: skip
INSTANT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class FeedFile:
    """One file for the feeds: `at` is local text, `path` is relative to the folder."""

    at: str
    kind: str
    path: str
    lines: int


@dataclass
class Marketplace:
    """What the cover page says. `generated` maps a fact that was made up to how."""

    name: str
    seed: int
    size: str
    zone: str
    starts: str
    title: dict[str, str]
    generated: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    feeds: list[FeedFile] = field(default_factory=list)
    format: int = FORMAT

    def feeds_between(self, after: datetime | None, until: datetime) -> list[FeedFile]:
        """Return the files that arrive in (after, until], local naive instants; None: from ever."""
        low = "" if after is None else after.strftime(INSTANT)
        return [feed for feed in self.feeds if low < feed.at <= until.strftime(INSTANT)]


class Folder:
    """Writes a marketplace into a folder, file by file, and its cover page at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._feeds: list[FeedFile] = []

    def feed(
        self, at: datetime, kind: str, columns: Sequence[str], rows: Iterable[Sequence]
    ) -> None:
        """Write one feed file that arrives `at`; without rows there is no file."""
        path = _path(at, kind)
        if any(feed.path == path for feed in self._feeds):
            raise ValueError(f"{path} is there already")
        lines = self._write(path, columns, rows)
        if lines:
            self._feeds.append(FeedFile(at.strftime(INSTANT), kind, path, lines))

    def nightly(self, nights: Iterable[datetime], kinds: dict[str, Sequence[str]]) -> None:
        """Add a file without rows for each night and kind that has none.

        A feed comes every night, also when it has nothing to tell: one that stays away is late.
        """
        there = {feed.path for feed in self._feeds}
        for at in nights:
            for kind, columns in kinds.items():
                path = _path(at, kind)
                if path not in there:
                    self._write(path, columns, (), keep_empty=True)
                    self._feeds.append(FeedFile(at.strftime(INSTANT), kind, path, 0))

    def plan(self, name: str, columns: Sequence[str], rows: Iterable[Sequence]) -> int:
        """Write one page of the plan; return its number of rows."""
        return self._write(f"plan/{name}.csv", columns, rows, keep_empty=True)

    def table(self, path: str, columns: Sequence[str], rows: Iterable[Sequence]) -> int:
        """Write a table that somebody uploads: `path` is relative; return its number of rows."""
        return self._write(path, columns, rows, keep_empty=True)

    def cover(self, marketplace: Marketplace) -> None:
        """Write the cover page; a folder without one was not finished."""
        # What arrives together is fed parents first.
        marketplace.feeds = sorted(self._feeds, key=lambda feed: (feed.at, ORDER.index(feed.kind)))
        text = json.dumps(asdict(marketplace), ensure_ascii=False, indent=1)
        (self.folder / COVER).write_text(text + "\n", encoding="utf-8", newline="\n")

    def _write(
        self, path: str, columns: Sequence[str], rows: Iterable[Sequence], keep_empty: bool = False
    ) -> int:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = 0
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                writer.writerow([text(value) for value in row])
                lines += 1
        if not lines and not keep_empty:
            file.unlink()
        return lines


def _path(at: datetime, kind: str) -> str:
    return f"feeds/{at:%Y-%m-%d}/{at:%H%M}-{kind}.csv"


def text(value: object) -> str:
    """Return a value's text in a file; None is an empty field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime(INSTANT)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def money(cents: int | None) -> str:
    """Return an amount given in cents as 88.00; None is an empty field."""
    return "" if cents is None else str(Decimal(cents).scaleb(-2))


def read_cover(folder: Path) -> Marketplace | None:
    """Return the cover page of a finished folder, or None."""
    try:
        found = json.loads((folder / COVER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if found.get("format") != FORMAT:
        return None
    feeds = [FeedFile(**feed) for feed in found.pop("feeds")]
    return Marketplace(**found, feeds=feeds)


def read_plan(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of one page of the plan."""
    return read_table(folder, f"plan/{name}.csv")


def read_table(folder: Path, path: str) -> list[dict[str, str]]:
    """Return the rows of a file of the folder; `path` is relative."""
    with (folder / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def instant(value: str) -> datetime:
    """Return the local naive instant that a file's text says."""
    return datetime.strptime(value, INSTANT)  # noqa: DTZ007 - local by definition

"""Reading a marketplace's folder back, and its digest."""

import csv
import hashlib
import json
from pathlib import Path


def digest(folder: Path) -> str:
    """Names and bytes of every file of a folder as one SHA-256."""
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found.update(file.relative_to(folder).as_posix().encode() + b"\0")
            found.update(file.read_bytes() + b"\0")
    return found.hexdigest()


def rows(folder: Path, kind: str, *, at: str = "") -> list[dict[str, str]]:
    """Every row of the feed files of a kind in the order of arrival, with its `told` instant.

    `at` keeps those that arrive then.
    """
    found = []
    for feed in cover_feeds(folder):
        if feed["kind"] == kind and feed["at"].startswith(at):
            found += [{**row, "told": feed["at"]} for row in read(folder / feed["path"])]
    return found


def cover_feeds(folder: Path) -> list[dict]:
    """The feed files that the cover page lists."""
    return json.loads((folder / "marketplace.json").read_text(encoding="utf-8"))["feeds"]


def plan(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a page of the plan."""
    return read(folder / "plan" / f"{name}.csv")


def read(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))

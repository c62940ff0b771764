"""Feeding a few lines."""

import csv
from pathlib import Path

import pytest

from sellers.bulk_write import transactions
from sellers.feeds import reading
from sellers.feeds.loading import load_file
from tests.times import local

AT = "2023-05-10 02:00"


@pytest.fixture
def feed(tmp_path):
    """Feed the lines of a text as a CSV file and return the Outcome, or a file that is there."""

    def feed_text(kind, text, *, at=AT, **options):
        path = text if isinstance(text, Path) else tmp_path / f"{kind}.csv"
        if path is not text:
            path.write_text(text, encoding="utf-8")
        options.setdefault("errors", tmp_path / "errors.csv")
        return load_file(kind=kind, path=path, at=local(at), **options)

    return feed_text


@pytest.fixture
def errors(tmp_path):
    """The lines of the errors file but its header: (line, field, value, reason)."""

    def read():
        path = tmp_path / "errors.csv"
        if not path.exists():
            return []
        with path.open(newline="", encoding="utf-8") as stream:
            header, *lines = csv.reader(stream)
        assert header == ["file", "line", "field", "value", "reason"]
        return [(int(line), *rest) for _file, line, *rest in lines]

    return read


@pytest.fixture
def small_chunks(monkeypatch):
    """Three lines a batch and a chunk, so that a handful of lines crosses their borders."""
    monkeypatch.setattr(transactions, "CHUNK", 3)
    monkeypatch.setattr(reading, "BATCH", 3)


def counts(outcome):
    """(read, bad, inserted, updated, unchanged, stale) of a run."""
    run = outcome.run
    return run.read, run.bad, run.inserted, run.updated, run.unchanged, run.stale

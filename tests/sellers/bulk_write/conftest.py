"""Chunks that a handful of rows crosses."""

import pytest

from sellers.bulk_write import (
    transactions,
)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of three rows, so that a handful of rows crosses their borders."""
    monkeypatch.setattr(transactions, "CHUNK", 3)

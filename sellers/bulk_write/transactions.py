"""Short transactions, and the numbers that they cover."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from sellers.bulk_write.statements import execute

CHUNK = 5_000
# Another writer on SQLite waits in sleeps of up to 0.1 s between its tries, so back-to-back
# transactions would hardly ever let it in: rest for this share of the time each one took.
SQLITE_REST = 0.1


@contextmanager
def short_transaction() -> Iterator[None]:
    """A transaction for one chunk; on SQLite a rest follows it, in which other writers come in."""
    began = time.monotonic()
    with transaction.atomic():
        yield
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep((time.monotonic() - began) * SQLITE_REST)


@contextmanager
def filling_temporary() -> Iterator[None]:
    """A transaction that writes temporary tables only, so that it needs no write lock."""
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        yield
        return
    execute("BEGIN DEFERRED")
    try:
        yield
    except BaseException:
        execute("ROLLBACK")
        raise
    execute("COMMIT")


def chunks(first: int, last: int) -> list[tuple[int, int]]:
    """Inclusive ranges of at most CHUNK whole numbers that cover first to last."""
    return [(start, min(start + CHUNK - 1, last)) for start in range(first, last + 1, CHUNK)]

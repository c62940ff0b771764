"""Short transactions, and the numbers that they cover."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from sellers.bulk_write.statements import execute

CHUNK = 5_000
# Not all ids of a range need be in use.
IDS_AT_ONCE = 20_000
LARGE_QUERIES_MEMORY = "64MB"
# What a page read by an index costs, against 1 for the next page of a table.
LARGE_QUERIES_PAGE_COST = 1.1
SETTINGS = ("jit", "synchronous_commit", "work_mem", "random_page_cost")
# One statement: all of it or nothing.
LARGE_QUERIES = """
SELECT
    set_config('jit', 'off', false),
    set_config('synchronous_commit', 'off', false),
    set_config(
        'work_mem',
        CASE WHEN pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(%s::text)
            THEN %s::text ELSE current_setting('work_mem') END,
        false
    ),
    set_config(
        'random_page_cost',
        least(current_setting('random_page_cost')::numeric, %s::numeric)::text,
        false
    )
"""
# Another writer on SQLite waits in sleeps of up to 0.1 s between its tries, so back-to-back
# transactions would hardly ever let it in: rest for this share of the time each one took.
SQLITE_REST = 0.25


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


@contextmanager
def large_queries() -> Iterator[None]:
    """For statements over very many rows, each run a few times; nothing on SQLite.

    PostgreSQL may hold more of them in memory, and does not compile them, which takes longer than
    it saves here. It takes a range of ids for what it is, neighbours on disk, so that tables read
    in the order of the same ids are merged; else it hashes them, or reads whole tables for a range.
    And it does not wait for the disk at each commit: should the server crash, the last commits are
    missing, later ones before earlier ones. So it is for work that notices what is not done yet.
    """
    if connection.vendor != "postgresql":
        yield
        return
    # As the session had them: RESET would take away what somebody else has set, and within another
    # block like this one what that still needs.
    before = _settings()
    try:
        execute(
            LARGE_QUERIES, (LARGE_QUERIES_MEMORY, LARGE_QUERIES_MEMORY, LARGE_QUERIES_PAGE_COST)
        )
        yield
    finally:
        # A transaction that failed takes back what was set in it; a lost connection has no session.
        lost = connection.connection is None or not connection.is_usable()
        if not lost and not connection.needs_rollback:
            sets = ", ".join(["set_config(%s, %s, false)"] * len(before))
            execute(f"SELECT {sets}", [part for pair in before.items() for part in pair])


def _settings():
    """What `large_queries` sets, as this session has it."""
    with connection.cursor() as cursor:
        shown = ", ".join(["current_setting(%s)"] * len(SETTINGS))
        cursor.execute(f"SELECT {shown}", SETTINGS)
        return dict(zip(SETTINGS, cursor.fetchone(), strict=True))


def joins_carry_ranges() -> bool:
    """Whether a range of keys is enough on one of the tables that are joined by them.

    SQLite looks the other tables' rows up by key. PostgreSQL does not see that the range holds for
    them too, and would read them whole: repeat it on each.
    """
    return connection.vendor == "sqlite"


def id_ranges(ids: QuerySet, low: int | None, high: int | None) -> list[tuple[int, int]]:
    """Half-open ranges of whole numbers, for one query each that fills a table: all of [low, high)
    on PostgreSQL, pieces on SQLite, whose temporary tables then stay in memory.

    `ids` are rows whose primary keys bound the pieces where `low` or `high` is open or far away.
    """
    if low is not None:
        ids = ids.filter(pk__gte=low)
    if high is not None:
        ids = ids.filter(pk__lt=high)
    # Each asked alone, an index answers at once.
    first, last = (ids.aggregate(end=end("pk"))["end"] for end in (Min, Max))
    if first is None:
        return []
    if connection.vendor == "postgresql":
        return [(first, last + 1)]
    return [
        (start, min(start + IDS_AT_ONCE, last + 1)) for start in range(first, last + 1, IDS_AT_ONCE)
    ]


def chunks(first: int, last: int, size: int | None = None) -> list[tuple[int, int]]:
    """Inclusive ranges of at most ``size`` whole numbers (None: CHUNK) that cover first to last."""
    size = size or CHUNK
    return [(start, min(start + size - 1, last)) for start in range(first, last + 1, size)]

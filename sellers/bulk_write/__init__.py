"""Writing many rows at once: the only place where SQLite and PostgreSQL differ.

Everything here wraps queries that the ORM compiled. The same calls mean the same on both:

=====================  ============================================================================
`insert_from_query`    a query's rows become rows of a model
`update_from_query`    a query's rows overwrite columns of the model's rows that it names
`upsert_from_query`    likewise by a natural key: new rows are inserted, rows that differ updated
`upsert_rows`          `upsert_from_query` for rows that Python holds
`copy_rows`            rows that Python holds, appended
`insert_rows`          rows that Python holds, but for those that break a unique constraint
`reserve_ids`          primary keys for rows to be appended that others shall refer to
`settle`               the planner gets to know tables that have just been filled
`large_queries`        a context in which the database is ready for statements over very many rows
`joins_carry_ranges`   whether a range of keys need not be repeated on every joined table
`id_ranges`            ranges of keys that one large query should cover
`delete_in_chunks`     a queryset's rows deleted, a few thousand per transaction
`temporary_model`      a model whose table lives as long as a `with` block, for this connection
`Prepared`             a query compiled once, run often with other values, which are `Given`
`PreparedInsert`       likewise an insert from a query
`Ranking`              candidates ranked by `Figures` of other tables, to be read or inserted
`Differs`              an expression: two values differ, null being a value like any other
`HourOf`               an expression: the beginning of an instant's hour
=====================  ============================================================================

PostgreSQL gets INSERT … SELECT and COPY. SQLite has one writer at a time, and one long INSERT …
SELECT would keep every other one waiting for as long as its query takes; so there the query's
result is read into a temporary table first, which needs no write lock, and moved from there in
short transactions. Two things follow for a caller:

- Do not call these inside `atomic()` with a query that takes long: on SQLite the surrounding
  transaction would hold the write lock all the while. Where a few thousand rows are written within
  a transaction of the caller's, say `at_once=True`.
- Outside `atomic()` a process killed in the middle leaves whole chunks behind, so call what can be
  repeated: upsert, ignore conflicts, or delete what a former attempt has left.
"""

from sellers.bulk_write.expressions import Differs, HourOf
from sellers.bulk_write.prepared import Given, Prepared, PreparedInsert, one_of, padded
from sellers.bulk_write.ranking import (
    PERCENTILE_PLACES,
    RATIO_PLACES,
    Figures,
    Measured,
    Ranking,
)
from sellers.bulk_write.temporary import settle_temporary, temporary_model
from sellers.bulk_write.transactions import (
    CHUNK,
    chunks,
    id_ranges,
    joins_carry_ranges,
    large_queries,
    short_transaction,
)
from sellers.bulk_write.writing import (
    Written,
    copy_rows,
    delete_in_chunks,
    insert_from_query,
    insert_rows,
    reserve_ids,
    settle,
    update_from_query,
    upsert_from_query,
    upsert_rows,
)

__all__ = [
    "CHUNK",
    "PERCENTILE_PLACES",
    "RATIO_PLACES",
    "Differs",
    "Figures",
    "Given",
    "HourOf",
    "Measured",
    "Prepared",
    "PreparedInsert",
    "Ranking",
    "Written",
    "chunks",
    "copy_rows",
    "delete_in_chunks",
    "id_ranges",
    "insert_from_query",
    "insert_rows",
    "joins_carry_ranges",
    "large_queries",
    "one_of",
    "padded",
    "reserve_ids",
    "settle",
    "settle_temporary",
    "short_transaction",
    "temporary_model",
    "update_from_query",
    "upsert_from_query",
    "upsert_rows",
]

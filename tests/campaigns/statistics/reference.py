"""The second meaning of statistics: rows counted one by one in Python, sharing no code with the
first.

A row is a dict of Python values by field, with ``day`` (a date), ``time`` (an aware instant) or
``time`` and ``ends`` besides, and ``known`` where the source has it. A statistic is a dict like a
rulebook's. ``None`` is missing; an average, a share and a ratio are Fractions.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = ("item_days", "seller_days")
INTERVALS = ("list_prices", "parallel_prices", "qualifications")


def value(statistic, rows, at, others=None, filed=None):
    """The figure of one subject, whose rows of the source are `rows` (of a ratio: `others` gives
    the figures of numerator and denominator by code). Of an entry: `filed` is when it was filed."""
    function = statistic["function"]
    if statistic["level"] == "entry":
        if filed is None:
            return None
        statistic = {**statistic, "window": {**statistic["window"], "filed": filed}}
    if function == "ratio":
        top, bottom = others[statistic["numerator"]], others[statistic["denominator"]]
        return None if top is None or not bottom else Fraction(top) / Fraction(bottom)
    seen = [row for row in rows if is_seen(statistic, row, at)]
    tree = statistic.get("where")
    chosen = [row for row in seen if tree is None or holds(tree, row) is True]
    field = statistic.get("field")
    if function == "count" and not field:
        return len(chosen)
    if function == "share":
        whole = len(seen) if not field else sum(row[field] for row in seen)
        part = len(chosen) if not field else sum(row[field] for row in chosen)
        return Fraction(part) / Fraction(whole) if whole else None
    if function == "last":
        if not chosen:
            return None
        when = max(row.get("day") or row["time"] for row in chosen)
        latest = [row for row in chosen if (row.get("day") or row["time"]) == when]
        return max(latest, key=lambda row: row.get("tie", ""))[field]
    values = [row[field] for row in chosen if row[field] is not None]
    if function in ("count", "count_distinct"):
        return len(values) if function == "count" else len(set(values))
    if function == "sum":
        return sum(values)
    if not values:
        return None
    if function == "avg":
        return Fraction(sum(values)) / len(values)
    return {"min": min, "max": max}[function](values)


def is_seen(statistic, row, at):
    """Whether a row is in the statistic's window, and known."""
    if row.get("known", at) > at or row.get("struck"):
        return False
    source, window = statistic["source"], statistic.get("window") or {}
    start, end = span(window, at)
    if source in DAYS:
        today = at.astimezone(ZONE).date()
        midnight = datetime.combine(row["day"], datetime.min.time(), ZONE)
        return row["day"] <= today and start <= midnight < end
    if source not in INTERVALS:
        return row["time"] is not None and row["time"] <= at and start <= row["time"] < end
    begins, ends = row["time"], row["ends"] or datetime.max.replace(tzinfo=ZONE)
    if begins > at and not statistic.get("include_scheduled"):
        return False
    if not window:
        return ends > at
    return begins < end and ends > start


def span(window, at):
    """[start, end) of a window as instants."""
    first = datetime.min.replace(tzinfo=ZONE) + timedelta(days=2)
    last = datetime.max.replace(tzinfo=ZONE) - timedelta(days=2)
    if not window:
        return first, last
    if "since_filing" in window:
        return window["filed"], local(window["until"]) if "until" in window else last
    if "since" in window:
        return local(window["since"]), last
    if "from" in window:
        return local(window["from"]), local(window["to"])
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    if window.get("include_today"):
        return midnight - timedelta(days=window["trailing_days"]), midnight + timedelta(days=1)
    end = midnight - timedelta(days=window.get("offset_days", 0))
    return end - timedelta(days=window["trailing_days"]), end


def local(text):
    """The instant of a local text; Shanghai's clocks skip nothing here."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def holds(tree, row):
    """True, False or None of a filter."""
    if isinstance(tree, dict):
        if "not" in tree:
            inner = holds(tree["not"], row)
            return None if inner is None else not inner
        parts = [holds(part, row) for part in tree.get("all") or tree.get("any") or tree["of"]]
        needed = len(parts) if "all" in tree else 1 if "any" in tree else tree["at_least"]
        if parts.count(True) >= needed:
            return True
        return False if len(parts) - parts.count(False) < needed else None
    left, op = row[tree[0]], tree[1]
    if op == "is_missing":
        return left is None
    if op == "is_known":
        return left is not None
    if left is None:
        return None
    right = [typed(left, part) for part in (tree[2] if isinstance(tree[2], list) else [tree[2]])]
    if op in ("in", "not_in"):
        return (left in right) == (op == "in")
    return {
        "==": left == right[0],
        "!=": left != right[0],
        "<": left < right[0],
        "<=": left <= right[0],
        ">": left > right[0],
        ">=": left >= right[0],
    }[op]


def typed(like, value):
    """A filter's value as something to compare `like` with."""
    if isinstance(like, datetime):
        return local(value)
    return Fraction(value) if not isinstance(like, bool | str) else value

"""Pages by a key of several columns: page 500 costs what page 1 does, and nothing is counted."""

import json
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict

SIZE = 50
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """Some rows, and the query strings of the pages before and after ("" where there is none)."""

    rows: list
    previous: str
    next: str


def page_of(
    rows: QuerySet, params: QueryDict, key: tuple[str, ...], *, size: int = SIZE, down: bool = False
) -> Page:
    """The page that ``?after=`` or ``?before=`` asks for, else the first, ordered by the columns
    ``key``, which are unique together; with ``down`` the highest first. What is no key asks for the
    first page."""
    after, before = _read(params, "after", key, rows), _read(params, "before", key, rows)
    way = ["-" if down else "", "" if down else "-"]
    if before is not None:
        found = rows.filter(_beyond(key, before, not down))
        found = list(found.order_by(*(f"{way[1]}{name}" for name in key))[: size + 1])
        found, more_above = found[:size][::-1], len(found) > size
        more_below = True
    else:
        if after is not None:
            rows = rows.filter(_beyond(key, after, down))
        found = list(rows.order_by(*(f"{way[0]}{name}" for name in key))[: size + 1])
        found, more_below = found[:size], len(found) > size
        more_above = after is not None
    return Page(
        rows=found,
        previous=_query(params, "before", key, found[0]) if found and more_above else "",
        next=_query(params, "after", key, found[-1]) if found and more_below else "",
    )


def _beyond(key, values, lower):
    """The rows before (lower) or after these values in the order of the columns."""
    way = "lt" if lower else "gt"
    condition, same = Q(), {}
    for name, value in zip(key, values, strict=True):
        condition |= Q(**same, **{f"{name}__{way}": value})
        same[name] = value
    return condition


def _read(params, name, key, rows):
    try:
        values = json.loads(params.get(name, "null"))
    except ValueError:
        return None
    if not isinstance(values, list) or len(values) != len(key):
        return None
    fields = [rows.model._meta.pk if each == "pk" else rows.model._meta.get_field(each)
              for each in key]  # fmt: skip
    for field, value in zip(fields, values, strict=True):
        is_text = field.get_internal_type() == "CharField"
        if is_text != isinstance(value, str) or isinstance(value, bool | float):
            return None
        if not is_text and (not isinstance(value, int) or abs(value) > _LARGEST):
            return None
    return values


def _query(params, name, key, row):
    params = params.copy()
    for old in ("after", "before"):
        params.pop(old, None)
    params[name] = json.dumps([getattr(row, each) for each in key], ensure_ascii=False)
    return params.urlencode()

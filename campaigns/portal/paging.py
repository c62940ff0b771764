"""Pages by key: page 500 costs what page 1 does, and nothing is counted."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

SIZE = 50
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """Some rows, and the query strings of the pages before and after ("" where there is none)."""

    rows: list
    previous: str
    next: str

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


def page_of(
    rows: QuerySet, params: QueryDict, *, size: int = SIZE, newest_first: bool = True
) -> Page:
    """The page that ``?after=KEY`` or ``?before=KEY`` asks for, else the first, ordered by key.

    ``after`` means further down the list. A key that is no number asks for the first page.
    """
    after, before = _key(params, "after"), _key(params, "before")
    down = "-pk" if newest_first else "pk"
    up = "pk" if newest_first else "-pk"
    if before is not None:
        found = _beyond(rows, before, upwards=newest_first).order_by(up)[: size + 1]
        found, more_above = _cut(list(found), size)
        found.reverse()
        more_below = True
    else:
        if after is not None:
            rows = _beyond(rows, after, upwards=not newest_first)
        found, more_below = _cut(list(rows.order_by(down)[: size + 1]), size)
        more_above = after is not None
    return Page(
        rows=found,
        previous=_query(params, "before", found[0].pk) if found and more_above else "",
        next=_query(params, "after", found[-1].pk) if found and more_below else "",
    )


def _beyond(rows, key, *, upwards):
    return rows.filter(pk__gt=key) if upwards else rows.filter(pk__lt=key)


def _cut(found, size):
    return found[:size], len(found) > size


def _key(params, name):
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_KEY else None


def _query(params, name, key):
    params = params.copy()
    for old in ("after", "before"):
        params.pop(old, None)
    params[name] = str(key)
    return params.urlencode()

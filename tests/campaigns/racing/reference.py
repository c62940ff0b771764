"""Boards by plain Python: what the database ranks, ranked again from the same facts.

Facts are plain values; numbers are Fractions of whole units. It shares no code with the boards.
"""

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

SIX_PLACES = 10**6


@dataclass(frozen=True)
class Sold:
    """What a seller or item had in an hour (its first instant) or a day."""

    level: str
    subject: int
    at: datetime | date
    figures: dict


@dataclass(frozen=True)
class Filed:
    """An approved entry; ``facts`` by metric code, None or absent: not known."""

    pk: int
    venue: str
    seller: int
    item: int
    filed_at: datetime | None
    group: str = ""
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A candidate's place; ``values`` are those of the measures."""

    group: str
    place: int
    seller: int
    item: int | None
    entry: int
    filed_at: datetime | None
    score: Fraction | None
    values: tuple


def board(race, measures, entries, sold):
    """The rows of a board, by group and place.

    ``race`` has unit, venues, groups ("", "seller" or "item": whose the group is), ties, weighted
    and every item's seller and group; a sum among the ``measures`` has ``within``: whether a time
    counts.
    """
    entries = [entry for entry in entries if entry.venue in race["venues"]]
    candidates = {}
    for entry in entries:
        item = entry.item if race["unit"] == "item" else None
        group = entry.group if race["groups"] else ""
        candidates.setdefault((group, entry.seller, item), []).append(entry)
    rows = []
    for group in {key[0] for key in candidates}:
        own = {key: found for key, found in candidates.items() if key[0] == group}
        rows += _ranked(race, measures, own, sold)
    return sorted(rows, key=lambda row: (row.group, row.place))


def _ranked(race, measures, own, sold):
    plain = {
        key: [_value(race, measure, key, found, sold) for measure in measures]
        for key, found in own.items()
    }
    values = {key: list(found) for key, found in plain.items()}
    for number, measure in enumerate(measures):
        if measure.get("percentile"):
            column = {key: found[number] for key, found in plain.items()}
            for key in own:
                values[key][number] = _percentile(column, key, measure)
    scores = {key: _score(measures, found) if race["weighted"] else None
              for key, found in values.items()}  # fmt: skip

    def order(key):
        if race["weighted"]:
            first = [-scores[key]]
        else:
            first = [_better_first(value, measure)
                     for value, measure in zip(values[key], measures, strict=True)]  # fmt: skip
        _group, seller, item = key
        filed = _filed(own[key])
        ties = {"filed": (filed is None, filed and filed.timestamp()), "id": (seller, item or 0)}
        return (*first, *(ties[name] for name in [*race["ties"], "id"]))

    for place, key in enumerate(sorted(own, key=order), 1):
        group, seller, item = key
        entry = min(found.pk for found in own[key])
        yield Row(
            group, place, seller, item, entry, _filed(own[key]), scores[key], tuple(values[key])
        )


def _filed(entries):
    return min((entry.filed_at for entry in entries if entry.filed_at), default=None)


def _better_first(value, measure):
    if value is None:
        return (1, 0)
    return (0, -value if measure.get("order", "desc") == "desc" else value)


def _value(race, measure, key, own, sold):
    if "ratio" not in measure:
        return _input(race, measure, key, own, sold)
    top, bottom = (_input(race, part, key, own, sold) for part in measure["ratio"])
    if top is None or not bottom:
        return None
    return Fraction(math.floor(top / bottom * SIX_PLACES), SIX_PLACES)


def _input(race, part, key, own, sold):
    group, seller, item = key
    if "metric" in part:
        known = [found for entry in own if (found := entry.facts.get(part["metric"])) is not None]
        return max(known) if known else None
    if part["of"] == "seller":
        subjects = {seller}
    elif race["unit"] == "item":
        subjects = {item}
    else:
        subjects = {
            item
            for item, (owner, own_group) in race["items"].items()
            if owner == seller and (race["groups"] != "item" or own_group == group)
        }
    return sum(
        (
            _figure(row.figures, part["sum"])
            for row in sold
            if row.level == part["of"] and row.subject in subjects and part["within"](row.at)
        ),
        Fraction(0),
    )


def _figure(figures, name):
    if name == "clean_amount":
        return figures["paid_amount"] - figures["abnormal_amount"]
    return figures[name]


def _percentile(column, key, measure):
    if len(column) == 1:
        return Fraction(1)
    mine = _better_first(column[key], measure)
    worse = sum(1 for value in column.values() if _better_first(value, measure) > mine)
    share = Fraction(worse, len(column) - 1)
    return Fraction(math.floor(share * SIX_PLACES), SIX_PLACES)


def _score(measures, values):
    total = Fraction(0)
    for measure, value in zip(measures, values, strict=True):
        lower = measure.get("order", "desc") == "asc" and not measure.get("percentile")
        total += (value or 0) * Fraction(str(measure["weight"])) * (-1 if lower else 1)
    return total

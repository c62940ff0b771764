"""Ranking candidates by figures of other tables, in one query put together from ORM-compiled ones.

The ORM cannot join aggregated subqueries, nor rank by what they give. Each part here is a query
that the ORM compiled; what stands between them is plain SQL that both databases understand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

from sellers.models.fields import LARGEST_SCALED

# A percentile is a whole number of these; 1 is the best of a group, 0 the last.
PERCENTILE_PLACES = 6
RATIO_PLACES = 6
# Beyond 64 bits PostgreSQL raises an error, and SQLite goes on with floats. So a ratio, and what a
# weighted sum adds up, count as this at most, either side of zero.
MOST = LARGEST_SCALED
# Digits that a long division finds at once: so many more than a divisor's fit 64 bits.
_DIGITS = 3
# What a candidate is, before its figures.
OWN = ("grp", "seller", "item", "entry", "filed_at")
_NOTHING = "SELECT {} WHERE false"


@dataclass(frozen=True)
class Figures:
    """Sums of other rows: ``rows`` selects the ``keys`` first, columns of candidates by which it is
    joined, then ``size`` figures. ``zero``: where there is no row a figure is 0, else missing.
    PostgreSQL adds up whole numbers to decimals; here they are whole numbers again."""

    rows: models.QuerySet
    keys: tuple[str, ...]
    size: int
    zero: bool = True


@dataclass(frozen=True)
class Measured:
    """What is ranked by: one input, or with two the first over the second.

    Inputs are numbers from 0 among those of the ranking. ``shift`` is the power of ten that brings
    a ratio to RATIO_PLACES. ``weight`` is what the value counts times in a weighted sum, and
    ``most`` what it counts as at most there, either side of zero.
    """

    inputs: tuple[int, ...]
    descending: bool = True
    percentile: bool = False
    weight: int = 0
    shift: int = 0
    most: int = MOST

    @property
    def is_plain(self) -> bool:
        """Whether the value is the input itself."""
        return len(self.inputs) == 1 and not self.percentile


@dataclass(frozen=True)
class Ranking:
    """Candidates ranked within groups.

    ``candidates`` selects ``OWN`` (group, seller, item or null, entry, when it was filed) and then
    ``own_figures`` figures of their own; ``figures`` bring further ones. Inputs are numbered in
    that order. With ``weighted`` the sum of the values times their weights decides, else one
    measure after the other; missing comes last, and counts 0 in a sum. Between equal ones decide
    ``ties`` ("filed": the earlier), then the seller's and the item's id.
    """

    candidates: models.QuerySet
    own_figures: int
    figures: Sequence[Figures]
    measures: Sequence[Measured]
    weighted: bool = False
    ties: tuple[str, ...] = ("filed",)
    grouped: bool = False
    first: int | None = None
    columns: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self):
        inputs = self.own_figures + sum(part.size for part in self.figures)
        names = [f"input_{n}" for n in range(1, inputs + 1)]
        names += [
            f"value_{n}" for n, measure in enumerate(self.measures, 1) if not measure.is_plain
        ]
        columns = ("group", "place", "seller", "item", "entry_id", "filed_at", "score", *names)
        object.__setattr__(self, "columns", columns)

    def compiled(self, columns: Sequence[str]) -> tuple[str, list]:
        """SQL and parameters of the rows; raises ValueError unless asked for ``columns``."""
        if tuple(columns) != self.columns:
            raise ValueError(f"a ranking selects {', '.join(self.columns)}")
        parameters = []
        names = [*OWN, *(f"m{n}" for n in range(self.own_figures))]
        parts = [_part("candidate", names, self.candidates, parameters)]
        joins, inputs = [], [f"candidate.m{n}" for n in range(self.own_figures)]
        for number, figures in enumerate(self.figures):
            name = f"figures{number}"
            own = [f"x{n}" for n in range(figures.size)]
            keys = [f"k{n}" for n in range(len(figures.keys))]
            parts.append(_part(name, [*keys, *own], figures.rows, parameters))
            on = " AND ".join(
                f"{name}.{mine} = candidate.{theirs}"
                for mine, theirs in zip(keys, figures.keys, strict=True)
            )
            joins.append(f"LEFT JOIN {name} ON {on}")
            zero = "COALESCE(CAST({} AS bigint), 0)" if figures.zero else "CAST({} AS bigint)"
            inputs += [zero.format(f"{name}.{column}") for column in own]
        taken = ", ".join(f"{what} AS i{n}" for n, what in enumerate(inputs))
        own = ", ".join(f"candidate.{name}" for name in OWN)
        parts.append(f"base AS (SELECT {own}, {taken} FROM candidate {' '.join(joins)})")
        parts.append(f"valued AS (SELECT base.*{self._values()} FROM base)")
        parts.append(f"scored AS (SELECT valued.*{self._percentiles()} FROM valued)")
        return f"WITH {', '.join(parts)} {self._ranked(len(inputs))}", parameters

    def rows(self) -> list[tuple]:
        """The rows themselves, as the database returns them, in the order of groups and places."""
        sql, parameters = self.compiled(self.columns)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def _ranked(self, inputs):
        score = self._score()
        keys = [f"{score} DESC"] if self.weighted else self._orders()
        ties = {"filed": "filed_at ASC NULLS LAST", "id": "seller, item"}
        keys += [ties[name] for name in self.ties]
        if "id" not in self.ties:
            keys.append(ties["id"])
        partition = "PARTITION BY grp " if self.grouped else ""
        place = f"ROW_NUMBER() OVER ({partition}ORDER BY {', '.join(keys)})"
        score = score if self.weighted else "CAST(NULL AS bigint)"
        wanted = [f"i{n}" for n in range(inputs)]
        wanted += [self._value(n) for n, each in enumerate(self.measures) if not each.is_plain]
        chosen = ", ".join(["grp", f"{place} AS place", "seller", "item", "entry", "filed_at"])
        sql = f"SELECT {chosen}, {score} AS score, {', '.join(wanted)} FROM scored"
        if self.first is None:
            return sql
        first = int(self.first)
        return f"SELECT * FROM ({sql}) ranked WHERE place <= {first} ORDER BY grp, place"

    def _values(self):
        """Of every ratio a column: floor(first × 10^shift ÷ second), missing over 0."""
        ratios = []
        for number, measure in enumerate(self.measures):
            if len(measure.inputs) == 2:
                top, bottom = (f"i{n}" for n in measure.inputs)
                ratios.append(f", {_divided(top, bottom, measure.shift)} AS r{number}")
        return "".join(ratios)

    def _percentiles(self):
        """Of every percentile a column: the share of the group's others that are worse."""
        partition = "PARTITION BY grp" if self.grouped else ""
        found = []
        for number, measure in enumerate(self.measures):
            if measure.percentile:
                way = "ASC" if measure.descending else "DESC"
                order = f"ORDER BY {self._plain(number)} {way} NULLS FIRST"
                worse = f"(RANK() OVER ({partition} {order}) - 1)"
                others = f"NULLIF(COUNT(*) OVER ({partition}) - 1, 0)"
                most = 10**PERCENTILE_PLACES
                found.append(f", COALESCE({worse} * {most} / {others}, {most}) AS p{number}")
        return "".join(found)

    def _plain(self, number):
        measure = self.measures[number]
        return f"r{number}" if len(measure.inputs) == 2 else f"i{measure.inputs[0]}"

    def _value(self, number):
        return f"p{number}" if self.measures[number].percentile else self._plain(number)

    def _orders(self):
        return [
            f"{self._value(number)} {'DESC' if measure.descending else 'ASC'} NULLS LAST"
            for number, measure in enumerate(self.measures)
        ]

    def _score(self):
        """The weighted sum; what is better the lower counts against."""
        parts = []
        for number, measure in enumerate(self.measures):
            lower = not measure.descending and not measure.percentile
            weight = -measure.weight if lower else measure.weight
            value = self._value(number)
            most = measure.most
            held = f"WHEN {value} > {most} THEN {most} WHEN {value} < -{most} THEN -{most}"
            parts.append(f"CASE {held} ELSE COALESCE({value}, 0) END * ({weight})")
        return f"CAST({' + '.join(parts)} AS bigint)"


def _divided(top, bottom, shift):
    """floor(top × 10^shift ÷ bottom), at most MOST, by long division: no product is much longer
    than what is divided. Exact for what is not negative and divisors below 9 × 10^15."""
    divisor = f"NULLIF({bottom} * {10 ** max(-shift, 0)}, 0)"
    left = max(shift, 0)
    whole = f"({top} / {divisor})"
    found, rest = [f"{whole} * {10**left}"], f"({top} %% {divisor})"
    while left:
        digits = min(left, _DIGITS)
        left -= digits
        found.append(f"({rest} * {10**digits} / {divisor}) * {10**left}")
        rest = f"({rest} * {10**digits} %% {divisor})"
    most = MOST // 10 ** max(shift, 0)
    return f"CASE WHEN {whole} >= {most} THEN {MOST} ELSE {' + '.join(found)} END"


def _part(name, columns, rows, parameters):
    """A query under a name, its columns named."""
    query = rows.query.clone()
    query.default_ordering = False
    try:
        sql, values = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        sql, values = _NOTHING.format(", ".join("CAST(NULL AS bigint)" for _ in columns)), ()
    parameters.extend(values)
    return f"{name} ({', '.join(columns)}) AS ({sql})"

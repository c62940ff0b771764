"""Values and filters outside requirements: quota ceilings, which entries a quota counts, and of
whom a bonus's condition is true."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from campaigns.eligibility import literals, operands, sql
from campaigns.eligibility.categories import Trees
from campaigns.eligibility.checker import fact_sets
from campaigns.eligibility.conditions import parse, parse_value
from campaigns.eligibility.expressions import expression
from campaigns.eligibility.frame import MODELS, Frame
from campaigns.eligibility.preparing import AT, prepared
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.models import RulebookVersion
from sellers.bulk_write import one_of, padded
from sellers.metrics.registry import STATISTICS_SET
from sellers.models import FactSet

# Bits of a signed 64-bit mask that stay positive.
BLOCK = 62


@dataclass
class Asking:
    """A version's conditions and values asked at an instant, of registrations or entries.

    ``statistics`` is the FactSet with the version's statistics of the rows asked about; without it
    every statistic is missing. ``fact_sets`` are their ids by name, where they are known.
    """

    version: RulebookVersion
    at: datetime
    vocabulary: Vocabulary | None = None
    statistics: FactSet | None = None
    fact_sets: dict | None = None
    trees: Trees = field(default_factory=Trees)

    def __post_init__(self):
        self.vocabulary = self.vocabulary or vocabulary_of(self.version)
        if self.fact_sets is None:
            self.fact_sets = fact_sets(self.version, self.statistics)

    def given(self, statistics: FactSet | None) -> "Asking":
        """The same with these statistics, if there are any."""
        if statistics is None or statistics == self.statistics:
            return self
        sets = {**self.fact_sets, STATISTICS_SET: statistics.pk}
        return Asking(self.version, self.at, self.vocabulary, statistics, sets, self.trees)

    def speaking(self, vocabulary: Vocabulary) -> "Asking":
        """The same asked in other words; what was read for one holds for the other."""
        other = copy(self)
        other.vocabulary = vocabulary
        return other

    def frame(self, base: str, instant: object = None) -> Frame:
        """The frame of rows of "registration" or "entry"."""
        return Frame(base, self.at, self.fact_sets, instant=instant, trees=self.trees)

    def where(self, queryset: QuerySet, tree, frame: Frame) -> QuerySet:
        """The rows of the frame for which a condition is true; all where the tree is None."""
        if tree is None:
            return queryset
        test = sql.is_true(expression(parse(tree, self.vocabulary, "where"), frame))
        return queryset.annotate(**frame.aliases).filter(test)

    def values(self, specs: Sequence, ids: Iterable[int], base: str = "registration") -> list[dict]:
        """For each of ``specs`` a number for each row of the base: a spec is an int, a decimal's
        text, ``{"table": code}``, ``{"metric": code}`` or None. Decimal by id; None where no row of
        the table matches. At most one query."""
        ids = list(ids)
        found = [
            None
            if isinstance(spec, dict)
            else dict.fromkeys(ids, None if spec is None else literals.number(spec))
            for spec in specs
        ]
        asked = [place for place, values in enumerate(found) if values is None]
        if not asked or not ids:
            return [values or {} for values in found]
        places, rows = self._answers([specs[place] for place in asked], ids, base)
        for column, place in enumerate(asked, 1):
            found[place] = {
                row[0]: None
                if row[column] is None
                else literals.number(int(row[column])).scaleb(-places[column - 1])
                for row in rows
            }
        return found

    def truths(
        self, trees: Mapping[str, object], ids: Iterable[int], base: str = "registration"
    ) -> dict[int, set[str]]:
        """For each row of the base (ids), the names of the conditions that are true; unknown is
        not. One query for every 62 conditions."""
        ids, names = list(ids), list(trees)
        found = {pk: set() for pk in ids}
        for start in range(0, len(names) if ids else 0, BLOCK):
            block = names[start : start + BLOCK]
            for pk, bits in self._masks([trees[name] for name in block], ids, base):
                found[pk].update(name for k, name in enumerate(block) if bits & 1 << k)
        return found

    def _masks(self, trees, ids, base):
        """Rows of a row's id and an integer whose bit k says whether the k-th condition is true."""
        frame, asked = self.frame(base, AT), padded(ids)

        def build():
            nodes = [parse(tree, self.vocabulary, "when") for tree in trees]
            tests = [sql.is_true(expression(node, frame)) for node in nodes]
            rows = MODELS[base].objects.filter(pk__in=one_of("ids", len(asked)))
            rows = rows.annotate(**frame.aliases).annotate(bits=sql.mask(tests))
            return rows.values_list("pk", "bits")

        name = ("truths", self.vocabulary, len(asked), repr(trees))
        return prepared(self.version, name, frame, build).rows(ids=asked, at=self.at)

    def _answers(self, specs, ids, base):
        """(decimal places of each spec, rows of a row's id and the integer of each spec)."""
        frame, asked = self.frame(base, AT), padded(ids)
        values = [parse_value(spec, self.vocabulary, "value") for spec in specs]

        def build():
            rights = [operands.right_number(value, frame) for value in values]
            answers = {f"answer{n}": right.top for n, right in enumerate(rights)}
            rows = MODELS[base].objects.filter(pk__in=one_of("ids", len(asked)))
            return rows.annotate(**frame.aliases, **answers).values_list("pk", *answers)

        name = ("values", self.vocabulary, len(asked), repr(specs))
        query = prepared(self.version, name, frame, build)
        return [operands.right_places(v) for v in values], query.rows(ids=asked, at=self.at)

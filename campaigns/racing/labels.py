"""What a board's measures are called: by the rulebook's title, else by what they are made of."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from campaigns.eligibility.sentences import localised
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.measures import BEFORE, DAILY, HOURLY, METRIC, MILESTONE, RATIO, SINCE, SUM
from campaigns.models import Board, Milestone, RaceSegment, RulebookVersion
from campaigns.published import rows_of
from sellers.metrics.statistics import SOURCES


class Words:
    """What a rulebook version calls metrics and milestones, in the reader's language, and of which
    time its race segments take their sums."""

    def __init__(self, version: RulebookVersion):
        self.language = get_language() or "en"
        self.vocabulary: Vocabulary = vocabulary_of(version)
        self.milestones: dict[str, str] = {
            row.code: localised(row.title, self.language) or row.code
            for row in rows_of(version, Milestone)
        }
        self.facts: dict[tuple[str, str], object] = {
            (row.race, row.code): row.facts for row in rows_of(version, RaceSegment)
        }


def words_of(boards: Iterable[Board]) -> dict[int, Words]:
    """The words of each version (id) that these boards were made by; a query for each."""
    versions = {board.version_id: board.version for board in boards}
    return {pk: Words(version) for pk, version in versions.items()}


class Labels:
    """Names the measures of one board, as its rulebook version has them."""

    def __init__(self, board: Board, words: Words | None = None):
        self.unit = board.unit
        self.words = words or Words(board.version)
        self.facts = self.words.facts.get((board.race_code, board.segment_code), "")

    def measure(self, told: Mapping) -> str:
        """The name of a measure of ``Board.measures``: its title, else "add-to-cart amount,
        previous day"."""
        title = localised(told.get("title"), self.words.language)
        if title:
            return title
        said = told["said"]
        if RATIO not in said:
            return self.part(said)
        first, second = (self.part(part) for part in said[RATIO])
        return _("%(first)s ÷ %(second)s") % {"first": first, "second": second}

    def inputs(self, told: Mapping) -> list[str]:
        """The names of a measure's inputs, in the order of its ``inputs``."""
        said = told["said"]
        if RATIO in said:
            return [self.part(part) for part in said[RATIO]]
        name = self.part(said)
        if len(told["inputs"]) == 1:
            return [name]
        # A metric that is a ratio has two columns without names of their own.
        return [_("%(name)s, numerator") % {"name": name}, _("%(name)s, divisor") % {"name": name}]

    def part(self, said: Mapping) -> str:
        """The name of a sum or a metric."""
        if METRIC in said:
            metric = self.words.vocabulary.metrics.get(said[METRIC])
            return localised(metric.label if metric else None, self.words.language) or said[METRIC]
        words = [self._field(said), self._when(said.get("facts", self.facts))]
        return pgettext("joins a figure and its time", ", ").join(filter(None, words))

    def _field(self, said):
        """A summed field by what its column is called, and whose it is unless that is ranked."""
        source = SOURCES[f"{said['of']}_hours"]
        field, model = source.fields[said[SUM]], source.model(said["of"])
        name = str(model._meta.get_field(field.path).verbose_name)
        if field.minus:
            less = model._meta.get_field(field.minus).verbose_name
            name = _("%(amount)s less %(other)s") % {"amount": name, "other": less}
        if said["of"] == self.unit:
            return name
        whose = {"seller": _("%(figure)s of the shop"), "item": _("%(figure)s of the items")}
        return whose[said["of"]] % {"figure": name}

    def _when(self, facts):
        if facts == HOURLY:
            return _("previous hour")
        if facts == DAILY:
            return _("previous day")
        if not facts:
            return ""
        ((form, code),) = facts.items()
        texts = {
            MILESTONE: _("during “%(milestone)s”"),
            BEFORE: _("before “%(milestone)s”"),
            SINCE: _("since “%(milestone)s” began"),
        }
        return texts[form] % {"milestone": self.words.milestones.get(code, code)}

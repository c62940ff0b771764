"""Moves every figure of the library's rulebooks that a built rule fixes, and asks the tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.ledger.figures import Figure, figures, moves
from tests.ledger.sessions import Answer, Job, Sessions

LIBRARY = Path(__file__).parents[2] / "campaigns" / "rulebooks" / "library"


@dataclass(frozen=True)
class Rulebook:
    """A library rulebook, and the variable by which its tests take a copy of it instead."""

    path: Path
    text: str
    figures: list[Figure]

    @property
    def document(self) -> str:
        """The document of the ledger whose rules its rows name: "D12" of double12_2015.yaml."""
        named = min(id for figure in self.figures for id in figure.rules)
        return named.partition("-")[0]

    @property
    def variable(self) -> str:
        """Such as D12_RULEBOOK."""
        return f"{self.document}_RULEBOOK"


@dataclass(frozen=True)
class Move:
    """One figure of a rulebook moved by one unit."""

    rulebook: Rulebook
    figure: Figure
    new: str

    def __str__(self) -> str:
        figure = self.figure
        rules = " ".join(sorted(figure.rules))
        return (
            f"{self.rulebook.path.name}:{figure.line} {figure.place}: "
            f"{figure.text} → {self.new} ({rules})"
        )


def library() -> list[Rulebook]:
    """The rulebooks that come with Paddock."""
    return [open_rulebook(path) for path in sorted(LIBRARY.glob("*.yaml"))]


def open_rulebook(path: Path) -> Rulebook:
    """A rulebook's text and figures."""
    text = path.read_text("utf-8")
    return Rulebook(path, text, figures(text))


def moves_of(rulebook: Rulebook, ids: set[str]) -> list[Move]:
    """The moves of every figure, not by example, of rows that name one of the rules."""
    return [
        Move(rulebook, figure, new)
        for figure in rulebook.figures
        if not figure.is_example and figure.rules & ids
        for new in moves(figure.text)
    ]


class Trial:
    """The moves of one rulebook, tried in sessions of its tests."""

    def __init__(self, rulebook: Rulebook, tests: dict[str, list[str]], folder: Path):
        self.rulebook = rulebook
        self.tests = tests
        self.folder = folder
        self.seconds: dict[str, float] = {}
        self.control = folder / f"{rulebook.path.stem}.yaml"
        self.control.write_text(rulebook.text, "utf-8")

    def files(self, moves: list[Move]) -> list[str]:
        """The test files that the moves need."""
        found = {test.partition("::")[0] for move in moves for test in self._tests(move)}
        return sorted(found)

    def failing_unmoved(self, sessions: Sessions, moves: list[Move]) -> dict[str, str]:
        """Tests that fail under the rulebook as it is, with their errors; notes how long each
        takes, so that later the quick ones come first."""
        tests = sorted({test for move in moves for test in self._tests(move)})
        jobs = [
            Job(number, (test,), self.rulebook.variable, str(self.control))
            for number, test in enumerate(tests)
        ]
        failing = {}
        for answer in sessions.do(jobs):
            self.seconds |= answer.seconds
            if answer.failed:
                failing[answer.failed] = answer.error
        return failing

    def results(self, sessions: Sessions, moves: list[Move]) -> Iterator[tuple[Move, Answer]]:
        """The moves with what became of each, as they come in."""
        for answer in sessions.do([self._job(number, move) for number, move in enumerate(moves)]):
            self._moved(answer.number).unlink()
            yield moves[answer.number], answer

    def _job(self, number: int, move: Move) -> Job:
        self._moved(number).write_text(move.figure.within(self.rulebook.text, move.new), "utf-8")
        tests = sorted(self._tests(move), key=lambda test: self.seconds.get(test, 0.0))
        variable = self.rulebook.variable
        return Job(number, tuple(tests), variable, str(self._moved(number)), str(self.control))

    def _moved(self, number: int) -> Path:
        return self.folder / f"{self.rulebook.path.stem}_{number}.yaml"

    def _tests(self, move: Move) -> set[str]:
        return {test for id in move.figure.rules for test in self.tests.get(id, [])}

"""What is wrong in a rulebook, where, and what was expected there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from django.utils.translation import gettext as _

Path = tuple


@dataclass(frozen=True)
class Problem:
    """``path`` as a tuple of keys and indices; ``line`` in the file, None without a file."""

    path: Path
    message: str
    line: int | None = None

    @property
    def place(self) -> str:
        """The path as an operator reads it: ``requirements[3].require.all[1]``."""
        return path_text(self.path)

    def __str__(self):
        place = self.place
        if self.line is not None:
            line = _("line %(line)d") % {"line": self.line}
            place = f"{line}, {place}" if place else line
        return f"{place}: {self.message}" if place else self.message


class RulebookErrors(ValueError):
    """A rulebook that cannot be taken; ``problems`` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def path_text(path: Path) -> str:
    """``("requirements", 3, "require")`` as ``requirements[3].require``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def path_of(text: str) -> Path:
    """The opposite of ``path_text``."""
    parts = []
    for word in text.split("."):
        name, *indices = word.split("[")
        if name:
            parts.append(name)
        parts.extend(int(index.rstrip("]")) for index in indices)
    return tuple(parts)


def did_you_mean(word, known: Iterable[str]) -> str:
    """``"; did you mean “close”?"``, or ``""`` where nothing is close."""
    known = list(known)
    swapped = [other for other in known if sorted(other) == sorted(str(word))]
    close = swapped or get_close_matches(str(word), known, n=1)
    return _("; did you mean “%(close)s”?") % {"close": close[0]} if close else ""


def with_lines(problems: Iterable[Problem], lines: dict[Path, int]) -> list[Problem]:
    """The problems with their lines, in the order of the file; a path that the file does not have
    takes the line of the nearest one above it."""
    placed = []
    for problem in dict.fromkeys(problems):
        path = problem.path
        while path and path not in lines:
            path = path[:-1]
        placed.append(replace(problem, line=problem.line or lines.get(path)))
    return sorted(placed, key=lambda problem: problem.line or 0)

"""Count the rules that tests show, and move every figure of a rulebook by its last unit.

    python -m tests.ledger [id or document …] [--count] [--jobs N]

First the rules that docs/rules.md lists as built, by document: each needs a test that is marked
with it. Then the figures of the library's rulebooks: one that a built rule fixes is moved down and
up by the last unit that is printed of it, and at least one test of that rule must fail under the
moved rulebook, and pass again under the rulebook as it is. A moved rulebook that is refused when
loading counts as noticed, since the rulebook as it is loads. Ends with 1 if a built rule has no
test or a move goes unnoticed.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.ledger.moving import Move, Rulebook, Trial, library, moves_of
from tests.ledger.rules import PAGE, Rule, chosen, read_rules
from tests.ledger.sessions import Sessions, collect_apart

# The error of a test whose world cannot load its rulebook.
REFUSED = "RulebookErrors"


def say(text: str = "") -> None:
    """A line of output, at once."""
    print(text, flush=True)  # noqa: T201


def counted(rules: dict[str, Rule], tests: dict[str, list[str]]) -> list[str]:
    """Print the rules by document; the built ones without a test."""
    say("document  rules  built  shown  open")
    by_document = {rule.document: None for rule in rules.values()}
    for document in by_document:
        here = [rule for rule in rules.values() if rule.document == document]
        built = [rule for rule in here if rule.is_built]
        shown = [rule for rule in here if rule.id in tests]
        left = len(here) - len(built)
        say(f"{document:8}  {len(here):5}  {len(built):5}  {len(shown):5}  {left:4}")
    ahead = [rule.id for rule in rules.values() if not rule.is_built and rule.id in tests]
    if ahead:
        say(f"\nOpen, though a test shows a part of it: {', '.join(ahead)}")
    missing = [rule.id for rule in rules.values() if rule.is_built and rule.id not in tests]
    if missing:
        say(f"\nBUILT WITHOUT A TEST: {', '.join(missing)}")
    return missing


def not_moved(rulebook: Rulebook, rules: dict[str, Rule]) -> None:
    """Print the figures that stay where they are though their rules are chosen, and why."""
    examples = [
        figure
        for figure in rulebook.figures
        if figure.is_example and (not figure.rules or figure.rules & set(rules))
    ]
    if examples:
        say(f"\nNot moved, example configuration of {rulebook.path.name}:")
    for figure in examples:
        say(f"  line {figure.line}: {figure.place} = {figure.text}")
    left = Counter(
        " ".join(sorted(figure.rules))
        for figure in rulebook.figures
        if not figure.is_example and figure.rules & set(rules)
        if not any(id in rules and rules[id].is_built for id in figure.rules)
    )
    for ids, count in left.items():
        say(f"Not moved, open: {count} of {ids}")


def stray(rulebook: Rulebook) -> list[str]:
    """Print the figures that name no rule and are no example; their places."""
    found = [figure for figure in rulebook.figures if not figure.rules and not figure.is_example]
    for figure in found:
        say(f"NO RULE NAMED: {rulebook.path.name}:{figure.line} {figure.place} = {figure.text}")
    return [figure.place for figure in found]


def tried(trial: Trial, moves: list[Move], jobs: int) -> list[str]:
    """Try moves with a line of progress; what is wrong, a line each."""
    wrong, began = [], time.monotonic()
    with Sessions(count=jobs, files=trial.files(moves), folder=trial.folder) as sessions:
        failing = trial.failing_unmoved(sessions, moves)
        if failing:
            return [f"fails unmoved: {test}: {error}" for test, error in failing.items()]
        say(f"{len(trial.seconds)} tests pass unmoved, {time.monotonic() - began:.0f} s")
        for done, (move, answer) in enumerate(trial.results(sessions, moves), 1):
            if answer.failed and answer.passes_unmoved and REFUSED in answer.error:
                said = "refused when loading (as it is, it loads)"
            elif answer.failed and answer.passes_unmoved:
                said = f"noticed by {answer.failed.rpartition('/')[2]}"
            else:
                after = "; fails unmoved too" if answer.failed else ""
                said = f"NOT NOTICED{after}"
                wrong.append(f"not noticed: {move}")
            say(f"[{done}/{len(moves)} {time.monotonic() - began:.0f} s] {move}: {said}")
    return wrong


def main(words: list[str], *, count_only: bool, jobs: int) -> int:
    """Do it all; the exit code."""
    rules = chosen(read_rules(PAGE.read_text("utf-8")), words)
    built = {rule.id for rule in rules.values() if rule.is_built}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tests = collect_apart(["tests"], folder)
        wrong = [f"no test: {id}" for id in counted(rules, tests)]
        unknown = sorted(set(tests) - set(read_rules(PAGE.read_text("utf-8"))))
        wrong += [f"a test is marked with an unknown rule: {id}" for id in unknown]
        for rulebook in library():
            if count_only or rulebook.document not in {rule.document for rule in rules.values()}:
                continue
            not_moved(rulebook, rules)
            wrong += [f"names no rule: {place}" for place in stray(rulebook)]
            moves = moves_of(rulebook, built & set(tests))
            say(f"\n{rulebook.path.name}: {len(moves)} moves of {len(moves) // 2} figures")
            if moves:
                wrong += tried(Trial(rulebook, tests, folder), moves, jobs)
    say()
    for line in wrong:
        say(line)
    say(f"{len(wrong)} to put right" if wrong else "All built rules are shown; nothing missed.")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.ledger", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="id or document")
    parser.add_argument("--count", action="store_true", help="only count, move nothing")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    options = parser.parse_args()
    sys.exit(main(options.words, count_only=options.count, jobs=options.jobs))

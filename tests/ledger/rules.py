"""The ledger's rules as docs/rules.md lists them."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
ROW = re.compile(r"^\| (?P<id>[A-Z0-9]+-[0-9]{3}) \| (?P<kind>[HSCI]) \| .+ \| (?P<where>.+) \|$")


@dataclass(frozen=True)
class Rule:
    """One rule: its id, its type (H, S, C or I), and whether Paddock serves it yet."""

    id: str
    kind: str
    is_built: bool

    @property
    def document(self) -> str:
        """The rulebook it is from: "D12" of D12-059."""
        return self.id.partition("-")[0]


def read_rules(text: str) -> dict[str, Rule]:
    """The rules of a page's tables by id, in the page's order. Raises ValueError on an id twice."""
    rules = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if row is None:
            continue
        rule = Rule(row["id"], row["kind"], row["where"].startswith("built"))
        if rule.id in rules:
            raise ValueError(f"{rule.id} is listed twice")
        rules[rule.id] = rule
    return rules


def chosen(rules: dict[str, Rule], words: list[str]) -> dict[str, Rule]:
    """The rules that the words (ids or documents) name, all without a word.

    Raises ValueError for a word that names none.
    """
    found = {}
    for word in words:
        named = {id: rule for id, rule in rules.items() if word.upper() in (id, rule.document)}
        if not named:
            raise ValueError(f"no rule and no document is called “{word}”")
        found |= named
    return found if words else dict(rules)

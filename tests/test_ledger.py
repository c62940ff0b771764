"""The tool that counts rules and moves figures."""

import pytest

from tests.ledger.__main__ import stray
from tests.ledger.figures import figures, moves
from tests.ledger.marks import Collector
from tests.ledger.moving import library, moves_of, open_rulebook
from tests.ledger.rules import PAGE, Rule, chosen, read_rules

TEXT = """\
schema: 1
campaign: {code: x1, breaker_share: 0.20, example: true}
milestones:
  - code: live
    title: {en: Live 5, zh-hans: 正式 5}
    starts: 2023-05-16 20:00:00
    ref: X-001 X-002
tables:
  - code: limits
    default: 48
    rows:
      - {keys: [{from: 1, to: 4}, null], value: 24, ref: X-003, example: true}
      - {keys: [正式, true], value: 168}
    ref: X-004
"""


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("3", ["2", "4"]),
        ("0", ["-1", "1"]),
        ("600", ["599", "601"]),
        ("88.00", ["87.99", "88.01"]),
        ("0.9", ["0.8", "1.0"]),
        ("0.0001", ["0.0000", "0.0002"]),
        ("2023-05-16 20:00:00", ["2023-05-16 19:59:59", "2023-05-16 20:00:01"]),
        ("2023-05-16 20:00", ["2023-05-16 19:59", "2023-05-16 20:01"]),
        ("2023-03-01", ["2023-02-28", "2023-03-02"]),
        ("-2h", ["-121m", "-119m"]),
        ("+30m", ["+29m", "+31m"]),
        ("1d12h", ["+2159m", "+2161m"]),
        ("G520-001", []),
        ("5 May", []),
        ("+", []),
        ("", []),
    ],
)
def test_a_figure_moves_by_the_last_unit_printed(text, moved):
    assert moves(text) == moved


def test_figures_are_found_with_the_rules_of_the_innermost_row():
    found = [(f.line, f.place, f.text, sorted(f.rules), f.is_example) for f in figures(TEXT)]

    assert found == [
        (2, "campaign.breaker_share", "0.20", [], True),
        (6, "milestones.live.starts", "2023-05-16 20:00:00", ["X-001", "X-002"], False),
        (10, "tables.limits.default", "48", ["X-004"], False),
        (12, "tables.limits.rows.0.keys.0.from", "1", ["X-003"], True),
        (12, "tables.limits.rows.0.keys.0.to", "4", ["X-003"], True),
        (12, "tables.limits.rows.0.value", "24", ["X-003"], True),
        (13, "tables.limits.rows.1.value", "168", ["X-004"], False),
    ]


def test_a_moved_text_differs_in_the_figure_alone():
    last = figures(TEXT)[-1]

    assert last.within(TEXT, "169") == TEXT.replace("168", "169")


def test_rules_are_read_from_the_page_and_chosen_by_id_or_document():
    page = "| X-001 | H | Some | built: here |\n| Y-002 | S | Other | open |\nno row\n"

    rules = read_rules(page)

    assert rules == {"X-001": Rule("X-001", "H", True), "Y-002": Rule("Y-002", "S", False)}
    assert list(chosen(rules, [])) == ["X-001", "Y-002"]
    assert list(chosen(rules, ["y"])) == list(chosen(rules, ["Y-002"])) == ["Y-002"]
    with pytest.raises(ValueError, match="Z-1"):
        chosen(rules, ["Z-1"])
    with pytest.raises(ValueError, match="X-001 is listed twice"):
        read_rules(page + page)


def test_the_page_lists_every_rule_of_the_ledger():
    rules = read_rules(PAGE.read_text("utf-8")).values()

    counts = {}
    for rule in rules:
        counts.setdefault(rule.document, []).append(int(rule.id.rpartition("-")[2]))
    assert {document: len(numbers) for document, numbers in counts.items()} == {
        "GMV": 26, "D12": 150, "G520": 62, "B2B": 63, "LIVE": 58,
    }  # fmt: skip
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in counts.values())
    kinds = [rule.kind for rule in rules]
    assert {kind: kinds.count(kind) for kind in "HSCI"} == {"H": 282, "S": 34, "C": 36, "I": 7}


class Item:
    def __init__(self, nodeid, *marks):
        self.nodeid = nodeid
        self.marks = marks

    def iter_markers(self, name):
        return [mark.mark for mark in self.marks if mark.mark.name == name]


def test_marks_are_collected_by_id():
    collector = Collector()

    collector.pytest_itemcollected(Item("a", pytest.mark.rule("X-001", "X-002"), pytest.mark.heavy))
    collector.pytest_itemcollected(Item("b", pytest.mark.rule("X-001"), pytest.mark.rule("X-001")))
    collector.pytest_itemcollected(Item("c"))

    assert collector.tests == {"X-001": ["a", "b"], "X-002": ["a"]}


def test_moves_are_those_of_the_chosen_rules_without_examples(tmp_path):
    path = tmp_path / "x_2023.yaml"
    path.write_text(TEXT, "utf-8")

    rulebook = open_rulebook(path)

    assert rulebook.variable == "X_RULEBOOK"
    assert [(move.figure.line, move.new) for move in moves_of(rulebook, {"X-002", "X-003"})] == [
        (6, "2023-05-16 19:59:59"),
        (6, "2023-05-16 20:00:01"),
    ]
    assert [str(move) for move in moves_of(rulebook, {"X-004"})][-1] == (
        "x_2023.yaml:13 tables.limits.rows.1.value: 168 → 169 (X-004)"
    )


def test_every_figure_of_the_library_names_a_rule_or_is_an_example():
    rulebooks = library()

    assert {rulebook.path.name: rulebook.document for rulebook in rulebooks} == {
        "double12_2015.yaml": "D12",
        "g520_2023.yaml": "G520",
    }
    for rulebook in rulebooks:
        assert rulebook.figures
        assert stray(rulebook) == []

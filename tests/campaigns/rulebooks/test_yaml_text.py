"""Nothing of a file is lost or guessed."""

from decimal import Decimal

import pytest

from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.problems import RulebookErrors


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05", Decimal("0.05")),
        ("0.050", Decimal("0.050")),
        ("-1.5", Decimal("-1.5")),
        ("12", 12),
        ("-7", -7),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        # Everything else is text: no dates, no base 60, no octal, no country that means false.
        ("2023-05-16 20:00:00", "2023-05-16 20:00:00"),
        ("20:00:00", "20:00:00"),
        ("0123", "0123"),
        ("1e5", "1e5"),
        (".5", ".5"),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("'0.05'", "0.05"),
        ('"12"', "12"),
    ],
)
def test_a_scalar_is_what_it_says(text, value):
    read = yaml_text.read(f"key: {text}\n").data["key"]
    assert (type(read), str(read)) == (type(value), str(value))
    again = yaml_text.read(yaml_text.write({"key": read})).data["key"]
    assert (type(again), str(again)) == (type(value), str(value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4, b.c: “c” is here twice"),
        (
            "a: &x {b: 1}\nc: *x\n",
            "line 1, c: anchors and aliases are not used here; write it out",
        ),
        (
            "a: !!python/object:os.system x\n",
            "line 1, a: tags such as tag:yaml.org,2002:python/object:os.system are not used",
        ),
        ("", "line 1: the file is empty"),
        ("# nothing\n", "line 1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "line 2: not readable as YAML: expected a single document"),
        ("a: [1\nb: 2\n", "line 2: not readable as YAML: while parsing a flow sequence"),
        ("? [a]\n: 1\n", "line 1: expected a word as key"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(text, problem):
    with pytest.raises(RulebookErrors) as caught:
        yaml_text.read(text)
    assert [str(found)[: len(problem)] for found in caught.value.problems] == [problem]


def test_a_page_of_nested_aliases_is_refused_at_once():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    with pytest.raises(RulebookErrors):
        yaml_text.read("\n".join(levels))


def test_every_path_has_its_line():
    document = yaml_text.read("a: 1\nrows:\n  - code: x\n    keys: [1, 2]\n  - code: y\n")
    assert document.lines[("rows", 1, "code")] == 5
    assert document.lines[("rows", 0, "keys", 1)] == 4


def test_a_written_file_reads_well():
    data = {
        "schema": 1,
        "campaign": {"code": "a", "title": {"en": "Gifts", "zh-hans": "礼遇季"}},
        "rows": [{"code": "x", "share": Decimal("0.50"), "tree": ["m.x", ">=", 1], "on": "no"}],
    }
    assert yaml_text.write(data) == (
        "schema: 1\n"
        "\n"
        "campaign:\n"
        "  code: a\n"
        "  title: {en: Gifts, zh-hans: 礼遇季}\n"
        "\n"
        "rows:\n"
        "  - code: x\n"
        "    share: 0.50\n"
        "    tree: [m.x, '>=', 1]\n"
        "    'on': 'no'\n"
    )

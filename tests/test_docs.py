"""The guides name buttons, pages and lists by what is written on them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# What the sources have translated: ``_("…")`` and the like, and the tag of templates.
IN_CODE = re.compile(r"""(?:\b_|gettext|gettext_lazy)\(\s*"((?:[^"\\]|\\.)+)"\s*[,)]""")
IN_TEMPLATES = re.compile(r"""translate (?:"([^"]+)"|'([^']+)')""")
BOLD = re.compile(r"\*\*([^*]+?)\*\*")
ITALIC = re.compile(r"(?<![*\w])\*([^*]+?)\*(?!\*)")


@pytest.fixture(scope="module")
def labels():
    found = set()
    for folder in ("campaigns", "sellers", "config", "rewards", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix == ".py":
                found.update(IN_CODE.findall(path.read_text("utf-8")))
            elif path.suffix == ".html":
                pairs = IN_TEMPLATES.findall(path.read_text("utf-8"))
                found.update(one or other for one, other in pairs)
    return found


def named(guide, pattern):
    text = (ROOT / "docs" / guide).read_text("utf-8")
    return {" ".join(name.split()) for name in pattern.findall(text)}


@pytest.mark.parametrize("guide", ["operating.md", "selling.md"])
def test_what_is_in_bold_is_written_so_on_the_pages(guide, labels):
    """But for the headings of paragraphs, which end with a full stop."""
    names = {name for name in named(guide, BOLD) if not name.endswith(".")}
    assert len(names) >= 10
    assert names - labels == set()


@pytest.mark.parametrize("guide", ["operating.md", "selling.md"])
def test_lists_are_called_what_the_pages_call_them(guide, labels):
    names = {name.lower() for name in named(guide, ITALIC)}
    assert names
    assert names - {label.lower() for label in labels} == set()

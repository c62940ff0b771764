"""The sections that make up a rulebook in this installation."""

from collections.abc import Iterable

from campaigns.rulebooks.section import Section

_sections: dict[str, Section] = {}


def compose(sections: Iterable[Section]) -> None:
    """Set the sections, in the order of the file. ``config`` calls this once, at the start.

    Raises ValueError for two sections with one key.
    """
    composed = {}
    for section in sections:
        if composed.setdefault(section.key, section) is not section:
            raise ValueError(f"two sections of a rulebook are called {section.key!r}")
    _sections.clear()
    _sections.update(composed)


def sections() -> list[Section]:
    """Every section, in the order of the file."""
    return list(_sections.values())


def section(key: str) -> Section:
    """The section of that key; raises KeyError."""
    return _sections[key]

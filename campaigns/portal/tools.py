"""The promotion tools that an entry may have bound."""

from dataclasses import dataclass

from campaigns.models import Promotion, RulebookVersion
from campaigns.portal.evidence import TOOLS
from campaigns.templatetags.figures import localised


@dataclass(frozen=True)
class Tool:
    """A tool's code and title; ``demanded`` if some requirement asks for it."""

    code: str
    title: str
    demanded: bool


def tools_of(version: RulebookVersion) -> list[Tool]:
    """The version's mandatory promotions, and whatever else its requirements ask of the tools."""
    demanded = {}
    for tree in version.requirement_set.values_list("require", flat=True):
        demanded |= dict.fromkeys(_asked(tree))
    titles = {
        row.code: localised(row.title) or row.code
        for row in version.promotion_set.filter(
            kind=Promotion.Kind.MANDATORY, level=Promotion.Level.ENTRY
        )
    }
    codes = dict.fromkeys([*titles, *demanded])
    return [Tool(code, titles.get(code, code), code in demanded) for code in codes]


def _asked(tree):
    """The codes that a condition tree wants among the tools."""
    if isinstance(tree, list):
        if len(tree) == 3 and tree[0] == TOOLS and tree[1] == "contains":
            yield tree[2]
        return
    for part in tree.values():
        for branch in part if isinstance(part, list) and not _is_leaf(part) else [part]:
            if isinstance(branch, list | dict):
                yield from _asked(branch)


def _is_leaf(part):
    return bool(part) and isinstance(part[0], str)

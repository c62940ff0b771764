"""The category tree, for conditions that name a category and mean its descendants too."""

from dataclasses import dataclass
from functools import cached_property

from sellers.models import Category


@dataclass(frozen=True)
class CategoryTree:
    """Ids and paths by code. A marketplace has thousands of categories, not millions."""

    paths: dict

    @classmethod
    def load(cls):
        """Read every category, one query."""
        rows = Category.objects.values_list("code", "id", "path")
        return cls({code: (pk, path) for code, pk, path in rows})

    def descendants(self, codes) -> list[int]:
        """Ids of the named categories and all below them, sorted; unknown codes add nothing."""
        named = tuple(codes)
        if named not in self._below:
            roots = tuple(self.paths[code][1] for code in named if code in self.paths)
            self._below[named] = sorted(
                pk for pk, path in self.paths.values() if roots and path.startswith(roots)
            )
        return self._below[named]

    @cached_property
    def _below(self) -> dict[tuple, list[int]]:
        """What was asked for before: a table's rows are, once for every query that looks it up."""
        return {}

    def values(self, table) -> dict[int, str] | None:
        """The value that a table of one key, a category, has for each category (id) that a row
        matches; of several rows the deepest, then the first. None if a row asks otherwise."""
        if table.code not in self._tables:
            self._tables[table.code] = self._values(table)
        return self._tables[table.code]

    def _values(self, table):
        keys = [(row, row.keys[0]) for row in table.rows]
        if any(key is None or isinstance(key, dict) for _row, key in keys):
            return None
        keys = [(row, key if isinstance(key, list | tuple) else [key]) for row, key in keys]
        found = {}
        for row, codes in sorted(keys, key=lambda pair: -max(map(self.depth, pair[1]), default=-1)):
            for pk in self.descendants(codes):
                found.setdefault(pk, row.value)
        return found

    @cached_property
    def _tables(self) -> dict:
        """What was worked out of tables before; a tree is read for one version."""
        return {}

    def depth(self, code) -> int:
        """Levels below the root; 0 for an unknown code."""
        return self.paths[code][1].count("/") if code in self.paths else 0


class Trees:
    """The category tree for those who may not need it: read once, when it is first asked for."""

    @cached_property
    def tree(self) -> CategoryTree:
        """The tree as it was then."""
        return CategoryTree.load()

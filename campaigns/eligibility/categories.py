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
        roots = [self.paths[code][1] for code in codes if code in self.paths]
        return sorted(
            pk for pk, path in self.paths.values() if any(path.startswith(root) for root in roots)
        )

    def depth(self, code) -> int:
        """Levels below the root; 0 for an unknown code."""
        return self.paths[code][1].count("/") if code in self.paths else 0


class Trees:
    """The category tree for those who may not need it: read once, when it is first asked for."""

    @cached_property
    def tree(self) -> CategoryTree:
        """The tree as it was then."""
        return CategoryTree.load()

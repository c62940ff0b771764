"""Which branch of a Double 12 a marketplace's categories belong to, and the operators' own figures.

The library's rulebook leaves these open and marks what it has instead as examples (D12-056, 060,
061, 082); a marketplace puts its own there before it publishes.
"""

from dataclasses import dataclass

# Branches of the library's rulebook that have a presale branch of the same name.
WITHOUT_PRESALE = {"virtual_life", "global_buys"}


@dataclass(frozen=True)
class Own:
    """A marketplace's own values: the branch of each category, lists, standards by branch.

    `stock` and `sales` are units asked of every branch; `operating` and `service` are the scores
    that invited shops need.
    """

    branches: dict[str, str]
    volatile: tuple[str, ...]
    stock_exempt: tuple[str, ...]
    womens: tuple[str, ...]
    stock: int
    sales: int
    operating: str
    service: str

    def branch(self, category: str) -> str:
        """Return the industry branch of a category."""
        return self.branches.get(category, "household")

    def presale(self, category: str) -> str:
        """Return the presale branch of a category."""
        branch = self.branch(category)
        return "presale_made_to_order" if branch in WITHOUT_PRESALE else f"presale_{branch}"

"""The kinds of feeds by name."""

from sellers.feeds.carts import Carts
from sellers.feeds.categories import Categories
from sellers.feeds.description import Feed
from sellers.feeds.facts import Facts
from sellers.feeds.items import Items
from sellers.feeds.list_prices import ListPrices
from sellers.feeds.orders import Orders
from sellers.feeds.parallel_prices import ParallelPrices
from sellers.feeds.qualifications import Qualifications
from sellers.feeds.sellers import Sellers
from sellers.feeds.violations import Violations

KINDS: dict[str, type[Feed]] = {
    feed.kind: feed
    for feed in (
        Categories,
        Sellers,
        Items,
        ListPrices,
        ParallelPrices,
        Qualifications,
        Violations,
        Facts,
        Orders,
        Carts,
    )
}


def feed_of(kind: str) -> Feed:
    """The feed of that kind; raises LookupError."""
    try:
        return KINDS[kind]()
    except KeyError:
        raise LookupError(kind) from None

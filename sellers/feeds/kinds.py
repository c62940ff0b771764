"""The kinds of feeds by name."""

from sellers.feeds.categories import Categories
from sellers.feeds.description import Feed
from sellers.feeds.items import Items
from sellers.feeds.sellers import Sellers

KINDS: dict[str, type[Feed]] = {feed.kind: feed for feed in (Categories, Sellers, Items)}


def feed_of(kind: str) -> Feed:
    """The feed of that kind; raises LookupError."""
    try:
        return KINDS[kind]()
    except KeyError:
        raise LookupError(kind) from None

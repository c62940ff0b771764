"""Prices in other official channels, such as group-buy."""

from sellers.feeds.description import KNOWN_COLUMN, columns_of
from sellers.feeds.list_prices import ENDS, ITEM, PRICE, STARTS, SpansOfPrices
from sellers.models import ParallelPrice

CHANNEL = columns_of(ParallelPrice, "channel")[0].as_needed()


class ParallelPrices(SpansOfPrices):
    """One line per item, channel and start."""

    kind = "parallel_prices"
    model, there, keys = ParallelPrice, "item__parallel_prices", (ITEM, CHANNEL, STARTS)
    columns = (ITEM, CHANNEL, PRICE, STARTS, ENDS, KNOWN_COLUMN)

"""The staff's view of sellers, items, facts and feeds."""

from sellers.admin import account, feed, item, seller

__all__ = ["account", "feed", "item", "seller"]

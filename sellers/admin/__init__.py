"""The staff's view of sellers, items, facts and feeds."""

from sellers.admin import account, feed, item, sanction, seller

__all__ = ["account", "feed", "item", "sanction", "seller"]

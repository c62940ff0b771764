"""Who takes part, and what is known of them."""

from sellers.models.account import Membership, User
from sellers.models.facts import (
    FactChange,
    FactDefinition,
    FactSet,
    ItemSlots,
    SellerSlots,
    SubjectKind,
    TrackedFact,
)
from sellers.models.fed import FED_FIGURES, FedItemDay, FedSellerDay, FedSellerHour
from sellers.models.feed import ChangedSubject, FeedRun
from sellers.models.fields import ScaledDecimalField
from sellers.models.item import Category, Item, ListPrice, ParallelPrice
from sellers.models.sanction import Sanction, SanctionPolicy
from sellers.models.seller import Agency, LegalEntity, Qualification, Seller, Violation
from sellers.models.trade import (
    DirtyHour,
    ItemDay,
    ItemHour,
    Order,
    OrderLine,
    SellerDay,
    SellerHour,
)

__all__ = [
    "FED_FIGURES",
    "Agency",
    "Category",
    "ChangedSubject",
    "DirtyHour",
    "FactChange",
    "FactDefinition",
    "FactSet",
    "FedItemDay",
    "FedSellerDay",
    "FedSellerHour",
    "FeedRun",
    "Item",
    "ItemDay",
    "ItemHour",
    "ItemSlots",
    "LegalEntity",
    "ListPrice",
    "Membership",
    "Order",
    "OrderLine",
    "ParallelPrice",
    "Qualification",
    "Sanction",
    "SanctionPolicy",
    "ScaledDecimalField",
    "Seller",
    "SellerDay",
    "SellerHour",
    "SellerSlots",
    "SubjectKind",
    "TrackedFact",
    "User",
    "Violation",
]

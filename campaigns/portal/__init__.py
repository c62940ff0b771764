"""The seller pages: what a shop may join, its entries, and what it is told."""

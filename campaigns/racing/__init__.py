"""Racing: boards made by the hour or day, and who wins places by them (CAP-15..17)."""

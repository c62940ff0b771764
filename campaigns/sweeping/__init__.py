"""The re-check of live entries: evaluate all, look at the whole, then move."""

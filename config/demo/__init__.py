"""One real campaign lived through on a marketplace, for who wants to see the software at work."""

"""Measurements against the bars: ratios within one run, seconds beside them."""

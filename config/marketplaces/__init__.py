"""Marketplaces as folders of files, in the formats that every installation's feeds read."""

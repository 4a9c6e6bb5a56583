"""Locations of values in documents."""

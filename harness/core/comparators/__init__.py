"""Comparators: when two values of a field count as the same value."""

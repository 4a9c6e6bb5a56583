"""Reasons of errors in words: the names of causes, and why fields were misread."""

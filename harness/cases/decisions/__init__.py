"""Decisions about ground truth: the review logs, the case history they make, and truth files."""

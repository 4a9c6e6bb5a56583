"""Decisions about ground truth: the log of reviewers, what it adds up to, canonical truth files."""

"""Exports of a run: pull request comment, GitHub annotations, JUnit XML, rows of verdicts."""

"""Measures of a run beside its F1: effort, goals, confidence, focus, sums."""

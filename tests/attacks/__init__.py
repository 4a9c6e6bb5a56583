"""Flattering answers: what could be said to score without knowing, and the most each may get."""

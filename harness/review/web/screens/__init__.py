"""Screens as data: what the queue, a case and the board show."""

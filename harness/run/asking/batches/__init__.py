"""Batches of a run: rounds submitted to batch endpoints, and batch files handled by the user."""

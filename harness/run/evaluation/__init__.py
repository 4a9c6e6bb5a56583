"""Evaluation in Python: a corpus of truths and predictions in memory, scored in one call."""

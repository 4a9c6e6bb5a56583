"""Explanations: why a verdict is what it is, with rule, reading, pairing and evidence."""

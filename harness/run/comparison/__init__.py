"""The comparison of two runs: what changed, field by field, and what may be claimed of it."""

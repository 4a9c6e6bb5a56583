"""Error analysis of a run: errors found, explained, clustered, and what curing them would win."""

"""What goes wrong in a run: errors found, explained, clustered, and what curing them would win."""

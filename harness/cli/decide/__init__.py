"""Commands that decide between runs: compare and gate."""

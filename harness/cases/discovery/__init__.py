"""Finding cases: from a path on the command line to documents paired with their ground truth."""

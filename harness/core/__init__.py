"""What counts as what: values in, verdicts and counts out. No files, clock, network or threads."""

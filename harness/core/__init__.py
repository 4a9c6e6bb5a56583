"""The scorer: values in, verdicts and counts out. No files, clock, network or threads."""

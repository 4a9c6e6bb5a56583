"""Running a suite, and the run folder everything later is read from."""

"""Past runs: the index over run folders, its database, and finding the run someone means."""

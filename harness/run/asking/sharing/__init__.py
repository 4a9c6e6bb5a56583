"""Runs shared by several processes: leases on questions, and a board of answers."""

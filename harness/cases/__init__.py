"""Suites, documents and ground truth: strict reading, with every problem reported at once."""

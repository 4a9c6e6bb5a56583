"""Suites, documents and ground truth: reading them strictly, and saying all that is wrong."""

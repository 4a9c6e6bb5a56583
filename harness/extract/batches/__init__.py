"""Batch endpoints: requests in one file at a lower price, answered within a day."""

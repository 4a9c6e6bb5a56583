"""Scalar fields: two values are judged, and the verdict is written into the ledger."""

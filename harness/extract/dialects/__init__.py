"""Dialects of endpoints: how requests are written and responses read."""

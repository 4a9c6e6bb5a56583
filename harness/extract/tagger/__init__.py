"""Taggers: small models trained here that label lines or whole texts, and how they answer."""

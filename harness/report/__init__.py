"""Stored results made readable: HTML and terminal. Needs no documents and no model."""

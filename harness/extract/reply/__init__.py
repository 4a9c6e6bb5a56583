"""Parsing a model's reply: the JSON in it, refusals, and where each value stands."""

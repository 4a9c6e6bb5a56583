"""Extractors: anything that turns a case into an answer, and how their replies are read."""

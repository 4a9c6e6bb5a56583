"""Scores: verdicts added up by case, field, tag, class, convention and probability."""

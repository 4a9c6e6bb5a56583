"""Ensembles: the answers of several runs merged field by field, by their votes."""

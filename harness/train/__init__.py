"""Training: small models that label lines or texts, tested beside what a language model answers."""

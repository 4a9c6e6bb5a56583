"""Training of small models that label lines or texts, tested beside a language model's answers."""

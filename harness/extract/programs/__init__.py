"""User code as an extractor: a program's process or a Python function."""

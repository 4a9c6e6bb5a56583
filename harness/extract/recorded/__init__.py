"""Recorded answers as an extractor: a folder of replies or a JSONL file."""

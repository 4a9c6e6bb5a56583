"""Scoring files without a suite: truths and predictions in JSON, JSONL and folders."""

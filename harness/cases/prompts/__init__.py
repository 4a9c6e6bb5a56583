"""Prompts: reading, templates, field descriptions, few-shot examples, and instructions per case."""

"""Prompt improvement: diagnosis of errors, proposals of edits, and trials of them."""

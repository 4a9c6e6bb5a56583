"""Prompt versions and the ledger of what was tried on them."""

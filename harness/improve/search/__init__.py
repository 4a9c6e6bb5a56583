"""The search for a better prompt: session, steps in the ledger, and the sealed look at the end."""

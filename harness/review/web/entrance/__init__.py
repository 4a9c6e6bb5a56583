"""Who comes in: people, their sessions, and what they have open."""

"""Authentication: people, their sessions, and what they have open."""

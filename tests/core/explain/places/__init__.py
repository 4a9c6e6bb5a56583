"""Where values stand in documents."""

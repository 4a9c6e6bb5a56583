"""Places that answers state for their values, judged by where the values stand."""

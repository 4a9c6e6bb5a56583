"""Feedback for whoever edits a prompt: `TASK.md`, `feedback.json`, the gap to the target."""

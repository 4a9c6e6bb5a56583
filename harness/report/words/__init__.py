"""Words that all surfaces share: verdicts, gates, claims, the story of a run."""

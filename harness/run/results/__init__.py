"""The results of a run: `eval-results.json`, its records and figures, and scoring again."""

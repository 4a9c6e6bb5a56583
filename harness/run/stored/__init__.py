"""The shapes of stored documents: `run.json` and `eval-results.json`, every level of them."""

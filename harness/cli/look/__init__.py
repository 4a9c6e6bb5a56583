"""Commands that show what a run found: view, show, explain, history, export."""

"""Commands to start with: init, check, rules, run, score, and the options of a run."""

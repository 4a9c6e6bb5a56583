"""The suite file (`suite.yaml`): its keys, its settings, and the extractors it configures."""

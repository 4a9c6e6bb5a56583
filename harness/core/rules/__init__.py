"""Field rules: their settings, and which rule a field goes by."""

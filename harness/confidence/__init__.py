"""Confidence: thresholds that withhold values, what may be promised, and what to review first."""

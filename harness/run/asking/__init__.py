"""Asking: from a suite to predictions on disk, bounded, resumable, with progress."""

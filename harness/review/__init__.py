"""Ground-truth review: a suite with its decisions and runs, and what people decide about it."""

"""Entity matching: which entities of both sides are the same, references between them included."""

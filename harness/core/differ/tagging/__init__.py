"""Error tags: why a verdict is wrong, told from its two values, its neighbours and its rows."""

"""The comparison of two runs as an HTML page, as Markdown and as lines."""

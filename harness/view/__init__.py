"""Run folders in a browser: reports, what is at work, comparisons, pages. The server only reads."""

"""Tables: stored results as rows and columns, fitted into a window or written for programs."""

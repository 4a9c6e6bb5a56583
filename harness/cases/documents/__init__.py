"""One module a format: a file's bytes in, its text by page out."""

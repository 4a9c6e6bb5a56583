"""A local web server over run folders: reports, live progress, comparisons. It only reads."""
